/* stress.h - what the stress programs share. A program is a function that makes one run; all that
 * is random about a run comes from its seed, the number of threads and the disturbances included.
 * Each run is a process of its own, so a crash or a circle of waits is a verdict like any other.
 *
 *     AME_MODE=stm stress.history SEED COUNT     runs SEED to SEED + COUNT - 1
 *     AME_MODE=stm stress.history SEED 10s       runs from SEED on, for ten seconds */
#ifndef STRESS_H
#define STRESS_H

#include "../programs/check.h"

struct stress {
    uint64_t random; /* for next_random: what else the run wants to choose */
    int threads;
};

/* Defined by the program. */
void stress_run(struct stress *run);

/* Runs body(0) .. body(run->threads - 1) at the same time. While they run, and not before, blocks
 * abort, threads pause in them, logs find no memory, and signals hold threads up wherever they are:
 * what of this, and how often, comes from the seed. */
void stress_threads(const struct stress *run, void (*body)(int number));

/* Of `all` steps the share of one thread; fewer in all where a step takes longer. */
int stress_steps(const struct stress *run, int all);

#endif
