/* long_block.h - how software blocks that read much share the machine with the others.
 *
 * No more of them run at once than there are processors. Those beyond would lie preempted in their
 * midst, and what they have read and locked by then would keep the others waiting until they get a
 * processor again: with some dozens of threads, nearly always. So a block that is known to be long
 * waits for a place before each attempt, outside, where nobody waits for it. Who waits gets a turn
 * every millisecond or two; till then a thread that comes back finds its place free, and what its
 * blocks need in its cache.
 *
 * And where one commits because others had to wait for it (V3 of stm/readers.h), its thread lets
 * twice as much time pass before its next long block begins: so the others keep half of their
 * speed, though they get going slowly, as their data is in the other cache. Else a thread that runs
 * nothing but such blocks would stop them for good.
 *
 * At 64 cores: one shared line, written twice for each long block, and where some wait, also when
 * one falls asleep, wakes up or is woken. */
#ifndef AME_TX_LONG_BLOCK_H
#define AME_TX_LONG_BLOCK_H

#include <stdbool.h>

struct ame_tx;

/* Before an attempt: waits until it may begin. */
void ame__long_block_begins(struct ame_tx *tx);
void ame__long_block_ends(struct ame_tx *tx, bool committed);

/* The thread ends in the midst of its block, which may be a long one. */
void ame__long_block_left(struct ame_tx *tx);

#endif
