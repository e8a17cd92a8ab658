/* deferred.h - calls that a block asks for and that are done when it has committed. */
#ifndef AME_TX_DEFERRED_H
#define AME_TX_DEFERRED_H

#include "core/tx.h"

/* After the outermost block: does what it deferred, in the order asked for. */
void ame__run_deferred(struct ame_tx *tx);

#endif
