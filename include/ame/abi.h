/* abi.h - what compiled code calls.
 *
 * Nobody writes these names by hand: the compiler plugin emits calls to them.
 * The list of barriers stands once, in abi.def, and both the plugin and the
 * runtime generate their side from it. A change of anything here changes
 * AME_ABI_VERSION, and with it the symbol that every compiled object refers to
 * (ame_abi_version_N), so that objects and a runtime which do not fit each
 * other fail at link time and not at run time. */
#ifndef AME_ABI_H
#define AME_ABI_H

#include <stddef.h>
#include <stdint.h>

/* These are the same in a program and in the shared objects that it loads. */
#pragma GCC visibility push(default)

#define AME_ABI_VERSION 10

#ifdef __cplusplus
extern "C" {
#define AME__NORETURN [[noreturn]]
#else
#define AME__NORETURN _Noreturn
#endif

/* One per atomic region, emitted by the plugin as a writable static object. */
struct ame_abi_block {
    void (*plain)(void *args); /* the body as written: hardware and serial path */
    void (*twin)(void *args);  /* the body with barriers: software path; NULL: serial only */
    const char *function;      /* the function that holds the region, or NULL */
    const char *file;          /* source file, or NULL without debug info */
    uint32_t line;             /* line of the word `atomic`, or 0 */
    uint32_t history;          /* the policy's memory of this block; 0 at start */
    const void *place;         /* a code address that names the block where file is NULL */
    uint32_t kind;             /* AME_ABI_BLOCK_* bits */
    uint32_t counters;         /* the recorder's memory of this block; 0 at start */
};

/* The block may be undone without the block around it: by ame_abi_cancel, by ame_abi_cancel_outer,
 * or by a retry in the first of its two alternatives. Only as its twin, with a log. */
enum {
    AME_ABI_BLOCK_CANCELS = 1,
    AME_ABI_BLOCK_OUTER = 2,
    AME_ABI_BLOCK_EITHER = 4,
    AME_ABI_BLOCK_CLOSED = 7 /* all these */
};

/* Of shared memory the twin reads at most one word, once, and it writes nothing and calls nobody.
 */
enum { AME_ABI_BLOCK_READS_ONE = 8 };

/* It writes no shared memory: a hint, for blocks of which that is known. */
enum { AME_ABI_BLOCK_WRITES_NOTHING = 16 };

/* A function and its transactional twin: same signature, accesses are barriers. */
struct ame_abi_twin {
    const void *original;
    const void *twin;
};

/* What every compiled object refers to. */
extern const char ame_abi_version_10;

/* Runs one block to its commit. `args` is the body's argument record: inputs are
 * read from it, results are stored to it at the body's end. Called inside a
 * block (flat nesting) it calls the body that fits the way the outer block runs. */
void ame_abi_run(struct ame_abi_block *block, void *args);

/* Makes a module's twins known to calls through pointers. `table` must stay
 * valid until ame_abi_unregister (called when a module is unloaded). */
void ame_abi_register(const struct ame_abi_twin *table, size_t count);
void ame_abi_unregister(const struct ame_abi_twin *table, size_t count);

/* The twin of a function called through a pointer. Where there is none the block
 * starts again on the serial path and the call does not return. */
const void *ame_abi_twin_of(const void *function);

/* The same for a function of another file that the block calls by its name. */
const void *ame_abi_twin_of_named(const void *function, const char *name);

/* The block needs the serial path from its start: `why` names the call or the
 * construct (a static string). Does not return in a software block. */
void ame_abi_serial(const char *why);

/* alloca() in a block, which must outlive the block's own frames: memory that is kept in
 * the list `*pieces` until the function that holds the block returns, and then
 * freed. Ends the program when there is no memory, as alloca() would. Both have
 * a twin, like functions of the C library. */
void *ame_abi_alloca(void **pieces, size_t size, size_t alignment);
void ame_abi_free_allocas(void **pieces);

/* In a software block, before setjmp(buffer): the block takes the buffer, which
 * setjmp writes behind the barriers' back, and may jump to it. */
void ame_abi_setjmp(void *buffer);

/* Undoes the innermost block of a kind, or the outermost one that is OUTER. Its body is then
 * called once more, and leaves without having done anything. Neither returns; misuse ends the
 * program with a message. */
AME__NORETURN void ame_abi_cancel(void);
AME__NORETURN void ame_abi_cancel_outer(void);

/* At the start of a body of a kind, why it is called: 1 to run it, 0 after a cancel, 2 to run its
 * second alternative. */
int ame_abi_entrance(void);

/* This module calls atomic_retry(): from now on blocks that run alone keep a log where they can. */
void ame_abi_retries(void);

/* What the fast path of a read needs, where the plugin puts it in line: the table of ownership
 * records, one 64-bit word for each stripe of 1 << AME_ABI_STRIPE_BITS bytes, and for each thread
 * fields at these offsets. The read is done if the record, before and after the load, is the
 * same and below the read limit, and the record's bit is set in the read set before the load. Where
 * it is not yet, the read sets it, and enters itself in the log: it stores its address and its
 * place to where AME_ABI_READS_NEXT points, which is then moved on by the size of an entry. It may
 * if that is below AME_ABI_READS_IN_LINE, and the address not in the range of fresh memory. In all
 * other cases ame_abi_slow_read_* is called. (See READ_BARRIER in runtime/stm/read.c.) The pointer
 * stays the same as long as an attempt to run a block lasts. */
enum {
    AME_ABI_STRIPE_BITS = 6,
    AME_ABI_OREC_BITS = 22,
    AME_ABI_READ_LIMIT = 0,
    AME_ABI_READS_NEXT = 64,
    AME_ABI_READS_IN_LINE = 72,
    AME_ABI_FRESH_LOWEST = 80,
    AME_ABI_FRESH_EXTENT = 88,
    AME_ABI_READ_BITS = 128,
    AME_ABI_READ_ENTRY = 16
};
extern size_t ame_abi_orecs[1 << AME_ABI_OREC_BITS];
extern
#ifdef __cplusplus
    thread_local
#else
    _Thread_local
#endif
    const void *ame_abi_reads __attribute__((tls_model("initial-exec")));

/* What a small block needs that runs in a hardware transaction in line, without ame_abi_run. It may
 * if the thread's AME_ABI_HARDWARE_AT_ONCE is set, its history is 0, the thread is outside of
 * blocks, and in the transaction the phase is AME_ABI_PHASE_HARDWARE, or its lowest bits are
 * AME_ABI_PHASE_SHOWN. The other bits are then the *ame_abi_reads of a block in software; what is
 * read must have a record that is not locked (the highest bit is not set), and what is written one
 * that has no bit in the read set of that block either. Else it gives up with code 1. After an
 * abort ame_abi_run_after is called with the processor's status; after a commit
 * ame_abi_await_additions, if `ame_abi_counts_in_hardware` was not 0 in the transaction.
 *
 * A commit is counted in the second of the block's counters, if before that and the fourth after it
 * add up to no negative number. Where these are, from *ame_abi_reads: the first counter of all, the
 * 32-bit word that says in which way the thread runs a block (0: none), and the 64-bit word with
 * AME_ABI_*_AT_ONCE. */
enum {
    AME_ABI_COUNTERS = 512 * 8, /* 64-bit words; a block's are from its number `counters` on */
    AME_ABI_START = 4,          /* further */
    AME_ABI_WATCHING = AME_ABI_READ_BITS + (1 << AME_ABI_OREC_BITS) / 8 + 64,
    AME_ABI_WAY = AME_ABI_WATCHING + 8 * AME_ABI_COUNTERS + 64,
    AME_ABI_AT_ONCE = AME_ABI_WAY + 8,
    AME_ABI_HARDWARE_AT_ONCE = 1,
    AME_ABI_READS_AT_ONCE = 2,
    AME_ABI_PHASE_HARDWARE = 1,
    AME_ABI_PHASE_CLOSED = 2,
    AME_ABI_PHASE_SHOWN = 3, /* of the bits below AME_ABI_PHASES */
    AME_ABI_PHASES = 4
};
extern size_t ame_abi_phase, ame_abi_counts_in_hardware;

/* A block that only reads one word, of one stripe and not wider than 8 bytes, may do so in line in
 * no transaction, if the thread's AME_ABI_READS_AT_ONCE is set, its history is 0 and the thread is
 * outside of blocks: it loads, in this order, ame_abi_phases, the phase, the word's record, the
 * word, the record and ame_abi_phases. The value is good if the phase is not AME_ABI_PHASE_CLOSED,
 * the record not locked, and the second looks find what the first ones did. It is counted like a
 * commit in line; unless the phase is AME_ABI_PHASE_HARDWARE as one in software, in the counter
 * that stands behind. */
extern size_t ame_abi_phases;

void ame_abi_run_after(struct ame_abi_block *block, void *args, uint32_t status);
void ame_abi_await_additions(void);

/* The barriers. Their return address is the place in the source that the
 * profiler reports, so the plugin never lets them be tail calls. */
#define AME_ABI_BARRIER(result, name, parameters) result name parameters;
#ifndef AME_ABI_SLOW_READ
#define AME_ABI_SLOW_READ(result, name, parameters)                                                \
    result name parameters __attribute__((preserve_most));
#endif
#include <ame/abi.def>

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
