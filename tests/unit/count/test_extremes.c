/* ame_max and ame_min: what stays, what a block sees of its own, and who conflicts. */
#include "merging.h"

enum { THREADS = 4, BLOCKS = 10000, MANY = 6000 };

static ame_max largest, row[MANY];
static ame_min least;
static ame_counter count;
static int attempts;
static int64_t next_value;

Test(extremes, zero_initialised_ones_are_empty) {
    cr_assert_eq(ame_max_read(&largest), INT64_MIN);
    cr_assert_eq(ame_min_read(&least), INT64_MAX);
}

Test(extremes, outside_blocks_the_extremes_stay) {
    static const int64_t values[] = {3, -7, 0, 12, 12, -9, 5};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        ame_max_add(&largest, values[i]);
        ame_min_add(&least, values[i]);
    }
    cr_assert_eq(ame_max_read(&largest), 12);
    cr_assert_eq(ame_min_read(&least), -9);
    ame_max_add(&largest, INT64_MAX);
    ame_min_add(&least, INT64_MIN);
    cr_assert_eq(ame_max_read(&largest), INT64_MAX);
    cr_assert_eq(ame_min_read(&least), INT64_MIN);
}

static void adds_both(void *args, const struct calls *c) {
    const struct merges *m = merges_of(c);
    int64_t value = *(int64_t *)args;
    m->max_add(&largest, value - 1);
    m->max_add(&largest, value);
    m->max_add(&largest, value - 2);
    m->min_add(&least, -value);
}
BLOCK(adds_both)

static void *adds_often(void *unused) {
    (void)unused;
    for (int i = 0; i < BLOCKS; i++) {
        int64_t value = __atomic_add_fetch(&next_value, 1, __ATOMIC_RELAXED);
        run_adds_both(&value);
    }
    return NULL;
}

TEST_BOTH_WAYS(extremes, of_what_many_threads_add_the_extremes_stay) {
    by_all(THREADS, adds_often, NULL);
    cr_assert_eq(ame_max_read(&largest), THREADS * BLOCKS);
    cr_assert_eq(ame_min_read(&least), -THREADS * BLOCKS);
}

Test(extremes, blocks_that_only_add_do_not_abort, .init = software_only) {
    by_all(THREADS, adds_often, NULL);
    cr_assert_eq(statistics_now().aborts_conflict, 0);
    cr_assert_eq(statistics_now().counts_merged, 2 * THREADS * BLOCKS);
}

static void sees_its_own(void *args, const struct calls *c) {
    (void)args;
    const struct merges *m = merges_of(c);
    require(m->max_read(&largest) == 50 && m->min_read(&least) == 50);
    for (int i = 1; i <= 100; i++) {
        m->max_add(&largest, i);
        m->min_add(&least, i - 1); /* so that neither log entry is the last */
        require(m->max_read(&largest) == (i > 50 ? i : 50));
        require(m->min_read(&least) == 0);
    }
}
BLOCK(sees_its_own)

TEST_BOTH_WAYS(extremes, a_block_sees_its_own) {
    ame_max_add(&largest, 50);
    ame_min_add(&least, 50);
    run_sees_its_own(NULL);
    cr_assert_eq(ame_max_read(&largest), 100);
}

static void adds_to_many(void *args, const struct calls *c) {
    (void)args;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < MANY; i++)
            merges_of(c)->max_add(&row[i], round * i);
    require(merges_of(c)->max_read(&row[7]) == 14);
}
BLOCK(adds_to_many)

TEST_BOTH_WAYS(extremes, a_long_log_is_summed_up) {
    run_adds_to_many(NULL);
    for (int i = 0; i < MANY; i++)
        cr_assert_eq(ame_max_read(&row[i]), 2 * i);
    cr_assert_leq(ame__tx_self()->deltas.capacity, 4 * MANY);
}

static void aborts_at_first(void *args, const struct calls *c) {
    (void)args;
    merges_of(c)->max_add(&largest, ++attempts == 1 ? 1000 : 10);
    if (attempts == 1)
        abort_attempt();
}
BLOCK(aborts_at_first)

Test(extremes, an_aborted_attempts_values_never_show, .init = software_only) {
    run_aborts_at_first(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_max_read(&largest), 10);
}

static void *adds_argument(void *args) {
    run_adds_both(args);
    return NULL;
}

/* `args`: what another thread adds meanwhile. */
static void reads_and_counts(void *args, const struct calls *c) {
    int64_t seen = merges_of(c)->max_read(&largest);
    if (++attempts == 1)
        elsewhere(adds_argument, args);
    c->add(&count, seen);
}
BLOCK(reads_and_counts)

Test(extremes, a_reader_runs_again_if_the_value_has_changed, .init = software_only) {
    int64_t more = 20;
    ame_max_add(&largest, 10);
    run_reads_and_counts(&more);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&count), 20);
}

Test(extremes, a_value_that_stays_makes_no_reader_run_again, .init = software_only) {
    int64_t less = 5;
    ame_max_add(&largest, 10);
    run_reads_and_counts(&less);
    cr_assert_eq(attempts, 1);
    cr_assert_eq(ame_counter_read(&count), 10);
}
