/* memory.h - allocation in software blocks: undone by an abort, freed after commit.
 *
 *   M1  What a block allocates is freed if it aborts, after the undo of its writes.
 *   M2  What a block frees stays allocated until it has committed and no other
 *       block can still read it (S3 of stm/stm.h).
 *   M3  What a block allocated and freed itself goes back to the allocator at once: others could
 *       know its address only from memory that this block has written, and that is locked until the
 *       commit. Where an entry of a log may point into it, which would then change memory that is
 *       somebody else's, it is treated as M2 says. Those are rare, since accesses to fresh memory
 *       leave no entries (fresh.h).
 * So a block's memory does not grow with its length if what it has in use does not.
 *
 * On the other ways the functions of the C library run as they are: on the serial
 * path nothing is undone, and hardware undoes the allocator's own writes. */
#ifndef AME_MEMORY_MEMORY_H
#define AME_MEMORY_MEMORY_H

#include "core/tx.h"

/* The block's writes are undone: frees what it allocated, forgets what it freed. */
void ame__memory_abort(struct ame_tx *tx);

/* The same for what it did since the savepoint. */
void ame__memory_rollback_to(struct ame_tx *tx, const struct ame__savepoint *savepoint);

/* The block has committed, and waited if need be: does its frees. */
void ame__memory_commit(struct ame_tx *tx);

static inline bool ame__memory_needs_quiescence(const struct ame_tx *tx) {
    return tx->frees.count != 0;
}

#endif
