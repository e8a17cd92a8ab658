/* Counters: the sum, what a block sees of its own additions, and aborts. */
#include "core/orec.h"
#include "core/tx.h"
#include "count/count.h"
#include "counting.h"

enum { THREADS = 4, BLOCKS = 20000 };

static ame_counter total;
static ame_counter row[8];

static void adds_three(void *args, const struct calls *c) {
    c->add(args, 1);
    c->add(args, 5);
    c->add(args, -3);
}
BLOCK(adds_three)

static void *adds_often(void *args) {
    for (int i = 0; i < BLOCKS; i++)
        run_adds_three(args);
    return NULL;
}

TEST_BOTH_WAYS(counter, additions_of_many_threads_sum_up) {
    by_all(THREADS, adds_often, &total);
    cr_assert_eq(ame_counter_read(&total), THREADS * BLOCKS * 3);
}

Test(counter, blocks_that_only_add_do_not_abort, .init = software_only) {
    by_all(THREADS, adds_often, &total);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.commits_stm, THREADS * BLOCKS);
    cr_assert_eq(statistics.aborts_conflict, 0);
    cr_assert_eq(statistics.counts_merged, THREADS * BLOCKS, "additions in a row are one entry");
}

static void *adds_outside(void *args) {
    for (int i = 0; i < BLOCKS; i++) {
        ame_counter_add(args, 1);
        run_adds_three(args);
    }
    return NULL;
}

TEST_BOTH_WAYS(counter, plain_calls_and_blocks_go_together) {
    by_all(THREADS, adds_outside, &total);
    cr_assert_eq(ame_counter_read(&total), THREADS * BLOCKS * 4);
}

static void *adds_plainly(void *args) {
    for (int i = 0; i < 10 * BLOCKS; i++)
        ame_counter_add(args, 2);
    return NULL;
}

Test(counter, plain_calls_alone_need_no_block) {
    by_all(THREADS, adds_plainly, &total);
    cr_assert_eq(ame_counter_read(&total), THREADS * BLOCKS * 20);
    cr_assert_not(ame_in_block());
}

static void sees_its_own(void *args, const struct calls *c) {
    (void)args;
    int64_t before = c->read(&row[0]);
    for (int i = 1; i <= 100; i++) {
        c->add(&row[0], i);
        c->add(&row[1], -i); /* so that the log has more than one entry for each */
        cr_assert_eq(c->read(&row[0]), before + i * (i + 1) / 2);
        cr_assert_eq(c->read(&row[1]), -i * (i + 1) / 2);
        cr_assert_eq(c->read(&row[2]), 0);
    }
}
BLOCK(sees_its_own)

TEST_BOTH_WAYS(counter, a_block_sees_its_own_additions) {
    ame_counter_add(&row[0], 7);
    run_sees_its_own(NULL);
    cr_assert_eq(ame_counter_read(&row[0]), 5057);
    cr_assert_eq(ame_counter_read(&row[1]), -5050);
}

/* Long enough for the log to be summed up in between. */
static void adds_extremes(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < 5000; i++) {
        c->add(&row[0], INT64_MAX);
        c->add(&row[1], INT64_MIN);
    }
    require(c->read(&row[0]) == -5000);
}
BLOCK(adds_extremes)

TEST_BOTH_WAYS(counter, additions_wrap_around) {
    run_adds_extremes(NULL); /* 5000 * (2^63 - 1) modulo 2^64 */
    cr_assert_eq(ame_counter_read(&row[0]), -5000);
    cr_assert_eq(ame_counter_read(&row[1]), 0);
    ame_counter_add(&row[2], INT64_MAX);
    ame_counter_add(&row[2], 1);
    cr_assert_eq(ame_counter_read(&row[2]), INT64_MIN);
}

static int64_t near_the_end; /* the shared value lies at the end, the block's own goes over it */

static void reads_over_the_end(void *args, const struct calls *c) {
    (void)args;
    c->add(&row[3], 1);
    near_the_end = c->read(&row[3]);
}
BLOCK(reads_over_the_end)

TEST_BOTH_WAYS(counter, a_blocks_own_sum_wraps_around_too) {
    ame_counter_add(&row[3], INT64_MAX);
    run_reads_over_the_end(NULL);
    cr_assert_eq(near_the_end, INT64_MIN);
}

/* ---- aborts ---- */

static int attempts;

static void aborts_at_first(void *args, const struct calls *c) {
    (void)args;
    int64_t seen = c->read(&total);
    c->add(&total, 10);
    c->add(&row[0], 100);
    cr_assert_eq(c->read(&total), seen + 10);
    if (++attempts == 1)
        ame__tx_abort(ame__tx_self(), AME__ABORT_READ_CHANGED);
}
BLOCK(aborts_at_first)

Test(counter, an_aborted_attempts_additions_never_show, .init = software_only) {
    run_aborts_at_first(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&total), 10);
    cr_assert_eq(ame_counter_read(&row[0]), 100);
}

static uint64_t cell[16] __attribute__((aligned(64)));
static pthread_t writer;

static void writes_cell(void *args, const struct calls *c) {
    (void)args;
    c->store(cell, c->load(cell) + 1);
}
BLOCK(writes_cell)

static void *writes(void *args) {
    run_writes_cell(args);
    return NULL;
}

static void fails_at_its_commit(void *args, const struct calls *c) {
    (void)args;
    c->load(cell);
    c->add(&total, 1);
    if (++attempts > 1)
        return;
    writer = start(writes, NULL); /* it waits for this block after it has locked the cell */
    while (!ame__orec_locked(ame__load_acquire(&ame__orecs[ame__orec_index(cell)])))
        ;
}
BLOCK(fails_at_its_commit)

/* The merging has begun when the validation fails: it must end, or whoever reads a
 * count waits for ever. */
Test(counter, a_commit_that_fails_ends_its_merging, .init = software_only, .timeout = 20) {
    run_fails_at_its_commit(NULL);
    join(writer);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame__tx_self()->merging % AME__MERGING_STATES, AME__QUIET);
    cr_assert_eq(ame_counter_read(&total), 1);
    run_sees_its_own(NULL);
}

static void *adds_to_total(void *args) {
    run_adds_three(args);
    return NULL;
}

static void reads_and_fails(void *args, const struct calls *c) {
    (void)args;
    if (++attempts == 1) {
        c->add(&total, 1);
        c->load(cell);
        writer = start(writes, NULL);
        while (!ame__orec_locked(ame__load_acquire(&ame__orecs[ame__orec_index(cell)])))
            ;
    } else if (attempts == 2) {
        elsewhere(adds_to_total, &total);
        cr_assert_eq(c->read(&total), 3, "the aborted attempt's addition is still in the log");
    }
}
BLOCK(reads_and_fails)

Test(counter, the_next_attempt_begins_with_an_empty_log, .init = software_only, .timeout = 20) {
    run_reads_and_fails(NULL);
    join(writer);
    cr_assert_eq(ame_counter_read(&total), 3);
}
