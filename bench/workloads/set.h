/* set.h - the benchmark of all kinds of sets. The including file defines, before it, what the set
 * does, without blocks, and calls SET_CASE. Half of the keys are in the set; of a hundred
 * operations ten insert, ten remove and the others look up. */
#ifndef BENCH_SET_H
#define BENCH_SET_H

#include "harness.h"

static bool set_insert(long key); /* false: was there already */
static bool set_remove(long key); /* false: was not there */
static bool set_contains(long key);
static long set_destroy(void); /* CHECKs the structure; returns how many keys it had */

enum { SET_OPERATIONS = 100, SET_QUICK_RANGE = 256 };

static long set_range, set_size_at_first;

static long set_work(struct worker *self) {
    for (int i = 0; i < SET_OPERATIONS; i++) {
        long key = random_below(&self->random, set_range), kind = random_below(&self->random, 10);
        bool changed;
        if (kind == 0) {
            ATOMIC {
                changed = set_insert(key);
            }
            self->tally += changed;
        } else if (kind == 1) {
            ATOMIC {
                changed = set_remove(key);
            }
            self->tally -= changed;
        } else {
            ATOMIC {
                changed = set_contains(key);
            }
            __asm__ volatile("" ::"r"(changed));
        }
    }
    return SET_OPERATIONS;
}

static void set_fill(long range) {
    uint64_t random = 1;
    set_range = bench_quick ? SET_QUICK_RANGE : range;
    set_size_at_first = 0;
    while (set_size_at_first < set_range / 2)
        set_size_at_first += set_insert(random_below(&random, set_range));
}

static void set_check(long tally, long operations) {
    (void)operations;
    CHECK(set_destroy() == set_size_at_first + tally);
}

#endif
