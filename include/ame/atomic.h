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
#define AME_ATOMIC_(scope)                                                                         \
    for (int scope                                                                                 \
         __attribute__((cleanup(ame_region_end__compile_this_file_with_the_ame_plugin))) =         \
             ame_region_begin__compile_this_file_with_the_ame_plugin();                            \
         scope; scope = 0)

/* atomic { ... }: runs the block as if alone in the program.
 *
 * Every way out commits: falling off the end, `return`, `goto`. Like the body
 * of a loop that runs once, the block takes `break` and `continue` to itself:
 * they end the block, not a loop around it. Blocks nest; an inner block is
 * part of the outer one. A block may call any function: one that was built with
 * the plugin runs transactionally, any other makes the block start again alone
 * (the serial path). Jumping into a block is not possible. */
#define atomic AME_ATOMIC_(AME_JOIN(ame_scope_, __COUNTER__))

/* On a field: it is written only before its object is shared. Blocks read it
 * without recording the read, so it costs what a plain load costs and never
 * conflicts. Writing it later is a bug that the runtime cannot see; hence only
 * some functions may write it: one that is an ame_constructor, and any other
 * only in a local variable, or through a local pointer to what it has itself
 * allocated (with malloc or another function that has the attribute `malloc` or
 * `alloc_size`). Elsewhere a write is an error. */
#define ame_immutable __attribute__((annotate("ame_immutable")))

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
    _Static_assert(                                                                                \
        __builtin_types_compatible_p(__typeof__(function), __typeof__(replacement)),               \
        "ame_replaces: " #function " and " #replacement " are functions of different types");      \
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

#pragma GCC visibility pop
#endif
