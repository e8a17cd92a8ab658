/* seen_waits.h - which of a thread's short waits are looked at.
 *
 * Commits may wait a million times in a second, and to look at the clock and at the other block
 * takes as long as they do. Where they come that often most are left alone, and one that is seen
 * stands for those since the last: how many there were is known, how long they took is a sample. */
#ifndef AME_EVENTS_SEEN_WAITS_H
#define AME_EVENTS_SEEN_WAITS_H

#include <stdbool.h>
#include <stdint.h>

struct ame__seen_waits {
    uint64_t last;   /* when the last one that was seen began, in ticks */
    uint32_t unseen; /* so many have come since, */
    uint32_t leave;  /* and so many more are to come that are not seen either */
};

/* A wait begins. False: it is not to be looked at. */
static inline bool ame__sees_wait(struct ame__seen_waits *waits) {
    if (!waits->leave)
        return true;
    waits->leave--;
    waits->unseen++;
    return false;
}

/* One was not to be looked at, but it is a long one, and stands for itself. */
static inline void ame__sees_wait_late(struct ame__seen_waits *waits) {
    waits->unseen -= waits->unseen > 0; /* none if the recording is younger than the wait */
}

/* One that was seen, and `began` then, is over, and was short: it stands for so many. */
static inline uint32_t ame__seen_wait_stands_for(struct ame__seen_waits *waits, uint64_t began) {
    enum { OFTEN = 20000, LEAVE = 8 }; /* ticks from one to the next; about twice as many */
    uint32_t count = 1 + waits->unseen;
    bool often = (began - waits->last) / count < OFTEN;
    waits->last = began;
    waits->unseen = 0;
    waits->leave = often ? LEAVE + began % (2 * LEAVE) : 0; /* or they would keep step */
    return count;
}

#endif
