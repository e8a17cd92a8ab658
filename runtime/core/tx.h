/* tx.h - the descriptor of a thread's transaction, and those of all threads.
 *
 * Each thread that runs a block owns one descriptor. Descriptors are never freed: a thread that
 * ends leaves its own for the next one to use.
 *
 * At 64 cores: every writer that commits reads the first line of each thread, which is written only
 * when its owner reads new places, so it mostly stays in all caches. The line of the running block,
 * which its owner writes at begin and end and for each of the first reads, is read only by those
 * whom the first line leaves in doubt. `read_limit` and `signal` lie on a line that stays in the
 * owner's cache until somebody signals. */
#ifndef AME_CORE_TX_H
#define AME_CORE_TX_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "base/log.h"
#include "core/orec.h"
#include "events/recorder.h"
#include "events/seen_waits.h"
#include <ame/abi.h>
#include <ame/count.h>
#include <ame/merge.h>

#include <stddef.h>
#include <stdint.h>

/* How the thread's current block runs: in hardware, as written; in software, its twin; alone; the
 * twin in hardware, beside software blocks; or in hardware, as written, while no other block runs.
 */
enum ame__way {
    AME__OUTSIDE,
    AME__HTM,
    AME__STM,
    AME__SERIAL,
    AME__HYBRID,
    AME__HTM_ALONE,
    AME__WAYS
};

static inline bool ame__is_hardware_way(enum ame__way way) {
    return way == AME__HTM || way == AME__HYBRID || way == AME__HTM_ALONE;
}

/* As which it counts in a recording. */
static inline enum ame__way ame__recorded_way(enum ame__way way) {
    return ame__is_hardware_way(way) ? AME__HTM : way;
}

/* Why an attempt ended without a commit. */
enum ame__abort_reason {
    AME__ABORT_NONE,
    AME__ABORT_READ_CHANGED,  /* validation: a stripe that was read has changed */
    AME__ABORT_WOUNDED,       /* an older block wanted a stripe that this one held */
    AME__ABORT_COUNT_CHANGED, /* a count that was read has changed */
    AME__ABORT_SERIAL,        /* the block asked for the serial path */
    AME__ABORT_MEMORY,        /* no memory for a log */
    AME__ABORT_HTM_CONFLICT,  /* also with a change of phase */
    AME__ABORT_HTM_CAPACITY,
    AME__ABORT_HTM_EXPLICIT, /* the block asked */
    AME__ABORT_HTM_OTHER,    /* page fault, interrupt, unsupported instruction */
    AME__ABORT_RETRY,        /* the block waits for a change of what it has read; not recorded */
    AME__ABORT_REASONS
};

/* A stripe that was read, and the next ones behind it that the same access read first. Reads in
 * line write entries, too: of one stripe. */
struct ame__read_entry {
    const void *address; /* that was read, in the first stripe */
    uint64_t place : 47; /* of the access */
    uint64_t more : 17;  /* stripes */
};

struct ame__lock_entry {
    uint32_t orec;
    uint32_t place;    /* the lower half of the access's address: for reports */
    uint64_t previous; /* the record's word before it was locked */
};

/* Of a stripe or less. More than a word's bytes lie in a log of their own. */
struct ame__undo_entry {
    void *address;
    uint64_t old; /* the bytes, as they lay in memory; or their number in tx->undo_wide */
    uint32_t size;
};
struct ame__undo_wide {
    char old[1 << AME_ABI_STRIPE_BITS];
};

/* Of 512 neighbouring granules of memory, which the block has allocated: memory/fresh.h. */
struct ame__fresh_region {
    uint64_t key;
    uint64_t fresh[8];
    uint64_t begins[8]; /* an allocation begins there */
    uint32_t next;      /* in the bucket: its number, counted from 1, or 0 */
    bool counted;       /* a log may have an entry for a count there */
};

/* Allocations of one size side by side. */
struct ame__fresh_row {
    uintptr_t begin;
    size_t extent; /* to the end of the last one; 0: there is no row */
    size_t size, gap;
};
enum { AME__FRESH_ROWS = 2 };

/* Freed by a committed block, but perhaps still read by others: memory/limbo.c. */
struct ame__limbo_entry {
    void *memory;
    uint64_t version; /* the block's commit version, or above */
};

/* A change of a cell that is merged at commit: count/cell.h. */
struct ame__delta_entry {
    uint64_t cell; /* its address, and in the low bits its kind */
    uint64_t operand;
};

/* A value to be merged by a user's function. */
struct ame__operand {
    uint64_t words[AME_MERGED_BYTES / sizeof(uint64_t)];
};

struct ame__release_entry {
    ame_ref *ref;
    ame_destroy_fn *destroy;
};

/* UNDONE: it waited for an abort, and the part of the block that asked for it is undone. */
enum ame__call_time { AME__ON_COMMIT, AME__ON_ABORT, AME__UNDONE };

struct ame__deferred_call {
    void (*function)(void *);
    void *argument;
    enum ame__call_time time;
};

/* What the block has printed (output/output.h). */
struct ame__output {
    char *bytes;
    size_t size, room;
    const void *place; /* of the first piece: who printed it */
};

struct ame__count_read_entry {
    const uint64_t *count; /* the first word of a cell, */
    uint64_t seen;         /* without this block's own changes */
    const void *place;
};

/* Where a block that may be undone alone began: how long the logs were. */
struct ame__savepoint {
    struct ame__savepoint *around; /* of the next such block outwards, or NULL */
    uint32_t kind;                 /* AME_ABI_BLOCK_* */
    const char *irrevocable;       /* what ran in it that can't be undone, or NULL */
    bool second;                   /* of its two alternatives the second one runs */
    void *restart;
    uintptr_t frame, stack_base; /* tx->stack_base in the block and before it */
    size_t undo, fresh, frees, deltas, operands, releases, jumps, deferred, output;
};

struct ame__tx_statistics {
    uint64_t commits[AME__WAYS];
    uint64_t aborts[AME__ABORT_REASONS];
    uint64_t extensions, reads_recorded, writes_locked, counts_merged;
};

/* Snapshot values beyond all times. */
#define AME__INACTIVE UINT64_MAX     /* runs no software block */
#define AME__PARKED (UINT64_MAX - 1) /* runs one that waits, and validates before it goes on */

/* What a thread knows of its latest block that read much: tx/long_block.h. */
struct ame__long_block {
    bool has_place;      /* it is one of those that may run at once */
    bool was_met;        /* the latest attempt was aborted, or held others up */
    uint64_t held_up;    /* ticks for which others have waited for it, in all attempts */
    uint64_t pause_ends; /* ticks: before then no other begins */
};

/* What a block took when it had left hardware: rises at once, and falls by half each time. */
struct ame__left_hardware {
    const struct ame_abi_block *block;
    uint64_t ticks;
};

enum { AME__LEFT_SLOTS = 8 };

/* Where others find what a running block has read (stm/readers.h). */
enum ame__traces { AME__NAMED, AME__HIDDEN, AME__SHOWN };

enum { AME__FILTER_WORDS = 4, AME__NAMED_WORDS = 4 };

/* SHOW: hybrid blocks would be faster beside a block that shows what it reads. FENCE: a writer
 * wants to look at the bits of what it has read (V4 of stm/readers.h). The last asks for nothing,
 * but lets each read call its barrier: for tests. */
enum {
    AME__SIGNAL_WOUND = 1,
    AME__SIGNAL_EXTEND = 2,
    AME__SIGNAL_SHOW = 4,
    AME__SIGNAL_FENCE = 8,
    AME__SIGNAL_NOTHING = 16
};

struct ame_tx {
    /* ---- what every writer that commits looks at; seldom written ---- */
    AME__ALIGNED_LINE
    ame__word filter[AME__FILTER_WORDS]; /* a bit for each stripe read in this or recent blocks */
    ame__word names_wanted;   /* not 0: a writer waited for long to learn what a block has read */
    uint32_t number;          /* among all descriptors, from 0 */
    uint32_t recorded_thread; /* its number in the recording, to which others refer */

    /* ---- set by others: answered at the next barrier; and what those who wait look at ---- */
    /* The records of stripes that may be read lie below it: the snapshot + 1, or 0 from when
     * somebody signals until the block answers. L1: who signals sets the signal first and then
     * this to 0, and to 0 again as long as it waits for the answer, since a store of the owner, who
     * knew of no signal, may have come after the first 0. */
    AME__ALIGNED_LINE ame__word read_limit;
    ame__word signal;      /* AME__SIGNAL_* bits */
    ame__word wound_place; /* the older block's access: a hint */
    ame__word wounded_by;  /* its descriptor */
    ame__word wound_address;
    ame__word holds_up_since;    /* ticks: others have waited for this block, a long one, to end */
    ame__word age;               /* smaller is older; kept from the first attempt to the commit */
    struct ame_abi_block *block; /* the outermost one that runs */

    /* ---- what reads in line need to enter a stripe in the read set (stm/read_set.h) ---- */
    AME__ALIGNED_LINE struct ame__read_entry *reads_next; /* where the next entry of the log goes */
    const struct ame__read_entry *reads_in_line;          /* it may if that is below; or NULL */
    uintptr_t fresh_lowest, fresh_extent; /* nothing else is fresh; 0 bytes: nothing is */

    AME__ALIGNED_LINE ame__word read_bits[AME__OREC_COUNT / 64]; /* a bit for each orec read */

    /* ---- of the running block; read by writers that may be in its way, and by the gate ---- */
    AME__ALIGNED_LINE ame__word snapshot; /* time the reads are valid at, or AME__INACTIVE */
    ame__word traces;                     /* enum ame__traces */
    ame__word named[AME__NAMED_WORDS];    /* the records of stripes read, while these are few */
    ame__word entries; /* how often a block has entered: if another one has, S3 of stm/stm.h */
    ame__word merging; /* not quiet while this thread merges cells (see count/count.h) */

    /* ---- the owner's alone ---- */
    struct ame__watching watching;    /* of a recording */
    AME__ALIGNED_LINE uint32_t way;   /* enum ame__way */
    uint32_t tag;                     /* see core/orec.h; 0: too many threads have one */
    ame__word at_once;                /* ame__at_once; others set it to 0 (T3) */
    uint32_t filter_fill;             /* bits set in `filter` */
    uint32_t blocks_with_full_filter; /* since it was full */
    uint32_t blocks_without_traces;   /* in a row */
    uint32_t blocks_to_name;          /* so many blocks name what they read, if it is little */
    uint32_t own_versions_met;        /* that were above the snapshot */
    uint32_t much;      /* so many stripes read may be something to learn from; 0: not known yet */
    uint32_t read_much; /* by an attempt of this block; 0: less than that */
    bool shows_reads;   /* it does from the first on */
    const struct ame_tx *minds; /* the block beside which this hybrid one leaves no trace */
    uint64_t asked_to_show;     /* age of the block that was asked last, by hybrid ones */
    uint64_t next_shown_phase;  /* ticks: before then no other is tried */
    uint64_t last_version;      /* that this thread has drawn */
    ame__word live;             /* 1: a thread owns this descriptor */
    uintptr_t stack_base;       /* frames below belong to the block: never shared, never undone */
    struct ame__read_entry *reads, *reads_end; /* the log: its first entry, the end of its memory */
    size_t reads_more;                         /* the sum of the entries' `more` */
    AME__LOG(struct ame__lock_entry) locks;
    AME__LOG(struct ame__undo_entry) undo;
    AME__LOG(struct ame__undo_wide) undo_wide;
    AME__LOG(struct ame__fresh_region) fresh;  /* what this block has allocated */
    uint32_t *fresh_buckets;                   /* of the regions' keys */
    unsigned fresh_bucket_shift, fresh_levels; /* of a hash; those in use */
    bool fresh_counted;                        /* some region is */
    uintptr_t fresh_hot, fresh_hot_extent;     /* a range that is fresh: the latest to be found */
    struct ame__fresh_row fresh_rows[AME__FRESH_ROWS]; /* the latest is the first one */
    size_t fresh_gap;         /* between two allocations side by side, at most */
    uintptr_t fresh_last_end; /* of the last allocation that is in no row */
    size_t fresh_last_size;
    size_t fresh_latest;    /* the region found last: its index */
    AME__LOG(void *) frees; /* of other memory, asked for by this block: done after commit */
    AME__LOG(struct ame__limbo_entry) limbo;
    size_t limbo_bytes, limbo_next_look;          /* in all; entries, at the next look */
    AME__LOG(struct ame__delta_entry) deltas;     /* changes of cells */
    AME__LOG(struct ame__operand) operands;       /* of those that need more than a word */
    uint64_t appended;                            /* entries of journals, by this block */
    AME__LOG(struct ame__release_entry) releases; /* references given back */
    struct ame__output output;
    AME__LOG(struct ame__count_read_entry) count_reads;
    AME__LOG(void *) jumps;                       /* jmp_bufs that this block has set */
    AME__LOG(struct ame__deferred_call) deferred; /* to do when the block has ended */
    struct ame__savepoint *savepoint;             /* the innermost, or NULL */
    size_t undo_older;       /* entries of the undo log that are older than that */
    uint32_t entrance;       /* enum ame__entrance, for the body that is called now */
    bool alone;              /* runs as a software block with the gate closed: meets no conflict */
    bool simulated;          /* so as to simulate hardware (tx/simulated.h) */
    const char *irrevocable; /* what has run, alone, that can't be undone; else NULL */
    struct ame__watcher *watcher;              /* what this thread sleeps on, or NULL */
    uint64_t merges_seen;                      /* by others, when the counts were last read */
    AME__LOG(struct ame__release_entry) dying; /* counts that reached zero: to destroy */
    bool destroying;                           /* `dying` is being worked off */

    void *args;                  /* of the outermost block that runs */
    const char *serial_why;      /* who asked for the serial path */
    size_t notes_left;           /* writes that it may still note (stm/commit.c) */
    struct ame__attempt attempt; /* as far as it is recorded while it runs */
    struct ame__seen_waits seen_waits;
    uint32_t hardware_code;                   /* the processor's, of the last abort in hardware */
    uint64_t merged_before, allocated_before; /* when an attempt began that is watched */
    struct ame__tx_statistics statistics;
    struct ame__recorder *recorder; /* this thread's event buffer, or NULL */
    void *restart;                  /* where an abort goes back to (base/checkpoint.h) */
    uint64_t random;                /* back-off */
    uint64_t came_back;             /* from it, in ticks, */
    const struct ame_abi_block *came_back_to;
    uint64_t came_back_commits; /* of that block in hardware till then */
    unsigned steps_back;        /* how far it was */
    struct ame__left_hardware left_hardware[AME__LEFT_SLOTS]; /* by their addresses */
    uint64_t attempts_simulated;
    struct ame__long_block long_block;
    unsigned blocks_since_look;  /* for a hardware phase to begin */
    unsigned blocks_before_look; /* so many before the next one */
};

/* What an entry's memory held. */
static inline const char *ame__undo_bytes(const struct ame_tx *tx,
                                          const struct ame__undo_entry *entry) {
    return entry->size > sizeof entry->old ? tx->undo_wide.entries[entry->old].old
                                           : (const char *)&entry->old;
}

/* The calling thread's descriptor, or NULL before its first block. */
extern __thread struct ame_tx *ame__self __attribute__((tls_model("initial-exec")));

/* What reads in line look at: &tx->read_limit, or in a hybrid block what stm/hardware.c says. */
extern __thread const void *ame__reads AME__ABI_NAME("ame_abi_reads")
    __attribute__((tls_model("initial-exec")));

#define AME__FROM_READS(field)                                                                     \
    (offsetof(struct ame_tx, field) - offsetof(struct ame_tx, read_limit))
_Static_assert(AME_ABI_READ_LIMIT == 0 && AME__FROM_READS(read_bits) == AME_ABI_READ_BITS &&
                   AME__FROM_READS(reads_next) == AME_ABI_READS_NEXT &&
                   AME__FROM_READS(reads_in_line) == AME_ABI_READS_IN_LINE &&
                   AME__FROM_READS(fresh_lowest) == AME_ABI_FRESH_LOWEST &&
                   AME__FROM_READS(fresh_extent) == AME_ABI_FRESH_EXTENT &&
                   sizeof(struct ame__read_entry) == AME_ABI_READ_ENTRY,
               "reads in line look at these fields");
_Static_assert(AME__FROM_READS(way) == AME_ABI_WAY &&
                   AME__FROM_READS(watching.counters) == AME_ABI_WATCHING &&
                   AME__FROM_READS(at_once) == AME_ABI_AT_ONCE &&
                   AME__COUNTED_BLOCKS * AME__COUNTERS == AME_ABI_COUNTERS &&
                   AME__RECORDED_WAYS == AME_ABI_START && AME__HTM == 1 && AME__STM == 2,
               "and blocks in line at these");

/* The calling thread's descriptor, made at the first call. Out of memory ends
 * the program with a message: there is no way to run a block then. */
struct ame_tx *ame__tx_self(void);

/* All descriptors ever made, in the order of their numbers.
 *   T1  A descriptor is complete before it is counted, and stays.
 * Who looks for blocks that run passes over the threads that have ended, or sleep for long.
 *   T2  A thread wakes up, with a full fence, before it enters a block, and falls asleep when
 *       it runs none. So what was done before a walk that passes it over, with a full fence in
 *       between, is there for all blocks that the thread enters later.
 * At 64 cores: one line has the bits of 512 threads. All who commit read it; it is written when a
 * thread begins or ends, and when it goes to sleep or wakes up. */
enum { AME__MOST_THREADS = 1 << 15 };
extern struct ame_tx *ame__descriptors[AME__MOST_THREADS];
extern ame__word ame__descriptor_count, ame__awake[AME__MOST_THREADS / 64];

/* Where first attempts are made that need no policy, and so no call: set before the first block. */
enum {
    AME__HARDWARE_AT_ONCE = AME_ABI_HARDWARE_AT_ONCE,
    AME__READS_AT_ONCE = AME_ABI_READS_AT_ONCE, /* blocks that are but a read, in either */
    AME__SOFTWARE_AT_ONCE = 4,
};
extern uint64_t ame__at_once;

/* A recording has begun: makes all threads look at that.
 *   T3  Each has a copy of ame__at_once, which every block tests. Who finds nothing in it takes the
 *       long way, sets it again, and looks after a full fence whether something is recorded. So a
 *       thread that does not see the recording has set it before it is cleared here. */
void ame__tx_recording_begins(void);
void ame__tx_looked_at_recording(struct ame_tx *tx);

void ame__tx_falls_asleep(const struct ame_tx *tx);
void ame__tx_wakes_up(const struct ame_tx *tx);

/* All that are awake, one after the other; the body must not break. */
#define AME__EACH_AWAKE(tx)                                                                        \
    for (uint64_t word_ = 0, words_ = (ame__load_relaxed(&ame__descriptor_count) + 63) / 64;       \
         word_ < words_; word_++)                                                                  \
        for (uint64_t bits_ = ame__load_acquire(&ame__awake[word_]); /* T1, T2 */                  \
             bits_ && ((tx) = ame__descriptors[word_ * 64 + (uint64_t)__builtin_ctzll(bits_)], 1); \
             bits_ &= bits_ - 1)

/* All, also those of threads that have ended. */
#define AME__EACH_DESCRIPTOR(tx)                                                                   \
    for (uint64_t number_ = 0, count_ = ame__load_acquire(&ame__descriptor_count); /* T1 */        \
         number_ < count_ && ((tx) = ame__descriptors[number_], 1); number_++)

/* Undoes the attempt and starts the block again; `reason` goes to the policy.
 * Called from barriers, in software and in hybrid blocks. */
_Noreturn void ame__tx_abort(struct ame_tx *tx, enum ame__abort_reason reason);

/* The block must run alone: `why` names the call. Returns if it does already, else starts it
 * again. */
void ame__tx_need_serial(struct ame_tx *tx, const char *why, const void *place);

/* The twin of a function that the block passes to one of the C library's, which `why` names. Where
 * there is none, as ame__tx_need_serial; if that returns, `function` itself. */
const void *ame__tx_twin_of(struct ame_tx *tx, const void *function, const char *why,
                            const void *place);

#endif
