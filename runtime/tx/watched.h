/* watched.h - what the profiler is told of attempts. */
#ifndef AME_TX_WATCHED_H
#define AME_TX_WATCHED_H

#include "core/tx.h"

/* The time at which the attempt begins. */
uint64_t ame__begin_watched_attempt(struct ame_tx *tx);

/* `began` is 0 of an attempt that was not watched; `ended` is when it, its last wait, or the wait
 * for the next one was over. False: it was merely counted, and what follows need not be watched for
 * its sake.
 */
bool ame__record_attempt(struct ame_tx *tx, enum ame__way way, enum ame__abort_reason reason,
                         uint64_t began, uint64_t ended, bool left_hardware);

#endif
