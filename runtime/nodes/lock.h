/* lock.h - a lock that is held for some ten nanoseconds, and asked for at each change of a map. */
#ifndef AME_NODES_LOCK_H
#define AME_NODES_LOCK_H

#include "base/arch.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "base/wait.h"

/* Waits longer each time: two threads that both change what it guards would else have it by turns,
 * and its line go to and fro for each. So one of them makes a few changes meanwhile. */
static AME__COLD void ame__wait_for_lock(ame__word *lock) {
    enum { FEW = 64, MANY = 256 };
    unsigned pauses = FEW, steps = 0;
    do {
        for (unsigned i = 0; i < pauses; i++)
            ame__pause();
        if (pauses < MANY)
            pauses *= 2;
        else
            ame__wait_step(&steps);
    } while (ame__load_relaxed(lock) || !ame__cas_full(lock, 0, 1));
}

static inline void ame__lock(ame__word *lock) {
    if (AME__UNLIKELY(!ame__cas_full(lock, 0, 1)))
        ame__wait_for_lock(lock);
}

/* Release: who has the lock next sees what it guards as it was left. */
static inline void ame__unlock(ame__word *lock) {
    ame__store_release(lock, 0);
}

#endif
