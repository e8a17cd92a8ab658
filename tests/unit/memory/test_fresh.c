/* The set of fresh memory (memory/fresh.h), beside a plain list of what is in it. */
#include "core/tx.h"
#include "memory/fresh.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Addresses only: nothing is allocated, nor accessed, there. */
enum { RANGES = 300, ROUNDS = 20000 };
static const uintptr_t LOWEST = UINT64_C(1) << 44;

static struct {
    uintptr_t begin;
    size_t size;
} ranges[RANGES];

static uint64_t state = 88172645463325252;

static uint64_t random_number(uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

static bool is_fresh(uintptr_t address) {
    return ame__is_fresh(ame__tx_self(), (void *)address);
}

/* Some are next to each other, some far apart; of all sizes, most of them small. */
static void choose(size_t i) {
    size_t size = random_number(16) ? random_number(300)
                                    : random_number(UINT64_C(1) << (10 + random_number(24)));
    ranges[i].size = size + 1;
    ranges[i].begin = LOWEST + (i % 30 << 40) + (i / 30 << 36) + random_number(4096) * 16;
}

static void check(size_t i, bool in) {
    uintptr_t begin = ranges[i].begin, size = ranges[i].size;
    cr_assert_eq(ame__fresh_begins(ame__tx_self(), (void *)begin), in);
    cr_assert_eq(is_fresh(begin), in);
    cr_assert_eq(is_fresh(begin + size - 1), in);
    cr_assert_eq(is_fresh(begin + random_number(size)), in);
    cr_assert_not(is_fresh(begin - 1));
    cr_assert_not(is_fresh((begin + size + 7) & ~(uintptr_t)7));
}

Test(fresh, is_what_was_added_and_not_removed) {
    struct ame_tx *tx = ame__tx_self();
    for (int round = 0; round < ROUNDS; round++) {
        size_t i = random_number(RANGES);
        if (ranges[i].size) {
            check(i, true);
            ame__fresh_remove(tx, (void *)ranges[i].begin, ranges[i].size);
            check(i, false);
            ranges[i].size = 0;
        } else {
            choose(i);
            check(i, false);
            cr_assert(ame__fresh_add(tx, (void *)ranges[i].begin, ranges[i].size));
            check(i, true);
        }
    }
    for (size_t i = 0; i < RANGES; i++)
        if (ranges[i].size)
            check(i, true);
    ame__fresh_clear(tx);
    for (size_t i = 0; i < RANGES; i++)
        if (ranges[i].size)
            check(i, false);
}

Test(fresh, neighbours_are_told_apart) {
    struct ame_tx *tx = ame__tx_self();
    for (uintptr_t i = 0; i < 1000; i++)
        cr_assert(ame__fresh_add(tx, (void *)(LOWEST + i * 32), 24));
    for (uintptr_t i = 0; i < 1000; i += 2)
        ame__fresh_remove(tx, (void *)(LOWEST + i * 32), 24);
    for (uintptr_t i = 0; i < 1000; i++)
        for (uintptr_t k = 0; k < 24; k++) /* what lies between is the allocator's */
            cr_assert_eq(is_fresh(LOWEST + i * 32 + k), i % 2);
    ame__fresh_clear(tx);
}

/* A list: what is next to each other is one hot range, which shrinks as the list is freed, from
 * either end or from the middle. Gaps count only where no allocation fits in. */
static void check_list(size_t gap, bool backwards) {
    enum { NODES = 1000, SIZE = 24, STRIDE = 32 };
    struct ame_tx *tx = ame__tx_self();
    for (uintptr_t i = 0; i < NODES; i++) {
        uintptr_t at = LOWEST + (backwards ? NODES - 1 - i : i) * STRIDE;
        cr_assert(ame__fresh_add(tx, (void *)at, SIZE));
        tx->fresh_gap = gap;
    }
    cr_assert_eq(tx->fresh_hot_extent, gap ? (NODES - 1) * STRIDE + SIZE : SIZE);
    uintptr_t freed = LOWEST + NODES / 4 * STRIDE;
    ame__fresh_remove(tx, (void *)freed, SIZE);
    for (uintptr_t k = 0; k < 8; k++) {
        cr_assert_not(is_fresh(freed + SIZE + k)); /* a gap is fresh only between two that are */
        cr_assert_not(is_fresh(freed - 8 + k));
    }
    for (uintptr_t i = 0; i < NODES; i++)
        for (uintptr_t k = 0; k < SIZE; k++)
            cr_assert_eq(is_fresh(LOWEST + i * STRIDE + k), i != NODES / 4);
    for (uintptr_t i = NODES - 1; i > NODES / 2; i--) {
        ame__fresh_remove(tx, (void *)(LOWEST + i * STRIDE), SIZE);
        cr_assert_not(is_fresh(LOWEST + i * STRIDE));
        cr_assert(is_fresh(LOWEST + (i - 1) * STRIDE + SIZE - 1));
    }
    for (uintptr_t i = NODES / 4 + 1; i < NODES / 2; i++) {
        ame__fresh_remove(tx, (void *)(LOWEST + i * STRIDE), SIZE);
        cr_assert_not(is_fresh(LOWEST + i * STRIDE + SIZE - 1));
        cr_assert(is_fresh(LOWEST + (i + 1) * STRIDE));
    }
    ame__fresh_clear(tx);
    cr_assert_not(is_fresh(LOWEST));
}

Test(fresh, list_is_one_hot_range) {
    check_list(8, false);
    check_list(8, true);
    check_list(0, false);
}

/* Some neighbours are freed, one after the other: of the row the smaller part around the first one
 * goes to the set, and what is found is the same. */
static void check_row(uintptr_t first, uintptr_t count, bool from_the_end) {
    enum { NODES = 1000, SIZE = 100, STRIDE = 112 };
    struct ame_tx *tx = ame__tx_self();
    cr_assert(ame__fresh_add(tx, (void *)(LOWEST - STRIDE), SIZE)); /* in the set */
    tx->fresh_gap = 8;
    for (uintptr_t i = 0; i < NODES; i++)
        cr_assert(ame__fresh_add(tx, (void *)(LOWEST + i * STRIDE), SIZE));
    cr_assert_eq(tx->fresh.count, 1);
    for (uintptr_t n = 0; n < count; n++) {
        uintptr_t i = from_the_end ? first + count - 1 - n : first + n;
        cr_assert(ame__fresh_begins(tx, (void *)(LOWEST + i * STRIDE)));
        cr_assert_not(ame__fresh_begins(tx, (void *)(LOWEST + i * STRIDE + 8)));
        cr_assert(ame__fresh_remove(tx, (void *)(LOWEST + i * STRIDE), STRIDE - 8));
    }
    for (uintptr_t i = 0; i < NODES; i++) {
        bool in = i - first >= count;
        cr_assert_eq(ame__fresh_begins(tx, (void *)(LOWEST + i * STRIDE)), in);
        cr_assert_eq(is_fresh(LOWEST + i * STRIDE), in);
        cr_assert_eq(is_fresh(LOWEST + i * STRIDE + SIZE - 1), in);
    }
    cr_assert_not(is_fresh(LOWEST + NODES * STRIDE));
    uintptr_t freed = from_the_end ? first + count - 1 : first, rest = NODES - 1 - freed;
    cr_assert_leq(tx->fresh.count, (freed < rest ? freed : rest) * STRIDE / 4096 + 3);
    ame__fresh_clear(tx);
    cr_assert_not(is_fresh(LOWEST + (first ? 0 : NODES - 1) * STRIDE));
}

Test(fresh, row_stays_out_of_the_set_but_for_what_lies_around_holes) {
    for (int from_the_end = 0; from_the_end < 2; from_the_end++) {
        check_row(0, 500, from_the_end);
        check_row(500, 500, from_the_end);
        check_row(0, 1000, from_the_end);
        check_row(10, 1, from_the_end);
        check_row(900, 50, from_the_end);
        check_row(300, 300, from_the_end);
    }
}

/* The longest one and the latest stay out of the set. */
Test(fresh, there_are_two_rows) {
    enum { ROWS = 5, NODES = 300, SIZE = 248, STRIDE = 256 };
    struct ame_tx *tx = ame__tx_self();
    for (uintptr_t row = 0; row < ROWS; row++)
        for (uintptr_t i = 0; i < NODES * (row == 1 ? 5 : 1); i++) {
            cr_assert(ame__fresh_add(tx, (void *)(LOWEST + (row << 30) + i * STRIDE), SIZE));
            tx->fresh_gap = 8;
        }
    cr_assert_eq(tx->fresh_rows[0].begin, LOWEST + ((uintptr_t)(ROWS - 1) << 30) + STRIDE);
    cr_assert_eq(tx->fresh_rows[1].begin, LOWEST + (UINT64_C(1) << 30) + STRIDE);
    for (uintptr_t row = 0; row < ROWS; row++)
        for (uintptr_t i = 0; i < NODES; i++) {
            cr_assert(is_fresh(LOWEST + (row << 30) + i * STRIDE + SIZE - 1));
            cr_assert(ame__fresh_begins(tx, (void *)(LOWEST + (row << 30) + i * STRIDE)));
        }
    ame__fresh_clear(tx);
}

/* An allocator may have given far more than was asked for. */
Test(fresh, all_of_it_goes_whatever_its_size_is_said_to_be) {
    struct ame_tx *tx = ame__tx_self();
    cr_assert(ame__fresh_add(tx, (void *)(LOWEST + 4096 - 64), 5000));
    cr_assert(ame__fresh_remove(tx, (void *)(LOWEST + 4096 - 64), 100000));
    for (uintptr_t i = 0; i < 5000; i++)
        cr_assert_not(is_fresh(LOWEST + 4096 - 64 + i));
    ame__fresh_clear(tx);
}

Test(fresh, set_is_small_however_large_the_memory) {
    struct ame_tx *tx = ame__tx_self();
    cr_assert(ame__fresh_add(tx, (void *)(LOWEST + 16), UINT64_C(1) << 40));
    cr_assert_lt(tx->fresh.count, 40);
    ame__fresh_clear(tx);
    for (uintptr_t i = 0; i < 1000000; i++) { /* never in the same place */
        cr_assert(ame__fresh_add(tx, (void *)(LOWEST + i * 4096), 1000));
        ame__fresh_remove(tx, (void *)(LOWEST + i * 4096), 1000);
    }
    cr_assert_leq(tx->fresh.capacity, 64);
    ame__fresh_clear(tx);
}

/* F2: each level of savepoints adds words to the same regions. */
Test(fresh, of_a_savepoint_joins_that_of_the_block_around) {
    enum { LEVELS = 5, WORDS = 64 };
    struct ame_tx *tx = ame__tx_self();
    struct ame__savepoint savepoints[LEVELS];
    for (uintptr_t level = 0; level < LEVELS; level++) {
        for (uintptr_t i = level; i < WORDS * LEVELS; i += LEVELS)
            cr_assert(ame__fresh_add(tx, (void *)(LOWEST + i * 512), 512));
        for (uintptr_t i = 0; i < WORDS * LEVELS; i++)
            cr_assert_eq(is_fresh(LOWEST + i * 512 + 100), i % LEVELS == level);
        if (level + 1 < LEVELS) {
            ame__fresh_settle(tx);
            savepoints[level] =
                (struct ame__savepoint){.around = tx->savepoint, .fresh = tx->fresh.count};
            tx->savepoint = &savepoints[level];
            ame__fresh_cool(tx);
        }
    }
    for (uintptr_t level = LEVELS - 1; level--;) {
        tx->savepoint = savepoints[level].around;
        ame__fresh_join(tx, savepoints[level].fresh);
        for (uintptr_t i = 0; i < WORDS * LEVELS; i++) {
            cr_assert_eq(is_fresh(LOWEST + i * 512 + 100), i % LEVELS >= level);
            cr_assert_eq(ame__fresh_begins(tx, (void *)(LOWEST + i * 512)), i % LEVELS >= level);
        }
    }
    cr_assert_eq(tx->fresh.count, WORDS * LEVELS / 8);
    ame__fresh_clear(tx);
}
