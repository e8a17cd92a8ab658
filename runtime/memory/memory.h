/* memory.h - allocation in software blocks: undone by an abort, freed after commit.
 *
 *   M1  What a block allocates is freed if it aborts, after the undo of its writes.
 *   M2  What a block frees stays allocated until it has committed and no other block can read it:
 *       until no block runs whose snapshot lies below the commit version (S2, S3 of stm/stm.h). The
 *       commit does not wait for that: the memory goes to the thread's limbo, and from there to the
 *       allocator when the thread has looked at all snapshots, after some more frees.
 *   M3  What a block allocated and freed itself goes back to the allocator at once: others could
 *       know its address only from memory that this block has written, and that is locked until the
 *       commit. Where an entry of a log may point into it, which would then change memory that is
 *       somebody else's, it is treated as M2 says. Those are rare, since accesses to fresh memory
 *       leave no entries (fresh.h).
 *   M4  In the limbo of a thread are some thousand pieces at most, and some megabytes: beyond that
 *       a commit waits. What is there when a thread ends is left to the next one that takes over
 *       its descriptor, unless it can be freed.
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

/* The block has committed with that version, and released its records: does its frees, or leaves
 * them for later. May wait for other blocks (M4). */
void ame__memory_commit(struct ame_tx *tx, uint64_t version);

/* Inside: puts tx->frees in limbo. */
void ame__memory_free_later(struct ame_tx *tx, uint64_t version);

/* Memory for the use of a twin, which the program does not see: M1 and M3 hold, but no profile has
 * it. Aborts the block when there is none. */
void *ame__memory_take(struct ame_tx *tx, size_t size);
void ame__memory_give_back(struct ame_tx *tx, void *memory);

/* The thread is in no block, and ends. */
void ame__memory_thread_ends(struct ame_tx *tx);

#endif
