/* readers.h - what others can tell about the stripes that a running block has read.
 *
 * Reads lock nothing, so a writer that commits must find out which blocks may still act on what was
 * there before (S3 of stm.h). To wait for all that run would tie short blocks on different data
 * to each other's pace. So each block leaves traces of its reads in its descriptor, as exact as its
 * length affords:
 *
 *   HIDDEN  The block has read something; nobody knows what. This costs a fence at the first
 *           read.
 *
 *   NAMED   The records of the first few stripes are listed, which costs a fence for each. A
 *           thread does so for some time when a writer had to ask one of its short blocks for
 *           a fence; or for the first reads of a longer one, where a writer waited for
 *           it long.
 *
 *   SHOWN   A long hidden block that a writer had to ask lets its read_bits be seen from then
 *           on, at a fence for each stripe: it would be asked again and again. If it is
 *           aborted all the same, they can be seen from the first on in its next attempt.
 *
 * A block that has read nothing but what it writes leaves no trace.
 *
 * Before all that comes a filter (Bloom, "Space/Time Trade-offs in Hash Coding", 1970) that keeps
 * its bits from block to block, so that a thread that stays with its data does not write there. A
 * writer looks further only where the filter has one of its stripes. It is full while reads are
 * hidden; when names have filled it up, it starts again after many blocks, and else after some
 * that have left no traces.
 *
 *   V1  A trace is left, with a full fence, before the read looks at the stripe's record for the
 *       last time; a writer locks the record, a full fence as well, before it looks for traces. At
 *       least one of the two sees the other: the read waits for the lock, or the writer finds
 *       the trace.
 *
 *   V2  A block takes its traces back when it runs no more, after its snapshot says so.
 *
 *   V3  A shown block is not overtaken by younger ones: who locks a stripe that an older shown
 *       block has read gives the record back unchanged and waits for that block's end. So a long
 *       block commits, however many short ones write beside it.
 *
 *   V4  A hidden block sets the bits of its read_bits before the read's second look at the record,
 *       too, but without a fence. A writer has it execute one, and then looks there: a read whose
 *       second look came before that fence has its bit set, and a later one finds the lock. It
 *       asks by a signal, which the block takes back with a fence at its next barrier; where it
 *       has waited for long, it makes all threads execute one, by the system call membarrier. So
 *       a block that has read nothing of what was changed need not validate, nor does anybody
 *       wait for the whole of one that gives no answers.
 *
 * At 64 cores: who commits reads the filters of all threads, which seldom change, and the lines
 * with the traces of few. ame__shown_blocks is read for each record that is locked, and written
 * twice by a long block that was asked; while it is not 0, who locks a record looks at the traces
 * of all. A fence in all threads (V4) interrupts all processors that run the program, at most once
 * in a wait, and only in long ones. */
#ifndef AME_STM_READERS_H
#define AME_STM_READERS_H

#include "stm/read_set.h"
#include "stm/stm.h"

enum {
    AME__NAMED_READS = 2 * AME__NAMED_WORDS,
    AME__FILTER_BITS = 64 * AME__FILTER_WORDS,
    AME__BLOCKS_WITHOUT_TRACES = 32,
    AME__LONG_BLOCK = 512 /* stripes read; fewer are validated soon, however often it is asked */
};

/* The number of blocks that are shown. */
extern ame__word ame__shown_blocks;

/* What may be done only between blocks: a full filter may start again. */
static inline bool ame__stm_filter_may_be_renewed(const struct ame_tx *tx) {
    return tx->filter_fill == AME__FILTER_BITS && tx->blocks_to_name;
}
void ame__stm_renew_filter(struct ame_tx *tx);
void ame__stm_empty_filter(struct ame_tx *tx);

/* The running block has not entered yet, and before it does there is nothing to do but to announce
 * itself: ame__stm_announce would have more. */
static inline bool ame__stm_enters_in_few_steps(const struct ame_tx *tx) {
    return ame__load_relaxed(&tx->snapshot) == AME__INACTIVE && tx->way == AME__STM &&
           !(ame__load_relaxed(&tx->signal) | tx->count_reads.count) &&
           !ame__stm_filter_may_be_renewed(tx) && tx->own_versions_met < AME__MANY_OWN_VERSIONS / 2;
}

/* Leaves the trace that is due for a stripe not yet in the read set. The first is without a fence:
 * the block is entered by it, and the caller does that next. */
void ame__stm_leave_first_trace(struct ame_tx *tx, uint32_t orec);
void ame__stm_leave_trace(struct ame_tx *tx, uint32_t orec); /* V1 */

/* A writer asks, for an extension or a fence. A full fence must follow before the next read. */
void ame__stm_show_more(struct ame_tx *tx);

/* From now on its reads can be seen, and those so far. A full fence must follow before the next. */
void ame__stm_show(struct ame_tx *tx);

/* The block's last act: it runs no more, and takes its traces back (V2). */
void ame__stm_leave(struct ame_tx *tx);

/* The same where it has none but in the filter. */
static inline bool ame__stm_has_traces(const struct ame_tx *tx) {
    return ame__load_relaxed(&tx->traces) != AME__NAMED || ame__load_relaxed(&tx->named[0]);
}

static inline void ame__stm_end_snapshot(struct ame_tx *tx) {
    /* Release: its reads and its undo are done. */
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    ame__store_relaxed(&tx->read_limit, 0); /* the next block's first access enters it */
}

static inline void ame__stm_leave_without_traces(struct ame_tx *tx) {
    ame__stm_end_snapshot(tx);
    if (tx->filter_fill && ++tx->blocks_without_traces == AME__BLOCKS_WITHOUT_TRACES)
        ame__stm_empty_filter(tx);
}

struct ame__filter_position {
    uint32_t word;
    uint64_t bit;
};

static inline struct ame__filter_position ame__filter_position(uint32_t orec) {
    /* Fibonacci hashing (Knuth, vol. 3, 6.4) */
    uint32_t hash = orec * UINT32_C(0x9E3779B1) >> 24;
    _Static_assert(AME__FILTER_BITS == 1 << 8, "the hash chooses one of all bits");
    return (struct ame__filter_position){hash / 64, UINT64_C(1) << hash % 64};
}

/* True if the filter of `other` has something that `writer` has locked. */
static inline bool ame__stm_in_filter(const struct ame_tx *other, const struct ame_tx *writer) {
    for (size_t i = 0; i < writer->locks.count; i++) {
        struct ame__filter_position position = ame__filter_position(writer->locks.entries[i].orec);
        /* Acquire, from the releases in readers.c: where a bit is no longer there, what that
         * thread's blocks did when it was is done. */
        if (ame__load_acquire(&other->filter[position.word]) & position.bit)
            return true;
    }
    return false;
}

/* True if the running block `other` may have read what `writer` has locked, before it was locked.
 * `fenced`: all threads have executed a full fence since it was locked (V4). */
bool ame__stm_may_have_read(const struct ame_tx *other, const struct ame_tx *writer, bool fenced);

/* An older block that is shown and has read the stripe (V3), or NULL. */
struct ame_tx *ame__stm_shielding(const struct ame_tx *tx, uint32_t orec);
bool ame__stm_shields(const struct ame_tx *other, const struct ame_tx *tx, uint32_t orec);

#endif
