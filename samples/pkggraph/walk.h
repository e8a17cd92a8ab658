/* walk.h - the dependency closure of every package: the work that runs in blocks. */
#ifndef PKGGRAPH_WALK_H
#define PKGGRAPH_WALK_H

#include "graph.h"
#include "ranking.h"

#include <ame/ame.h>

#include <stdbool.h>
#include <stdint.h>

/* How often a package is in the closure of another one. */
struct tally {
    long needed_by;
};

/* Two counts for each package, by its number; a walk uses one of them. Packages
 * themselves are not written in blocks, so the lines they lie on stay in the
 * caches of all cores. */
struct results {
    struct tally *plain ame_immutable;      /* two blocks that add to the same one conflict */
    ame_counter *commutative ame_immutable; /* two blocks that add to the same one do not */
    struct ranking heaviest;                /* closures by installed size, KiB */
    struct ranking largest;                 /* closures by number of packages */
};

enum count_kind { COUNT_PLAIN, COUNT_COMMUTATIVE };

/* Returns false, with nothing to free, when out of memory. */
ame_constructor bool results_init(struct results *results, const struct graph *graph);

/* Back to the state before a walk: for running it again. */
void results_clear(struct results *results, struct graph *graph);

ame_constructor void results_free(struct results *results);

/* How often the package of this number is needed by another. */
int64_t results_needed_by(const struct results *results, uint32_t package);

/* Walks the closure of every package: one atomic block each, in a parallel loop on
 * `threads` threads (0: one for each processor). Returns 0 or an ame_error. */
int walk_in_blocks(struct graph *graph, struct results *results, enum count_kind kind,
                   unsigned threads);

/* The same work as plain C in one thread: no blocks, no atomic operations. */
int walk_serially(struct graph *graph, struct results *results);

#endif
