/* Long software blocks (tx/long_block.h): places, pauses, what they show; and who is asleep. */
#define _GNU_SOURCE
#include "base/arch.h"
#include "core/tx.h"
#include "policy/policy.h"
#include "stm/readers.h"
#include "tx/long_block.h"

#include <ame/atomic.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { CELLS = AME__LONG_BLOCK + 100 };
static struct {
    _Alignas(64) uint64_t value;
} cells[CELLS];

static void must_not_run(void *args) {
    (void)args;
    abort();
}

static void read_all(void) {
    for (int i = 0; i < CELLS; i++)
        ame_abi_read_u64(&cells[i].value);
}

static void reads_much(void *args) {
    void (*more)(void) = *(void (**)(void))args;
    read_all();
    more();
}

static struct ame_abi_block block = {.plain = must_not_run, .twin = reads_much, .function = "test"};

static void run(void (*more)(void)) {
    ame_abi_run(&block, &more);
}

static void nothing(void) {}

static void become_known(void) {
    setenv("AME_MODE", "stm", 1);
    for (int i = 0; i < 3; i++)
        run(nothing);
    cr_assert(ame__policy_is_long(block.history));
}

Test(long_block, a_short_block_does_not_become_known) {
    setenv("AME_MODE", "stm", 1);
    static struct ame_abi_block short_block = {.plain = must_not_run, .function = "test"};
    void reads_one(void *args);
    short_block.twin = reads_one;
    for (int i = 0; i < 100; i++)
        ame_abi_run(&short_block, NULL);
    cr_assert_eq(short_block.history, 0);
}

void reads_one(void *args) {
    (void)args;
    ame_abi_read_u64(&cells[0].value);
}

/* ---- places ---- */

static int processors(void) {
    cpu_set_t set;
    cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
    return CPU_COUNT(&set);
}

static void in_more_threads_than_places(void *(*function)(void *)) {
    int count = 4 * processors();
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    for (int i = 0; i < count; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, function, NULL), 0);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

static atomic_int inside, most_inside;

static void stay_for_a_moment(void) {
    int now = ++inside, most = most_inside;
    while (now > most && !atomic_compare_exchange_weak(&most_inside, &most, now)) {
    }
    usleep(1000);
    inside--;
}

static void *run_some(void *unused) {
    for (int i = 0; i < 10; i++)
        run(stay_for_a_moment);
    return unused;
}

Test(long_block, no_more_at_once_than_processors, .init = become_known, .timeout = 60) {
    in_more_threads_than_places(run_some);
    cr_assert_leq(most_inside, processors());
}

static atomic_bool released;

static void stay_till_released(void) {
    inside++;
    while (!released)
        usleep(100);
}

static void *run_one(void *unused) {
    run(stay_till_released);
    return unused;
}

static int threads_awake(void) {
    int count = 0;
    struct ame_tx *tx;
    AME__EACH_AWAKE (tx)
        count++;
    return count;
}

Test(long_block, who_waits_for_a_place_is_asleep, .init = become_known, .timeout = 60) {
    int count = processors() + 1;
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    for (int i = 0; i < count; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, run_one, NULL), 0);
        while (inside <= i && i < count - 1)
            usleep(100);
    }
    while (ame__load_relaxed(&ame__descriptor_count) <= (uint64_t)count)
        usleep(100); /* until the last one has a descriptor, too */
    for (int i = 0; threads_awake() != count && i < 10000; i++)
        usleep(100);
    cr_assert_eq(threads_awake(), count, "this thread, and one for each processor");
    cr_assert_eq(inside, count - 1);
    released = true;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(inside, count);
    free(threads);
}

static void *run_many(void *unused) {
    for (int i = 0; i < 2000; i++)
        run(nothing);
    return unused;
}

/* Who gives a place back wakes nobody most of the time; those who give the last ones back end. */
Test(long_block, who_waits_gets_a_place_unwoken, .init = become_known, .timeout = 60) {
    in_more_threads_than_places(run_many);
}

static void end_thread(void) {
    pthread_exit(NULL);
}

static void *ends_in_block(void *unused) {
    run(end_thread);
    return unused;
}

Test(long_block, a_thread_that_ends_in_its_block_gives_its_place_back, .init = become_known,
     .timeout = 60) {
    for (int i = 0; i < 2 * processors(); i++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, ends_in_block, NULL), 0);
        pthread_join(thread, NULL);
    }
    run(nothing);
}

/* ---- pauses, and what is shown ---- */

enum { TICKS = 20 * 1000 * 1000 };

static void hold_others_up(void) {
    ame__store_relaxed(&ame__self->holds_up_since, ame__ticks() - TICKS);
}

static void expect_not_shown(void) {
    cr_assert_neq(ame__load_relaxed(&ame__self->traces), AME__SHOWN);
}

static uint64_t pause_ends;

static void expect_shown_and_late(void) {
    cr_assert_eq(ame__load_relaxed(&ame__self->traces), AME__SHOWN);
    cr_assert_geq(ame__ticks(), pause_ends);
}

Test(long_block, pauses_twice_as_long_as_it_has_held_others_up, .init = become_known) {
    run(expect_not_shown);
    cr_assert_eq(ame__self->long_block.pause_ends, 0, "it was in nobody's way");
    run(hold_others_up);
    pause_ends = ame__self->long_block.pause_ends;
    cr_assert_geq(pause_ends, ame__ticks() + TICKS * 3 / 2);
    run(expect_shown_and_late);
    cr_assert_eq(ame__self->long_block.pause_ends, 0);
    run(expect_not_shown);
}

static int attempts;

static void abort_once(void) {
    if (++attempts == 1)
        ame__tx_abort(ame__self, AME__ABORT_READ_CHANGED);
    expect_shown_and_late();
}

Test(long_block, shows_its_reads_in_the_second_attempt, .init = become_known) {
    run(abort_once);
    cr_assert_eq(attempts, 2);
    ame_abi_run(&(struct ame_abi_block){.plain = must_not_run, .twin = reads_one}, NULL);
    cr_assert_not(ame__self->shows_reads, "short ones do not");
}

/* ---- what sleeps in a retry ---- */

static uint64_t flag;

static void waits_for_flag(void *args) {
    if (!ame_abi_read_u64(args))
        ame_retry();
}

static void *wait_for_flag(void *unused) {
    ame_abi_run(&(struct ame_abi_block){.plain = must_not_run, .twin = waits_for_flag}, &flag);
    return unused;
}

static void sets_flag(void *args) {
    ame_abi_write_u64(args, 1);
}

Test(long_block, who_sleeps_in_a_retry_is_asleep, .init = become_known, .timeout = 60) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, wait_for_flag, NULL), 0);
    while (ame__load_relaxed(&ame__descriptor_count) < 2)
        usleep(100);
    for (int i = 0; threads_awake() != 1 && i < 10000; i++)
        usleep(100);
    cr_assert_eq(threads_awake(), 1);
    ame_abi_run(&(struct ame_abi_block){.plain = must_not_run, .twin = sets_flag}, &flag);
    pthread_join(thread, NULL);
}
