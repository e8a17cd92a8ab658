/* output.h - what blocks print. It is kept by the block and handed to the stream as the block
 * commits, so what an undone attempt has printed never appears, and blocks that print run beside
 * others.
 *
 *   P1  A block that has printed locks the record of ame__output_order as its last one, and
 *       validates after that. So of two blocks that print, one has handed all over before the other
 *       may, and neither has read what the other, if it comes first, has changed: the streams get
 *       the output of blocks in the order in which these seem to run.
 *
 *   P2  It hands the output over when nothing can abort it any more, while it holds its records
 *       and the gate waits for it. So whoever knows what the block has done, in a block, alone or
 *       after one, prints after it.
 *
 *   P3  What can't be undone comes after all that the block has printed till then.
 *
 * As written, in hardware and alone without a log, blocks call the C library.
 *
 * At 64 cores: the line of ame__output_order and its record go from each block that prints to the
 * next, as the stream's own lock does. */
#ifndef AME_OUTPUT_OUTPUT_H
#define AME_OUTPUT_OUTPUT_H

#include "core/tx.h"

#include <stdio.h>

extern ame__word ame__output_order;

/* Whether output to the stream may be kept. Not if its bytes do not go to a file, since then the
 * program may have functions that take them. */
bool ame__output_may_wait(FILE *stream);

/* Keeps a copy of `size` bytes for the stream. False: out of memory, and nothing is kept. `place`:
 * who printed them. */
bool ame__output_keep(struct ame_tx *tx, FILE *stream, const void *bytes, size_t size,
                      const void *place);

/* The same for fflush(). NULL: of all streams. */
bool ame__output_keep_flush(struct ame_tx *tx, FILE *stream, const void *place);

static inline bool ame__output_is_kept(const struct ame_tx *tx) {
    return tx->output.size != 0;
}

/* Only what was kept till the block had kept `size` bytes is still to be printed. */
void ame__output_forget(struct ame_tx *tx, size_t size);

/* P2, P3. */
void ame__output_print(struct ame_tx *tx);

#endif
