/* forks.h - locks and fork(). What another thread has locked while one forks nobody unlocks in the
 * child, where there is no other thread; and what it guards may be half written. So who forks
 * takes the lock first, and both processes let go of it. */
#ifndef AME_BASE_FORKS_H
#define AME_BASE_FORKS_H

#include "base/diag.h"

#include <pthread.h>

/* `hold` takes locks of which no thread has two at a time. To be called by a constructor. */
static inline void ame__hold_at_forks(void (*hold)(void), void (*let_go)(void)) {
    if (pthread_atfork(hold, let_go, let_go))
        ame__warn("out of memory as the program starts; a child that it forks may wait for ever");
}

#endif
