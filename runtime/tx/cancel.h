/* cancel.h - blocks that may be undone without the block around them: cancelled, or left in the
 * first of two alternatives for the second.
 *
 * In software such a block runs under a savepoint. On the serial path it runs as its twin too,
 * since only that keeps a log, with the gate closed. In hardware it runs as written; a cancel, or
 * a retry, sends it to software.
 *   X1  Since the savepoint, frames that are older than the block count as shared: writes to
 *       them are logged, and so a cancel undoes them.
 *   X2  When the block has ended, those entries are dropped, for the frames below the outer
 *       block's start may be gone before the outer block is undone.
 *   X3  A log's entries that are older than the savepoint are not changed, only added to. */
#ifndef AME_TX_CANCEL_H
#define AME_TX_CANCEL_H

#include "core/tx.h"
#include <ame/abi.h>

/* Why a body is called: as what ame_abi_entrance answers, but 0 is the usual case. */
enum ame__entrance { AME__ENTER, AME__LEAVE, AME__ENTER_SECOND };

/* An attempt begins. */
static inline void ame__savepoints_start(struct ame_tx *tx) {
    tx->savepoint = NULL;
    tx->undo_older = 0;
}

/* The same with the gate closed: nobody else runs, so the block can neither meet a conflict nor be
 * wounded. */
void ame__start_alone(struct ame_tx *tx);

/* Runs a block of a kind in a software attempt, or inside another block that runs in software or
 * on the serial path. */
void ame__run_closed(struct ame_tx *tx, struct ame_abi_block *block, void *args);

/* What comes can't be undone: cancelling any block that runs now is an error. */
void ame__savepoints_irrevocable(struct ame_tx *tx, const char *why);

/* The innermost block of two alternatives that runs its first one now, or NULL; and its second one,
 * after the first one's effects are undone. */
struct ame__savepoint *ame__savepoint_to_try_second(const struct ame_tx *tx);
_Noreturn void ame__run_second(struct ame_tx *tx, struct ame__savepoint *savepoint);

#endif
