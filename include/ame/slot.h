/* slot.h - ame_slot: hands one pointer at a time from a thread to another.
 *
 * What is handed over is reached by one pointer, so it takes constant time whatever the size
 * of, say, a map: the map's versions never change, and the reference that the sender had is
 * the receiver's. All that the sender did before ame_slot_put is there for who takes.
 *
 * Any number of threads may put and take. Who must wait keeps awake for about twice as long
 * as waking a thread takes (some ten microseconds), and sleeps then; where the other thread
 * is awake a hand-over takes a few hundred nanoseconds. Waiting is no cancellation point.
 *
 * In blocks: ame_slot_put takes effect when the block has committed, outside it, where it may
 * wait. Taking can't be undone: ame_slot_take ends the program with a message, since a block
 * that runs alone would wait for ever. To wait for something in a block use atomic_retry().
 * The functions with `try` in their name make the block run alone.
 *
 * At 64 cores: one line per slot, which moves to each thread that uses it; sleepers touch
 * it only as they go to sleep. */
#ifndef AME_SLOT_H
#define AME_SLOT_H

#include <ame/atomic.h>

#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* Zero-initialised memory is an empty slot. It lies on a cache line of its own. */
typedef struct ame_slot {
    uint64_t state; /* use the functions below */
    void *value;
} __attribute__((aligned(64))) ame_slot;

/* Puts `value`, which may be NULL, into the slot, once that is empty. AME_OK; in a block also
 * AME_ENOMEM, and nothing will be put. */
int ame_slot_put(ame_slot *slot, void *value);

/* Takes what is in the slot, once there is something. */
void *ame_slot_take(ame_slot *slot);

/* The same without waiting: false if the slot is full (put) or empty (take). */
bool ame_slot_try_put(ame_slot *slot, void *value);
bool ame_slot_try_take(ame_slot *slot, void **value);

#pragma GCC visibility pop
#endif
