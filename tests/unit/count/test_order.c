/* Counts and ordinary memory fit in one serial order, and each attempt sees a state
 * that some moment of that order had. */
#include "core/tx.h"
#include "counting.h"

#include <stdatomic.h>
#include <time.h>

enum { BETWEEN = 300, WRITES = 4000 };

static ame_counter a, b, between[BETWEEN];
static _Alignas(64) uint64_t memory[8];
static atomic_int writers_left;
static int attempts;
static pthread_t writer;

/* ---- step by step ---- */

static void moves_one(void *args, const struct calls *c) {
    (void)args;
    c->add(&a, 1);
    c->add(&b, -1);
}
BLOCK(moves_one)

static void *moves(void *args) {
    run_moves_one(args);
    return NULL;
}

static void reads_both_around_a_move(void *args, const struct calls *c) {
    (void)args;
    int64_t first = c->read(&a);
    if (++attempts == 1)
        elsewhere(moves, NULL); /* it has no records to release, so it does not wait */
    require(first + c->read(&b) == 0);
}
BLOCK(reads_both_around_a_move)

Test(order, an_attempt_sees_another_blocks_additions_together, .init = software_only,
     .timeout = 20) {
    run_reads_both_around_a_move(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&a), 1);
}

static void writes_what_it_counted(void *args, const struct calls *c) {
    (void)args;
    int64_t seen = c->read(&a);
    if (++attempts == 1)
        elsewhere(moves, NULL);
    c->store(&memory[0], (uint64_t)seen);
}
BLOCK(writes_what_it_counted)

Test(order, a_writer_whose_count_changed_runs_again, .init = software_only, .timeout = 20) {
    run_writes_what_it_counted(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(memory[0], 1);
    struct ame_tx *tx = ame__tx_self();
    cr_assert_eq(tx->statistics.aborts[AME__ABORT_COUNT_CHANGED], 1);
}

static void adds_what_it_counted(void *args, const struct calls *c) {
    (void)args;
    int64_t seen = c->read(&a);
    if (++attempts == 1)
        elsewhere(moves, NULL);
    c->add(&between[0], seen);
}
BLOCK(adds_what_it_counted)

Test(order, an_adder_whose_count_changed_runs_again, .init = software_only, .timeout = 20) {
    run_adds_what_it_counted(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&between[0]), 1);
}

static void writes_and_counts(void *args, const struct calls *c) {
    (void)args;
    c->store(&memory[0], c->load(&memory[0]) + 1);
    for (int i = 0; i < BETWEEN; i++) /* so that merging takes a while */
        c->add(&between[i], 1);
    c->add(&a, 1);
    c->add(&b, -1);
}
BLOCK(writes_and_counts)

static void *writes_once(void *args) {
    run_writes_and_counts(args);
    return NULL;
}

/* It can't return before the running block is done: its record stays locked. */
static void let_another_write(void) {
    writer = start(writes_once, NULL);
    while (ame_counter_read(&b) == 0)
        ;
}

static void reads_count_then_memory(void *args, const struct calls *c) {
    (void)args;
    int64_t count = c->read(&a);
    if (++attempts == 1)
        let_another_write();
    require(c->load(&memory[0]) == (uint64_t)count);
}
BLOCK(reads_count_then_memory)

Test(order, memory_read_after_a_count_fits_it, .init = software_only, .timeout = 20) {
    run_reads_count_then_memory(NULL);
    join(writer);
    cr_assert_geq(attempts, 2);
}

static void reads_memory_then_count(void *args, const struct calls *c) {
    (void)args;
    uint64_t value = c->load(&memory[0]);
    if (++attempts == 1)
        let_another_write();
    require(c->read(&a) == (int64_t)value);
}
BLOCK(reads_memory_then_count)

Test(order, a_count_read_after_memory_fits_it, .init = software_only, .timeout = 20) {
    run_reads_memory_then_count(NULL);
    join(writer);
    cr_assert_geq(attempts, 2);
}

/* ---- against a storm ---- */

static void *writes_all_the_time(void *args) {
    for (int i = 0; i < WRITES; i++)
        run_writes_and_counts(args);
    writers_left--;
    return NULL;
}

/* The first of what the writers merge, the last, and memory, in different orders. */
static void looks(void *args, const struct calls *c) {
    int64_t first, last, sum;
    uint64_t value;
    if (*(int *)args % 2) {
        value = c->load(&memory[0]);
        last = c->read(&b);
        first = c->read(&between[0]);
        sum = c->read(&a);
    } else {
        sum = c->read(&a);
        first = c->read(&between[0]);
        value = c->load(&memory[0]);
        last = c->read(&b);
    }
    require(sum == (int64_t)value && last == -sum && first == sum);
}
BLOCK(looks)

TEST_BOTH_WAYS(order, readers_see_all_of_a_block_or_nothing) {
    pthread_t storm[2];
    writers_left = 2;
    for (int i = 0; i < 2; i++)
        storm[i] = start(writes_all_the_time, NULL);
    int order = 0;
    do {
        order++;
        run_looks(&order);
    } while (writers_left);
    for (int i = 0; i < 2; i++)
        join(storm[i]);
    run_looks(&order);
    cr_assert_eq(ame_counter_read(&a), 2 * WRITES);
}

/* The machine has fewer processors than this has threads, so that now and then one is
 * interrupted while it reads a count, and goes on when it has changed. */
static void reads_again_and_again(void *args, const struct calls *c) {
    (void)args;
    int64_t sum = c->read(&a);
    for (int i = 0; i < 50; i++)
        require(c->read(&b) == -sum);
}
BLOCK(reads_again_and_again)

static void *reads_all_the_time(void *args) {
    while (writers_left)
        run_reads_again_and_again(args);
    return NULL;
}

static void *moves_for_a_while(void *args) {
    time_t end = time(NULL) + 2;
    while (time(NULL) < end)
        for (int i = 0; i < 100; i++)
            run_moves_one(args);
    writers_left--;
    return NULL;
}

Test(order, readers_may_be_interrupted_anywhere, .init = software_only, .timeout = 60) {
    pthread_t movers[2];
    writers_left = 2;
    for (int i = 0; i < 2; i++)
        movers[i] = start(moves_for_a_while, NULL);
    by_all(4, reads_all_the_time, NULL);
    for (int i = 0; i < 2; i++)
        join(movers[i]);
    cr_assert_eq(ame_counter_read(&a), -ame_counter_read(&b));
}

static void reads_many(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < BETWEEN; i++)
        require(c->read(&between[i]) == 0);
}
BLOCK(reads_many)

Test(order, reads_validate_only_after_anothers_merge, .init = software_only) {
    ame__tx_self(); /* or this thread takes over the other's descriptor */
    elsewhere(moves, NULL);
    run_reads_many(NULL);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_leq(statistics.extensions, 1);
}
