/* The log of additions: its length is bounded by the number of different counts. */
#include "core/tx.h"
#include "counting.h"

#include <string.h>

enum { MANY = 10000, ALTERNATING = 3, ADDITIONS = 1000000 };

static ame_counter counters[MANY];
static size_t largest_capacity;

static size_t log_capacity(void) {
    return ame__tx_self()->deltas.capacity;
}

static void alternates(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < ADDITIONS; i++) {
        c->add(&counters[i % ALTERNATING], 1 + i % ALTERNATING);
        if (log_capacity() > largest_capacity)
            largest_capacity = log_capacity();
    }
}
BLOCK(alternates)

static void check_alternation(void) {
    for (int i = 0; i < ALTERNATING; i++) {
        int64_t times = ADDITIONS / ALTERNATING + (i < ADDITIONS % ALTERNATING);
        cr_assert_eq(ame_counter_read(&counters[i]), times * (1 + i));
    }
}

Test(log, a_million_additions_to_few_counters_need_a_short_log, .init = software_only) {
    run_alternates(NULL);
    check_alternation();
    cr_assert_leq(largest_capacity, 8192, "the log grew to %zu entries", largest_capacity);
}

Test(log, the_serial_path_logs_no_additions, .init = serial_only) {
    run_alternates(NULL);
    check_alternation();
    cr_assert_eq(largest_capacity, 0);
}

/* In an order which neither addresses nor repetitions make easy. */
static void adds_to_many(void *args, const struct calls *c) {
    int64_t rounds = *(int64_t *)args;
    for (int64_t round = 1; round <= rounds; round++)
        for (unsigned i = 0; i < MANY; i++) {
            unsigned k = (i * 7919u + (unsigned)round) % MANY;
            c->add(&counters[k], round * (int64_t)k - (round == 2));
        }
    for (unsigned k = 0; k < MANY; k += 997)
        require(c->read(&counters[k]) == rounds * (rounds + 1) / 2 * (int64_t)k - (rounds > 1));
}
BLOCK(adds_to_many)

TEST_BOTH_WAYS(log, additions_to_very_many_counters_are_all_merged) {
    int64_t rounds = 3;
    run_adds_to_many(&rounds);
    for (int64_t k = 0; k < MANY; k++)
        cr_assert_eq(ame_counter_read(&counters[k]), 6 * k - 1, "counter %d", (int)k);
}

Test(log, its_length_follows_the_number_of_different_counts, .init = software_only) {
    int64_t rounds = 20;
    run_adds_to_many(&rounds);
    cr_assert_leq(log_capacity(), 4 * MANY, "the log grew to %zu entries", log_capacity());
}

/* Summing up sorts the entries; sums and lone entries next to each other must stay. */
static void adds_around_the_limit(void *args, const struct calls *c) {
    int additions = *(int *)args;
    for (int i = 0; i < additions; i++)
        c->add(&counters[i % 2 ? MANY - 1 : i % MANY], 1);
}
BLOCK(adds_around_the_limit)

Test(log, no_addition_is_lost_around_the_lengths_at_which_it_is_summed_up, .init = software_only) {
    for (int power = 64; power <= 16384; power *= 2)
        for (int additions = power - 2; additions <= power + 2; additions++) {
            memset(counters, 0, sizeof counters);
            run_adds_around_the_limit(&additions);
            int64_t sum = 0;
            for (int i = 0; i < MANY; i++)
                sum += ame_counter_read(&counters[i]);
            cr_assert_eq(sum, additions);
            cr_assert_geq(ame_counter_read(&counters[MANY - 1]), additions / 2);
            cr_assert_eq(ame_counter_read(&counters[1]), 0);
        }
}

static int attempts;

static void aborts_with_a_long_log(void *args, const struct calls *c) {
    (void)args;
    if (++attempts == 1) {
        for (int i = 0; i < MANY; i++)
            c->add(&counters[i], 1);
        ame__tx_abort(ame__tx_self(), AME__ABORT_READ_CHANGED);
    }
    c->add(&counters[0], 1);
}
BLOCK(aborts_with_a_long_log)

Test(log, a_long_log_leaves_nothing_behind_after_an_abort, .init = software_only) {
    run_aborts_with_a_long_log(NULL);
    cr_assert_eq(ame_counter_read(&counters[0]), 1);
    for (int i = 1; i < MANY; i++)
        cr_assert_eq(ame_counter_read(&counters[i]), 0);
}
