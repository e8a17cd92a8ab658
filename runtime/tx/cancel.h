/* cancel.h - blocks that may be cancelled: undone by their own wish, and not run again.
 *
 * Such a block runs as its twin in every mode, since only that keeps a log, under a
 * savepoint. On the serial path it does so alone, with the gate closed.
 *   X1  Since the savepoint, frames that are older than the block count as shared: writes to
 *       them are logged, and so a cancel undoes them.
 *   X2  When the block has ended, those entries are dropped, for the frames below the outer
 *       block's start may be gone before the outer block is undone.
 *   X3  A log's entries that are older than the savepoint are not changed, only added to. */
#ifndef AME_TX_CANCEL_H
#define AME_TX_CANCEL_H

#include "core/tx.h"
#include <ame/abi.h>

/* An attempt begins. */
static inline void ame__savepoints_start(struct ame_tx *tx) {
    tx->savepoint = NULL;
    tx->undo_older = 0;
    tx->cancelled = false;
}

/* In a software attempt; on the serial path; and in any way, inside another block. */
void ame__run_cancellable(struct ame_tx *tx, struct ame_abi_block *block, void *args);
void ame__run_cancellable_alone(struct ame_tx *tx, struct ame_abi_block *block, void *args);
void ame__run_nested_cancellable(struct ame_tx *tx, struct ame_abi_block *block, void *args);

/* What comes can't be undone: cancelling any block that runs now is an error. */
void ame__savepoints_irrevocable(struct ame_tx *tx, const char *why);

#endif
