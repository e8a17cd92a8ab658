/* mixed.c - short and long blocks of many threads: of a hundred blocks 99 move something between
 * two cells, and one sums many cells up and moves something between ten. Cells sum to 0; where they
 * are few, nearly all blocks conflict. */
#include "harness.h"

enum {
    CELLS = 262144,
    CELLS_QUICK = 4096,
    CELLS_OF_FEW = 1024,
    LONG_READS = 10000,
    LONG_WRITES = 10,
    ROUND = 100,
};

static alignas(64) long cells[CELLS]; /* in stripes of their own */
static long cell_count;

static void short_block(long *from, long *to) {
    ATOMIC {
        --*from;
        ++*to;
    }
}

/* Where cells are few, all of them. */
static void long_block(long first) {
    long sum = 0, count = cell_count < LONG_READS ? cell_count : LONG_READS;
    ATOMIC {
        sum = 0;
        for (long i = 0; i < count; i++)
            sum += cells[(first + i) % cell_count];
        for (long i = 0; i < LONG_WRITES; i++)
            cells[(first + i * 97) % cell_count] += i % 2 ? 1 : -1;
    }
    CHECK(count < cell_count || sum == 0);
}

static long work(struct worker *self) {
    for (int i = 1; i < ROUND; i++)
        short_block(&cells[random_below(&self->random, cell_count)],
                    &cells[random_below(&self->random, cell_count)]);
    long_block(random_below(&self->random, cell_count));
    return ROUND;
}

static void many(void) {
    cell_count = bench_quick ? CELLS_QUICK : CELLS;
    memset(cells, 0, sizeof cells);
}

static void few(void) {
    cell_count = CELLS_OF_FEW;
    memset(cells, 0, sizeof cells);
}

static void check(long tally, long operations) {
    long sum = 0;
    (void)tally, (void)operations;
    for (long i = 0; i < cell_count; i++)
        sum += cells[i];
    CHECK(sum == 0);
}

static const struct bench_case cases[] = {
    {"mixed_low", many, work, check, false},
    {"mixed_high", few, work, check, false},
};
BENCH_CASES(cases)
