/* retry.h - atomic_retry(): the block is undone, sleeps until something that it has read changes,
 * and runs again.
 *
 *   retry in the first of two alternatives: its effects are undone and the second one runs, with
 *       the first one's reads still in the read set, since the choice depends on them
 *   any other retry: the outermost block enters what it has read, or locked, in the table of
 *       watch/watch.h, validates it, and aborts; outside the block the thread sleeps
 *
 * A block in hardware starts again in software. One on the serial path runs, in programs that retry
 * at all, as its twin with the gate closed, whose log can undo it until it does what can't be
 * undone. */
#ifndef AME_TX_RETRY_H
#define AME_TX_RETRY_H

#include "core/tx.h"

/* Not 0 if any module that is loaded, or was, calls atomic_retry(). */
extern ame__word ame__program_retries;

/* After an attempt that ended with AME__ABORT_RETRY: sleeps until it is worth another one. */
void ame__retry_sleep(struct ame_tx *tx);

#endif
