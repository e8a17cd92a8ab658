/* clock.h - the time at which blocks begin in software.
 *
 * It never goes back, and moves only where somebody has met a version above it, or needs all
 * blocks that begin to lie above one. So threads that do not meet each other's data share a line
 * that nobody writes (the lazy clock of Avni and Shavit, "Maintaining Consistent Transactional
 * States without a Global Clock", SIROCCO 2008, has one for each thread).
 *
 * At 64 cores: read at each begin and by each commit that has written; written once for each
 * version that is the first one above it to be met. What is left above it by many writers at about
 * the same time is mostly passed in one step. */
#ifndef AME_CORE_CLOCK_H
#define AME_CORE_CLOCK_H

#include "core/orec.h"

/* A line of its own. */
extern struct ame__clock {
    AME__ALIGNED_LINE ame__word time;
} ame__clock;

/* Acquire: who has it from here has the time before what he loads next. */
static inline uint64_t ame__clock_time(void) {
    return ame__load_acquire(&ame__clock.time);
}

/* The same, not below `version`. Full fence where it has to be moved. */
static inline uint64_t ame__clock_reach(uint64_t version) {
    uint64_t now;
    while ((now = ame__clock_time()) < version)
        ame__cas_full(&ame__clock.time, now, ame__time_of(version));
    return now;
}

#endif
