#include "serial/gate.h"
#include "watch/watch.h"

#include <ame/abi.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static struct ame__watcher *own; /* of the first thread */
static _Thread_local struct ame__watcher *stack;

static atomic_int asleep, awake;

struct sleeper {
    const uint64_t *keys;
    size_t count;
    pthread_t thread;
};

static void *sleep_on(void *argument) {
    const struct sleeper *sleeper = argument;
    struct ame__watcher *watcher = ame__watcher_begin(&stack, sleeper->count);
    for (size_t i = 0; i < sleeper->count; i++)
        ame__watcher_add(watcher, sleeper->keys[i]);
    asleep++;
    ame__watcher_sleep(watcher);
    awake++;
    ame__watcher_end(&stack);
    return NULL;
}

static void start(struct sleeper *sleeper) {
    int before = asleep;
    cr_assert_eq(pthread_create(&sleeper->thread, NULL, sleep_on, sleeper), 0);
    while (asleep == before)
        usleep(10);
}

static void expect_awake(int count) {
    for (int i = 0; awake != count && i < 100000; i++)
        usleep(10);
    usleep(1000);
    cr_assert_eq(awake, count);
}

Test(watch, a_change_wakes_those_who_watch_it, .timeout = 30) {
    const uint64_t a[] = {1, 3, 5}, b[] = {7, 3, 1 << 20};
    struct sleeper first = {a, 3, 0}, second = {b, 3, 0};
    start(&first);
    start(&second);
    cr_assert_eq(ame__watchers, 2);
    for (uint64_t key = 9; key < 100000; key += 2) /* others, of the same buckets too */
        ame__wake(key);
    expect_awake(0);
    ame__wake(5);
    expect_awake(1);
    ame__wake(5);
    expect_awake(1);
    ame__wake(3);
    expect_awake(2);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    cr_assert_eq(ame__watchers, 0);
    ame__wake(1); /* nobody is left in the table */
    ame__wake_all();
}

Test(watch, all_can_be_woken, .timeout = 30) {
    const uint64_t keys[] = {1, 1002, 77777};
    struct sleeper sleepers[3];
    for (int i = 0; i < 3; i++) {
        sleepers[i] = (struct sleeper){&keys[i], 1, 0};
        start(&sleepers[i]);
    }
    ame__wake_all();
    expect_awake(3);
    for (int i = 0; i < 3; i++)
        pthread_join(sleepers[i].thread, NULL);
}

Test(watch, a_change_before_the_sleep_counts, .timeout = 30) {
    struct ame__watcher *watcher = ame__watcher_begin(&own, 2);
    ame__watcher_add(watcher, 1);
    ame__wake(1);
    ame__watcher_add(watcher, 3);
    ame__watcher_sleep(watcher);
    struct ame__watcher *above = ame__watcher_begin(&own, 1);
    cr_assert_neq(above, watcher);
    ame__watcher_add(above, 1);
    ame__watcher_end(&own);
    cr_assert_eq(own, watcher);
    ame__watcher_end(&own);
    cr_assert_null(own);
}

/* Keys of records and of counts can't be taken for each other. */
Test(watch, keys) {
    static int64_t count;
    cr_assert_eq(ame__key_of_record(3) % 2, 1);
    cr_assert_eq(ame__key_of_count(&count) % 2, 0);
    cr_assert_neq(ame__key_of_record(3), ame__key_of_record(4));
}

Test(watch, no_phase_shown_while_anybody_watches) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx);
    ame__watcher_begin(&own, 0);
    cr_assert_not(ame__gate_try_shown(tx));
    ame__watcher_end(&own);
    cr_assert(ame__gate_try_shown(tx));
    ame__store_release(&tx->snapshot, AME__INACTIVE);
}

Test(watch, no_hardware_phase_while_anybody_watches) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx); /* ends the phase in which a process with hardware begins */
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    ame__watcher_begin(&own, 0);
    cr_assert_not(ame__gate_try_hardware());
    ame__watcher_end(&own);
    cr_assert(ame__gate_try_hardware());
    /* The block with the gate closed begins to watch. */
    ame__gate_close(tx);
    ame__watcher_begin(&own, 0);
    ame__gate_open();
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    ame__watcher_end(&own);
}
