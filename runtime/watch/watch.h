/* watch.h - threads that sleep until a commit changes something that their block has read.
 *
 * A watcher lists what a block has read, as keys: ownership records, and counts. It is entered in a
 * hash table of keys, and a commit looks up what it has changed.
 *
 *   R1  A watcher is in the table, with a full fence, before its block looks a last time
 *       whether all that it read is unchanged and unlocked. A commit locks its records, or
 *       adds to counts, with a full fence, before it looks at the table. So one of the two
 *       sees the other: the block does not sleep, or the commit wakes it.
 *   R2  While anybody watches, every block leaves a trace: in hardware only hybrid blocks run
 *       (G4 of serial/gate.h), and one that runs alone without a log, or calls code without
 *       barriers, wakes all. A watcher enters the table while its block still keeps the
 *       others' phase away.
 *   R3  A watcher's keys are unlinked under the lock of their bucket, by who wakes it or by
 *       itself at its end, and it is woken under that lock: nobody touches a watcher that has
 *       ended.
 *
 * At 64 cores: a commit reads one word, `ame__watchers`, which is written when a thread goes to
 * sleep or wakes up. While anybody sleeps a writer also reads one word of the table for each record
 * that it has locked, and takes a lock only where somebody watches that record or one of the same
 * bucket. */
#ifndef AME_WATCH_WATCH_H
#define AME_WATCH_WATCH_H

#include "base/atomics.h"
#include "base/compiler.h"

#include <stddef.h>

struct ame__watcher;
struct ame_abi_block;

/* How many watchers there are. Load it after the full fence of R1. */
extern ame__word ame__watchers;

static inline bool ame__anybody_watches(void) {
    return AME__UNLIKELY(ame__load_relaxed(&ame__watchers) != 0);
}

/* Keys: counts and other cells have even addresses. */
static inline uint64_t ame__key_of_record(uint32_t orec) {
    return (uint64_t)orec * 2 + 1;
}
static inline uint64_t ame__key_of_count(const void *count) {
    return (uint64_t)count;
}

/* A watcher with room for `keys` of them, in front of *stack, which it becomes; NULL: no memory. */
struct ame__watcher *ame__watcher_begin(struct ame__watcher **stack, size_t keys);
void ame__watcher_add(struct ame__watcher *watcher, uint64_t key);

/* Returns when something watched has changed since it was added. The thread may be cancelled here.
 */
void ame__watcher_sleep(struct ame__watcher *watcher);

/* The block that woke it, for reports; NULL: not known. */
const struct ame_abi_block *ame__watcher_woken_by(const struct ame__watcher *watcher);

/* Takes the first watcher off *stack and frees it. */
void ame__watcher_end(struct ame__watcher **stack);

/* Something has changed: that, or anything. */
void ame__wake(uint64_t key);
void ame__wake_all(void);

#endif
