/* Blocks that each read what the other changes, counts or memory: one of them has to
 * see the other's change. */
#include "counting.h"

#include <stdatomic.h>

enum { ROUNDS = 5000 };

static ame_counter a;
static _Alignas(64) uint64_t memory[8];
static int attempts;
static pthread_t writer;

/* ---- reading and adding: each block is a conflict with each other ---- */

enum { TICKETS = 15000, DRAWERS = 4 };

static atomic_int drawn[TICKETS * DRAWERS];

static void draws(void *args, const struct calls *c) {
    *(int64_t *)args = c->read(&a);
    c->add(&a, 1);
}
BLOCK(draws)

static void *draws_tickets(void *args) {
    (void)args;
    for (int i = 0; i < TICKETS; i++) {
        int64_t ticket;
        run_draws(&ticket);
        drawn[ticket]++;
    }
    return NULL;
}

TEST_BOTH_WAYS(skew, no_two_blocks_read_a_count_and_add_to_it_unseen) {
    by_all(DRAWERS, draws_tickets, NULL);
    for (int i = 0; i < TICKETS * DRAWERS; i++)
        cr_assert_eq(drawn[i], 1, "number %d was drawn %d times", i, drawn[i]);
}

/* ---- write skew: each reads what the other changes ---- */

static pthread_barrier_t round_begins, round_ends;

static void writes_if_none_counted(void *args, const struct calls *c) {
    (void)args;
    if (c->read(&a) == 0)
        c->store(&memory[0], 1);
}
BLOCK(writes_if_none_counted)

static void counts_if_none_written(void *args, const struct calls *c) {
    (void)args;
    if (c->load(&memory[0]) == 0)
        c->add(&a, 1);
}
BLOCK(counts_if_none_written)

static void *counts_in_rounds(void *args) {
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&round_begins);
        run_counts_if_none_written(args);
        pthread_barrier_wait(&round_ends);
    }
    return NULL;
}

TEST_BOTH_WAYS(skew, a_count_and_memory_have_no_write_skew) {
    pthread_barrier_init(&round_begins, NULL, 2);
    pthread_barrier_init(&round_ends, NULL, 2);
    pthread_t other = start(counts_in_rounds, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        memory[0] = 0;
        a.value = 0;
        pthread_barrier_wait(&round_begins);
        run_writes_if_none_counted(NULL);
        pthread_barrier_wait(&round_ends);
        cr_assert_eq(memory[0] + (uint64_t)a.value, 1, "round %d", i);
    }
    join(other);
}

static void *writes_if_none(void *args) {
    run_writes_if_none_counted(args);
    return NULL;
}

static void counts_while_another_writes(void *args, const struct calls *c) {
    (void)args;
    if (c->load(&memory[0]) != 0)
        return;
    if (++attempts == 1) {
        writer = start(writes_if_none, NULL);
        while (*(volatile uint64_t *)&memory[0] == 0)
            ;
    }
    c->add(&a, 1);
}
BLOCK(counts_while_another_writes)

Test(skew, memory_read_by_a_block_that_adds_is_validated, .init = software_only, .timeout = 20) {
    run_counts_while_another_writes(NULL);
    join(writer);
    cr_assert_eq(memory[0] + (uint64_t)a.value, 1);
}
