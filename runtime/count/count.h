/* count.h - how blocks change cells without conflicting.
 *
 * A cell is a count, or another value of include/ame/merge.h (cell.h has the kinds). A block
 * logs what it changes; the log is merged into the cells at its commit. A block that reads a
 * cell must still fit in one serial order with the others' ordinary memory, though no
 * ownership record covers a cell. Each thread's word tx->merging tells the others whether the
 * cells that it changes are in flux:
 *
 *   C1  The word leaves the quiet state before the block's commit version is
 *       drawn (in hardware: together with the block's writes) and becomes quiet
 *       when all is merged, before the block's records are released. So who can
 *       see a block's ordinary writes can see all it merged, or that it is merging.
 *       A change outside blocks of a cell of several words leaves that state too.
 *   C2  A cell is read only between two looks at which all words were quiet and
 *       unchanged, so all its words are of one moment; and a block validates the cells
 *       it read, in the same way, whenever it validates its records. The first word of a
 *       cell changes whenever what is read there does, and that is what is validated. So
 *       a block sees all of another block's changes or none, and those of just the
 *       blocks before it.
 *   C3  The last release is merged after all changes of blocks that come earlier
 *       in the serial order: a block that takes a reference through a pointer
 *       validates that pointer in state ADDING; who then unlinks the pointer is
 *       later, and waits before the last release, in a block or after it, until
 *       all have left state ADDING. So a count that reaches zero stays there, and
 *       the object is destroyed once.
 *   C4  A thread in state ADDING waits for nobody but for who merges into the same cell
 *       (ame_merged) at this moment, and he waits for nobody meanwhile. One in state
 *       RELEASING waits for those in state ADDING, and all others may wait for both: no
 *       circle.
 *   C5  The memory of a cell that a block changed is freed only after the merge:
 *       whoever waits for running blocks (S3 of stm/stm.h) waits for those in state
 *       ADDING too, and so do hardware blocks at their end, as they make what they
 *       unlink private at once.
 *   C6  What blocks merge into a cell may come in any order, which is not the serial one
 *       where nobody reads in between: so kinds of cells are commutative. A block's changes
 *       of one journal are merged as one, so they stay together.
 *
 * At 64 cores: merging costs one atomic operation for each cell that the block
 * changed, so a cell changed by all still moves between caches, once for each
 * block, though no block aborts for it; a largest or smallest value that stays is
 * only read. `merging` lies on the line that its owner writes at each begin and end,
 * and is read only by blocks that read cells or give references back. */
#ifndef AME_COUNT_COUNT_H
#define AME_COUNT_COUNT_H

#include "core/tx.h"

/* tx->merging modulo 4; the rest of the word counts up. */
enum { AME__QUIET = 0, AME__ADDING = 1, AME__RELEASING = 2, AME__MERGING_STATES = 4 };

static inline bool ame__count_changes(const struct ame_tx *tx) {
    return tx->deltas.count || tx->releases.count;
}

/* Before the commit version is drawn, in hardware before the transaction's end,
 * for a block that changes counts (C1). Aborts the block if there is no memory for
 * what it may have to destroy. */
void ame__count_merge_begin(struct ame_tx *tx);

/* After the block has committed: merges all, and ends the merging. On the serial
 * path too, where the log of releases alone is used. */
void ame__count_merge(struct ame_tx *tx);

/* Ends the merging without a merge, if one began, and drops what was logged. */
void ame__count_abort(struct ame_tx *tx);

/* True if the cells that the block read are as it saw them (C2). While this
 * thread merges it does not wait for others that do, and says false (C4). */
bool ame__count_validate(struct ame_tx *tx);

/* Destroys the objects whose counts reached zero, and those that they release.
 * Outside blocks; waits first until no running block can read them. */
void ame__count_destroy_dying(struct ame_tx *tx);

/* Set once a hardware block has changed a count: from then on hardware blocks wait
 * at their end (C5). */
extern ame__word ame__counts_in_hardware AME__ABI_NAME("ame_abi_counts_in_hardware");

/* Waits until every other thread has merged the additions it is merging now. */
void ame__count_wait_for_additions(struct ame_tx *tx);

/* The same, for who has had a full fence since it unlinked what it has unlinked. */
void ame__count_wait_for_additions_after_fence(struct ame_tx *tx);

/* ---- inside count/ ---- */

/* Out of memory for a log: the block runs again on the serial path. */
_Noreturn void ame__count_no_memory(struct ame_tx *tx);

/* Takes one off at once; at zero the object joins tx->dying. `place` as below. */
void ame__count_release_now(struct ame_tx *tx, ame_ref *ref, ame_destroy_fn *destroy,
                            const void *place);

/* Ends the program. `place` is a code address in the caller of `call`, or NULL if this thread
 * merges its block's changes: then the block is named. */
_Noreturn void ame__count_misuse(const char *call, const ame_ref *ref, const char *problem,
                                 const void *place);

/* The count has become negative, or would. */
_Noreturn void ame__count_overflow(const ame_ref *ref, const void *place);

#endif
