/* wait.h - waiting for another thread, which may not be running just now. */
#ifndef AME_BASE_WAIT_H
#define AME_BASE_WAIT_H

#include "base/arch.h"

#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { AME__WAIT_PAUSES = 200 }; /* about ten microseconds */

/* One step of a waiting loop; `steps` starts at 0. Mostly the other thread is
 * about to finish. If it does not, there may be more threads than processors, and
 * it needs this one's; and a long block between two barriers is best left alone. */
static inline void ame__wait_step(unsigned *steps) {
    enum { YIELDS = 1000 };
    if (++*steps <= AME__WAIT_PAUSES) {
        ame__pause();
    } else if (*steps <= AME__WAIT_PAUSES + YIELDS) {
        sched_yield();
    } else {
        /* The bare system call: nanosleep() may end a thread that was cancelled. */
        const struct timespec nap = {.tv_nsec = 50 * 1000};
        syscall(SYS_nanosleep, &nap, NULL);
    }
}

#endif
