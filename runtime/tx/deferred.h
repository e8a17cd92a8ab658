/* deferred.h - calls that a block asks for and that are done when it has committed, or is undone.
 */
#ifndef AME_TX_DEFERRED_H
#define AME_TX_DEFERRED_H

#include "core/tx.h"

/* What was asked for since the log had `older` entries is undone: of that, calls on commit are
 * forgotten, and those on abort are due when the outermost block has ended. */
void ame__deferred_undone(struct ame_tx *tx, size_t older);

/* After an attempt at the outermost block, whose undone part, perhaps all, is marked as such: the
 * calls on abort of that part, last one first, then those on commit, first one first. */
void ame__run_deferred(struct ame_tx *tx);

#endif
