/* counters.c - the two ends: all threads add to one counter, and each to data of its own. */
#include "harness.h"

enum { BLOCKS = 500, CELLS = 8 };

static struct {
    alignas(64) long cell[CELLS];
} data[BENCH_THREADS];

static long add_to(long *cell) {
    for (int i = 0; i < BLOCKS; i++) {
        ATOMIC {
            ++*cell;
        }
        compiler_fence();
    }
    return BLOCKS;
}

static long one_counter(struct worker *self) {
    (void)self;
    return add_to(&data[0].cell[0]);
}

/* A small transaction in a thread's own line. */
static long disjoint(struct worker *self) {
    long *own = data[self->number].cell;
    for (long i = 0; i < BLOCKS; i++) {
        long *from = &own[i % CELLS], *to = &own[i / CELLS % CELLS];
        ATOMIC {
            *from -= i;
            *to += i + 1;
        }
        compiler_fence();
    }
    return BLOCKS;
}

static void clear(void) {
    memset(data, 0, sizeof data);
}

static void check(long tally, long operations) {
    long sum = 0;
    (void)tally;
    for (int t = 0; t < BENCH_THREADS; t++)
        for (int i = 0; i < CELLS; i++)
            sum += data[t].cell[i];
    CHECK(sum == operations);
}

static const struct bench_case cases[] = {
    {"one_counter", clear, one_counter, check, false},
    {"disjoint", clear, disjoint, check, false},
};
BENCH_CASES(cases)
