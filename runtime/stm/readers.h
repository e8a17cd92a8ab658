/* readers.h - what others can tell about the stripes that a running block has read.
 *
 * Reads lock nothing, so a writer that commits must find out which blocks may still act on what was
 * there before (S3 of stm.h). To wait for all that run would tie short blocks on different data
 * to each other's pace. So each block leaves traces of its reads in its descriptor, as exact as its
 * length affords:
 *   NAMED   The records of the first few stripes are listed.
 *   HIDDEN  A block that reads more says so, once, and no longer pays for traces: it may have
 *           read anything.
 *   SHOWN   A hidden block that a writer had to ask for an extension lets its read_bits be seen
 * from then on: it is long, and would be asked again and again. Before these comes a filter (Bloom,
 * "Space/Time Trade-offs in Hash Coding", 1970) that keeps its bits from block to block, so that a
 * thread that stays with its data does not write there. A writer looks further only where the
 * filter has one of its stripes. It gives up telling anything when it has filled up, or in a hidden
 * block, and starts again after many blocks.
 *
 *   V1  A trace is left, with a full fence, before the read looks at the stripe's record for the
 *       last time; a writer locks the record, a full fence as well, before it looks for traces. At
 *       least one of the two sees the other: the read waits for the lock, or the writer finds
 *       the trace.
 *   V2  A block takes its traces back when it runs no more, after its snapshot says so.
 *   V3  A shown block is not overtaken by younger ones: who locks a stripe that an older shown
 * block has read gives the record back unchanged and waits for that block's end. So a long block
 * commits, however many short ones write beside it.
 *
 * At 64 cores: who commits reads the filters of all threads, which seldom change, and the lines
 * with the traces of few. ame__shown_blocks is read for each record that is locked, and written
 * twice by a long block that was asked; while it is not 0, who locks a record looks at the traces
 * of all. */
#ifndef AME_STM_READERS_H
#define AME_STM_READERS_H

#include "core/tx.h"

enum { AME__NAMED_READS = 2 * AME__NAMED_WORDS };

/* The number of blocks that are shown. */
extern ame__word ame__shown_blocks;

static inline bool ame__in_read_set(const struct ame_tx *tx, uint32_t orec) {
    return tx->read_bits[orec / 64] >> orec % 64 & 1;
}

/* The word with the name of the stripe that is read next; 0 is no name. */
static inline uint64_t ame__with_name(const struct ame_tx *tx, uint32_t orec) {
    uint64_t name = (uint64_t)orec + 1;
    size_t i = tx->reads.count;
    return i % 2 ? (uint32_t)ame__load_relaxed(&tx->named[i / 2]) | name << 32 : name;
}

/* A new block begins: a full filter may start again. */
void ame__stm_renew_filter(struct ame_tx *tx);
void ame__stm_add_to_filter(struct ame_tx *tx, uint32_t orec);

/* Leaves the trace that is due for a stripe not yet in the read set (V1). If the read does not come
 * about after all, ame__stm_take_back_trace. */
void ame__stm_leave_trace(struct ame_tx *tx, uint32_t orec);
void ame__stm_take_back_trace(struct ame_tx *tx, uint32_t orec);

/* A hidden block becomes a shown one. A full fence must follow before its next read. */
void ame__stm_show(struct ame_tx *tx);

/* The block's last act: it runs no more, and takes its traces back (V2). */
void ame__stm_leave(struct ame_tx *tx);

/* True if the filter of `other` has something that `writer` has locked. */
bool ame__stm_in_filter(const struct ame_tx *other, const struct ame_tx *writer);

/* True if the running block `other` may have read what `writer` has locked, before it was locked.
 */
bool ame__stm_may_have_read(const struct ame_tx *other, const struct ame_tx *writer);

/* An older block that is shown and has read the stripe (V3), or NULL. */
struct ame_tx *ame__stm_shielding(const struct ame_tx *tx, uint32_t orec);
bool ame__stm_shields(const struct ame_tx *other, const struct ame_tx *tx, uint32_t orec);

#endif
