/* Slots: values in order, one at a time, to threads that are awake and to sleepers. */
#include "base/compiler.h"
#include <ame/error.h>
#include <ame/slot.h>

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { VALUES = 40000, THREADS = 4, EACH = 5000 };

static ame_slot there, back;
static atomic_long sum;

static void require(bool condition) {
    if (!condition)
        abort();
}

static pthread_t start(void *(*f)(void *), void *argument) {
    pthread_t thread;
    require(pthread_create(&thread, NULL, f, argument) == 0);
    return thread;
}

Test(slot, holds_one_value) {
    void *value;
    cr_assert_not(ame_slot_try_take(&there, &value));
    cr_assert_eq(ame_slot_put(&there, NULL), AME_OK);
    cr_assert_not(ame_slot_try_put(&there, &back));
    cr_assert_null(ame_slot_take(&there));
    cr_assert(ame_slot_try_put(&there, &back));
    cr_assert(ame_slot_try_take(&there, &value));
    cr_assert_eq(value, &back);
    cr_assert_eq((uintptr_t)&there % 64, 0);
}

static void *sends_back(void *unused) {
    for (intptr_t i = 0; i < VALUES; i++) {
        int64_t *number = ame_slot_take(&there);
        require(*number == i); /* what the sender wrote before */
        *number = -i;
        ame_slot_put(&back, number);
    }
    return unused;
}

Test(slot, hands_values_over_in_order, .timeout = 60) {
    pthread_t thread = start(sends_back, NULL);
    int64_t number;
    for (int64_t i = 0; i < VALUES; i++) {
        number = i;
        ame_slot_put(&there, &number);
        cr_assert_eq(ame_slot_take(&back), &number);
        cr_assert_eq(number, -i);
    }
    pthread_join(thread, NULL);
}

static void *puts(void *first) {
    for (intptr_t i = 0; i < EACH; i++)
        ame_slot_put(&there, (void *)((intptr_t)first + i));
    return NULL;
}

static void *takes(void *unused) {
    for (int i = 0; i < EACH; i++)
        sum += (intptr_t)ame_slot_take(&there);
    return unused;
}

Test(slot, many_threads_put_and_take, .timeout = 60) {
    pthread_t threads[2 * THREADS];
    long expected = 0;
    for (intptr_t i = 0; i < THREADS; i++) {
        threads[2 * i] = start(puts, (void *)(i * EACH));
        threads[2 * i + 1] = start(takes, NULL);
    }
    for (int i = 0; i < 2 * THREADS; i++)
        pthread_join(threads[i], NULL);
    for (long i = 0; i < THREADS * EACH; i++)
        expected += i;
    cr_assert_eq(sum, expected);
}

static double cpu_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *takes_one(void *unused) {
    sum += (intptr_t)ame_slot_take(&there);
    return unused;
}

Test(slot, who_waits_long_sleeps_and_is_woken, .timeout = 60) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(takes_one, NULL);
    usleep(20 * 1000); /* they sleep by now */
    double before = cpu_seconds();
    usleep(100 * 1000);
    cr_assert_lt(cpu_seconds() - before, 0.05);
    for (intptr_t i = 1; i <= THREADS; i++)
        ame_slot_put(&there, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(sum, THREADS * (THREADS + 1) / 2);
}

static void *puts_two(void *unused) {
    ame_slot_put(&there, (void *)1);
    ame_slot_put(&there, (void *)2);
    return unused;
}

Test(slot, who_finds_it_full_sleeps_too, .timeout = 60) {
    pthread_t thread = start(puts_two, NULL);
    usleep(50 * 1000);
    cr_assert_eq((intptr_t)ame_slot_take(&there), 1);
    cr_assert_eq((intptr_t)ame_slot_take(&there), 2);
    pthread_join(thread, NULL);
}
