/* faults.h - makes blocks abort on purpose, at the Nth barrier.
 *
 * A program that is linked with `ame-faults` calls the hook before each barrier of its
 * software blocks. Blocks that run in hardware or serially have no barriers and no
 * faults, but for those at fault_point() in hardware. */
#ifndef FAULTS_H
#define FAULTS_H

#include <ame/atomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The calling thread's next block aborts at its `barrier`th barrier, counted from 1, and runs
 * again without faults; 0: no faults. */
void fault_at(unsigned barrier);

/* Whether a fault happened since the last fault_at: a block with fewer barriers has none. */
bool fault_happened(void);

/* A place that counts as a barrier, in hardware too; elsewhere it does nothing. */
ame_pure void fault_point(void);

/* Runs `feature` again and again, with a fault at the first barrier, at the second, and so on
 * until one run meets no fault, each between `prepare` and `check` (both without faults).
 * Returns the number of faults; in software, where there are barriers, it is at least one. */
unsigned with_every_fault(void (*prepare)(void), void (*feature)(void), void (*check)(void));

/* Each of these happens at random, once in so many times; 0: never. */
struct random_faults {
    uint64_t seed;
    unsigned abort;     /* at barriers and commits: the block aborts, a few times at most */
    unsigned pause;     /* there, and at the begin of attempts: the thread spins, or yields */
    unsigned no_memory; /* a log that has to grow can't */
    unsigned software;  /* an attempt in hardware is not made: the block runs in software */
    unsigned show;      /* at barriers: the block is asked to show its reads, for hardware ones that
                           leave no trace beside it, and gives them some time */
};

/* From now on for all threads, in software blocks. Called while no other thread runs. */
void faults_at_random(struct random_faults faults);

#endif
