/* atomic.h - the language: atomic blocks and the words that go with them.
 *
 * Compile with the plugin (`ame cc`, or clang-19 -fpass-plugin=libame-pass.so).
 * Without it a program with blocks fails to link, on a symbol that says so. */
#ifndef AME_ATOMIC_H
#define AME_ATOMIC_H

#ifdef __cplusplus
#error "ame: atomic blocks are for C; compile this file as C"
#endif

#include <ame/region.h>

#pragma GCC visibility push(default)

#define AME_JOIN_(a, b) a##b
#define AME_JOIN(a, b) AME_JOIN_(a, b)
#define AME_REGION_(begin, scope)                                                                  \
    for (int scope                                                                                 \
         __attribute__((cleanup(ame_region_end__compile_this_file_with_the_ame_plugin))) =         \
             begin##__compile_this_file_with_the_ame_plugin();                                     \
         scope; scope = 0)

/* atomic { ... }: runs the block as if alone in the program.
 *
 * Every way out commits: falling off the end, `return`, `goto`. Like the body
 * of a loop that runs once, the block takes `break` and `continue` to itself:
 * they end the block, not a loop around it. Blocks nest; an inner block is
 * part of the outer one. A block may call any function: one that was built with
 * the plugin runs transactionally, any other makes the block start again alone
 * (the serial path). Jumping into a block is not possible. */
#define atomic AME_REGION_(ame_region_begin, AME_JOIN(ame_scope_, __COUNTER__))

/* In a block, as a statement: undoes the innermost block around it, locals and allocations
 * included, and leaves it. Blocks around that one go on behind it. Only in the block's own text,
 * not in functions that it calls. After what can't be undone (ame_irrevocable() and the like) it
 * ends the program with a message. */
#define atomic_cancel() ame_region_cancel__compile_this_file_with_the_ame_plugin()

/* In a block, or in a function that blocks call: undoes the outermost block, sleeps until a commit
 * of another thread has changed something that the block has read or written, and runs it again. So
 * a block waits for a condition by testing it:
 *
 *     atomic {
 *         if (!count)
 *             atomic_retry();
 *         item = items[--count];
 *     }
 *
 * No wake-up is lost. Changes are seen by stripe (ame_orec_geometry), so others on the same 64
 * bytes wake the thread too, as does every block that has run what can't be undone; it then tests,
 * and sleeps again. Counts are read by ame_counter_read and ame_ref_read. Plain code outside blocks
 * wakes nobody, except by changing counts. A thread that sleeps is in no block, and can be
 * cancelled (pthread_cancel). While any thread sleeps, blocks run in software and not in hardware.
 * Ends the program with a message: outside a block; in a block that has read nothing; after what
 * can't be undone. */
#define atomic_retry() ame_retry()

/* atomic_either { ... } atomic_or_else { ... }: a block with two alternatives. Runs the first;
 * where that retries, undoes its effects only and runs the second. Where that retries too, the
 * block around them retries, and in the end the thread sleeps on all that both have read. Nests, on
 * either side: atomic_either { } atomic_or_else atomic_either { } atomic_or_else { } has three. */
#define atomic_either AME_EITHER_(AME_JOIN(ame_scope_, __COUNTER__))
#define AME_EITHER_(scope) AME_REGION_(ame_region_begin_either, scope) if (scope == 1)
#define atomic_or_else AME_PUSH_ else AME_POP_
#define AME_PUSH_                                                                                  \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wdangling-else\"")
#define AME_POP_ _Pragma("clang diagnostic pop")

/* On a field: it is written only before its object is shared. Blocks read it
 * without recording the read, so it costs what a plain load costs and never
 * conflicts. Writing it later is a bug that the runtime cannot see; hence only
 * some functions may write it: one that is an ame_constructor, and any other
 * only in a local variable, or through a local pointer to what it has itself
 * allocated (with malloc or another function that has the attribute `malloc` or
 * `alloc_size`). Elsewhere a write is an error.
 * The mark keeps the optimizer from work until the plugin takes it off: code that is compiled
 * without the plugin is faster with AME_PLAIN_CODE defined before this header. */
#ifdef AME_PLAIN_CODE
#define ame_immutable
#else
#define ame_immutable __attribute__((annotate("ame_immutable")))
#endif

/* On a function: it builds objects that no other thread has yet, or takes apart
 * what no other thread has any more, so it may write their ame_immutable fields. */
#define ame_constructor __attribute__((annotate("ame_constructor")))

/* On a function: it touches no memory that blocks share, so blocks call it as
 * it is. */
#define ame_pure __attribute__((annotate("ame_pure")))

/* On a function: a block that calls it must run on the serial path. */
#define ame_irrevocable_fn __attribute__((annotate("ame_irrevocable_fn")))

/* At file scope, ended by a semicolon: blocks that run in software call `replacement` where the
 * program calls `function`, be it through a pointer; on all other ways, and outside blocks, the
 * function itself is called. For functions of libraries that are not built with the plugin: the
 * replacement does the same in a way that can be undone. It is compiled with the plugin, or marked
 * ame_pure. Both have the same type. Holds in the files that see it. */
#define ame_replaces(function, replacement)                                                        \
    _Static_assert(__builtin_types_compatible_p(__typeof__(function), __typeof__(replacement)),    \
                   "ame_replaces: " #function " and " #replacement                                 \
                   " are functions of different types");                                           \
    static void (*const AME_JOIN(ame_replaces_, __COUNTER__)[2])(void)                             \
        __attribute__((used, annotate("ame_replaces"))) = {(void (*)(void))(function),             \
                                                           (void (*)(void))(replacement)}

/* On a function: blocks may call it without ever running alone. The compiler
 * refuses in it what makes a block serial: atomic operations, assembly that may
 * touch memory, ame_irrevocable(), and calls of functions that are not ame_safe
 * or ame_pure themselves, nor of those in the C library that blocks can run, nor
 * defined in the same file and safe as they are. In the file that defines main
 * it also says that blocks of other files call the function.
 * On a function pointer (a variable, a parameter, a field, a typedef): only such
 * functions are stored in it, so an ame_safe function may call through it. */
#define ame_safe __attribute__((annotate("ame_safe")))

/* In a block: from here on the block can't be undone, and no other block runs
 * until it ends. The block starts again on the serial path unless it is there
 * already, so effects before the call still happen once. Outside a block: no
 * effect. */
void ame_irrevocable(void);

/* In a block: calls function(argument) once the block has committed, outside it and in the order
 * asked for; not if the block is undone. The call may itself run blocks. Outside a block: at once.
 * For what can't be undone and need not happen yet: waking a thread, writing a line. */
void ame_on_commit(void (*function)(void *), void *argument);

/* In a block: calls function(argument) once if what the block has done so far is undone: by a
 * conflict, a cancel, a retry, the end of the thread. Outside blocks, after the undo, and for a
 * part of the block that is undone alone, after the whole block has ended; last one first. Each run
 * of the block asks anew. The call may itself run blocks. The block no longer runs in hardware.
 * Where it can't be undone, and outside blocks: no effect. `argument` may not lead to memory that
 * the block has allocated. */
void ame_on_abort(void (*function)(void *), void *argument);

/* What atomic_retry() calls. */
void ame_retry(void) __attribute__((__noreturn__));

#pragma GCC visibility pop
#endif
