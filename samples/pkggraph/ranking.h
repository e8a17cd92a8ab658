/* ranking.h - the ten greatest of many amounts, kept while they come in. */
#ifndef PKGGRAPH_RANKING_H
#define PKGGRAPH_RANKING_H

#include <stdalign.h>
#include <stdint.h>

enum { RANKS = 10 };

struct ranked {
    int64_t amount;
    int64_t package; /* its number */
};

/* From the greatest down, then by package number: the result does not depend on
 * the order in which amounts are offered. */
struct ranking {
    alignas(64) struct ranked ranks[RANKS];
};

/* Makes all ranks vacant. */
void ranking_clear(struct ranking *ranking);

/* A vacant rank has a negative amount. */
static inline int ranking_is_vacant(const struct ranked *rank) {
    return rank->amount < 0;
}

/* Enters the package if its amount (not negative) is among the greatest so far. In
 * a block this reads one line, the last rank, and writes only what it must: as the
 * table fills up, offers seldom conflict. */
void ranking_offer(struct ranking *ranking, int64_t amount, int64_t package);

#endif
