#include "tx/simulated.h"
#include "base/checkpoint.h"
#include "base/diag.h"
#include "serial/gate.h"
#include "tx/attempt.h"
#include "watch/watch.h"

#include <stdio.h>
#include <stdlib.h>

/* Percents of all attempts. */
static unsigned conflicts = 20, capacities = 5, others = 5;
static uint64_t seed = 1;

void ame__simulation_starts(void) {
    const char *said = getenv("AME_SIMULATED");
    unsigned long number = 1;
    char rest;
    if (said && *said) {
        int fields =
            sscanf(said, "%lu,%u,%u,%u%c", &number, &conflicts, &capacities, &others, &rest);
        if ((fields != 1 && fields != 4) || conflicts > 100 || capacities > 100 || others > 100 ||
            conflicts + capacities + others > 100) {
            ame__warn("AME_SIMULATED=%s; use SEED or SEED,CONFLICT,CAPACITY,OTHER, the last three "
                      "in percent of all attempts",
                      said);
            exit(EXIT_FAILURE);
        }
    }
    seed = number;
}

/* SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014); each
 * thread has numbers of its own. */
static unsigned dice(struct ame_tx *tx) {
    uint64_t z = seed * UINT64_C(0xD1342543DE82EF95) + tx->tag +
                 ++tx->attempts_simulated * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (unsigned)((z ^ z >> 31) % 100);
}

static enum ame__abort_reason run_alone(struct ame_tx *tx, void *args) {
    tx->args = args;
    ame__gate_close(tx);
    ame__start_alone(tx);
    tx->simulated = true;
    int reason = ame__checkpoint_call(ame__run_twin, tx, &tx->restart);
    tx->way = AME__OUTSIDE;
    tx->alone = tx->simulated = false;
    ame__gate_open();
    return (enum ame__abort_reason)reason;
}

enum ame__abort_reason ame__simulated_attempt(struct ame_tx *tx, void *args) {
    unsigned thrown = dice(tx);
    if (thrown < conflicts)
        return AME__ABORT_HTM_CONFLICT;
    if (thrown < conflicts + capacities)
        return AME__ABORT_HTM_CAPACITY;
    if (thrown < conflicts + capacities + others)
        return AME__ABORT_HTM_OTHER;
    /* What hardware can't do, as a system call, it gives up at. */
    return run_alone(tx, args) ? AME__ABORT_HTM_EXPLICIT : AME__ABORT_NONE;
}
