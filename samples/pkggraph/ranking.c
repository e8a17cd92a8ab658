/* ranking.c - insertion into a short sorted table. */
#include "ranking.h"

#include <stdbool.h>

void ranking_clear(struct ranking *ranking) {
    for (int i = 0; i < RANKS; i++)
        ranking->ranks[i] = (struct ranked){.amount = -1, .package = -1};
}

static bool goes_before(int64_t amount, int64_t package, const struct ranked *rank) {
    return amount > rank->amount || (amount == rank->amount && package < rank->package);
}

void ranking_offer(struct ranking *ranking, int64_t amount, int64_t package) {
    int place = RANKS - 1;
    if (!goes_before(amount, package, &ranking->ranks[place]))
        return;
    for (; place > 0 && goes_before(amount, package, &ranking->ranks[place - 1]); place--)
        ranking->ranks[place] = ranking->ranks[place - 1];
    ranking->ranks[place] = (struct ranked){.amount = amount, .package = package};
}
