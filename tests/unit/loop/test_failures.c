/* What may go wrong around a loop: no threads, no memory, bodies that end their
 * thread. This program answers pthread_create and calloc itself. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT, processor sets */
#endif
#include "base/compiler.h"
#include <ame/ame.h>

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static __thread int threads_left = -1; /* negative: no limit */
static __thread int threads_made;
static __thread int callocs_left = -1;

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* What stands in for pthread_create where a sanitizer is linked in, else NULL. */
extern create_function __interceptor_pthread_create __attribute__((weak));

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
    create_function *real = __interceptor_pthread_create;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (threads_left == 0)
        return EAGAIN;
    threads_left -= threads_left > 0;
    threads_made++;
    return real(thread, attributes, start, argument);
}

#if !AME__ASAN /* which has a calloc of its own */
void *__libc_calloc(size_t count, size_t size);

void *calloc(size_t count, size_t size) {
    if (callocs_left == 0) {
        errno = ENOMEM;
        return NULL;
    }
    callocs_left -= callocs_left > 0;
    return __libc_calloc(count, size);
}
#endif

static int count_calls(int64_t index, void *context) {
    (void)index;
    ++*(long *)context;
    return 0;
}

Test(loop_threads, as_many_as_asked_for) {
    long calls = 0;
    threads_made = 0;
    ame_for_each_in_range(0, 100, count_calls, &calls, &(struct ame_loop_options){5, 0});
    cr_assert_eq(threads_made, 4, "the caller is the fifth");
    threads_made = 0;
    ame_for_each_in_range(0, 3, count_calls, &calls, &(struct ame_loop_options){5, 0});
    cr_assert_eq(threads_made, 2, "no more than there are entries");
    threads_made = 0;
    ame_for_each_in_range(0, 100, count_calls, &calls, &(struct ame_loop_options){1, 0});
    cr_assert_eq(threads_made, 0);
}

Test(loop_threads, one_per_processor_allowed) {
    cpu_set_t all, one;
    long calls = 0;
    cr_assert_eq(sched_getaffinity(0, sizeof all, &all), 0);
    threads_made = 0;
    ame_for_each_in_range(0, 10000, count_calls, &calls, NULL);
    cr_assert_eq(threads_made, CPU_COUNT(&all) - 1);
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    threads_made = 0;
    ame_for_each_in_range(0, 10000, count_calls, &calls, NULL);
    cr_assert_eq(threads_made, 0);
}

Test(loop_threads, none_can_be_started) {
    long calls = 0;
    threads_left = 0;
    cr_assert_eq(
        ame_for_each_in_range(0, 100, count_calls, &calls, &(struct ame_loop_options){4, 0}),
        AME_ETHREAD);
    cr_assert_eq(calls, 0, "no body has run");
    cr_assert_eq(ame_for_each_in_range(0, 100, count_calls, &calls, NULL), 0);
    cr_assert_eq(calls, 100, "nobody asked for more threads: the caller does it all");
    threads_left = 1;
    calls = 0;
    cr_assert_eq(
        ame_for_each_in_range(0, 100, count_calls, &calls, &(struct ame_loop_options){4, 0}), 0);
    cr_assert_eq(calls, 100, "one thread more will do");
}

static int count_entries(ame_key key, ame_value value, void *context) {
    (void)key, (void)value;
    ++*(long *)context;
    return 0;
}

Test(loop_memory, fails_before_any_body) {
    ame_map *empty = ame_map_new(AME_KEY_INT);
    ame_map *one = ame_map_set(empty, ame_int_key(1), ame_int_value(1));
    ame_map *map = ame_map_set(one, ame_int_key(2), ame_int_value(2));
    long calls = 0;
    int failures = 0;
    ame_for_each_in_range(0, 1, count_calls, &calls, NULL); /* the thread's first block */
    for (int attempt = 0;; attempt++) { /* each number twice: a body's block is made once */
        calls = 0;
        callocs_left = attempt / 2;
        int result =
            ame_for_each_in_map(map, count_entries, &calls, &(struct ame_loop_options){2, 0});
        callocs_left = -1;
        if (result == 0)
            break;
        cr_assert_eq(calls, 0);
        if (result == AME_ETHREAD) /* pthread_create allocates too */
            continue;
        cr_assert_eq(result, AME_ENOMEM);
        failures++;
    }
    cr_assert_eq(calls, 2);
    cr_assert(AME__ASAN || failures == 4, "block twice, entries, threads: %d", failures);
    ame_map_release(empty);
    ame_map_release(one);
    ame_map_release(map);
}

/* ---- bodies that end their thread ---- */

struct leaving {
    pthread_t caller;
    bool caller_leaves;
    unsigned threads;
    ame_map *map;
};

static int leave(ame_key key, ame_value value, void *context) {
    struct leaving *leaving = context;
    (void)key, (void)value;
    if (!!pthread_equal(pthread_self(), leaving->caller) == leaving->caller_leaves)
        pthread_exit(leaving);
    usleep(50); /* time for the others to take an entry */
    return 0;
}

static void *loop_and_leave(void *context) {
    struct leaving *leaving = context;
    leaving->caller = pthread_self();
    int result = ame_for_each_in_map(leaving->map, leave, leaving,
                                     &(struct ame_loop_options){leaving->threads, 1});
    return (void *)(intptr_t)result;
}

/* Returns what the thread that ran the loop returned or left with. */
static void *run_leaving(struct leaving *leaving) {
    enum { ENTRIES = 200 };
    pthread_t thread;
    void *result;
    leaving->map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < ENTRIES; i++) {
        ame_map *next = ame_map_set(leaving->map, ame_int_key(i), ame_int_value(i));
        ame_map_release(leaving->map);
        leaving->map = next;
    }
    cr_assert_eq(pthread_create(&thread, NULL, loop_and_leave, leaving), 0);
    pthread_join(thread, &result);
    /* Blocks go on as before. */
    long calls = 0;
    cr_assert_eq(ame_for_each_in_map(leaving->map, count_entries, &calls, NULL), 0);
    cr_assert_eq(calls, ENTRIES);
    ame_map_release(leaving->map);
    return result;
}

Test(loop_thread_end, of_the_only_thread) {
    struct leaving leaving = {.caller_leaves = true, .threads = 1};
    cr_assert_eq(run_leaving(&leaving), &leaving);
}

/* Which of several threads gets an entry is chance: in 20 loops each does. */
Test(loop_thread_end, of_the_caller) {
    struct leaving leaving = {.caller_leaves = true, .threads = 4};
    bool left = false;
    for (int i = 0; i < 20; i++) {
        void *result = run_leaving(&leaving);
        cr_assert(!result || result == &leaving);
        left |= result == &leaving;
    }
    cr_assert(left);
}

Test(loop_thread_end, of_another_thread) {
    struct leaving leaving = {.caller_leaves = false, .threads = 4};
    bool stopped = false;
    for (int i = 0; i < 20; i++) {
        intptr_t result = (intptr_t)run_leaving(&leaving);
        cr_assert(result == 0 || result == AME_EINVAL);
        stopped |= result == AME_EINVAL;
    }
    cr_assert(stopped);
}

struct cancelled {
    long calls;
    bool in_loop, cancel_sent;
};

static int cancellation_point(int64_t index, void *context) {
    struct cancelled *cancelled = context;
    (void)index;
    __atomic_store_n(&cancelled->in_loop, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&cancelled->cancel_sent, __ATOMIC_ACQUIRE))
        sched_yield();
    pthread_testcancel();
    cancelled->calls++;
    return 0;
}

static void *loop_to_be_cancelled(void *context) {
    ame_for_each_in_range(0, 2000, cancellation_point, context, &(struct ame_loop_options){2, 1});
    pthread_testcancel();
    return NULL;
}

Test(loop_thread_end, cancelling_the_caller_waits_for_the_loop) {
    for (int i = 0; i < 20; i++) {
        struct cancelled cancelled = {0};
        pthread_t thread;
        void *result;
        cr_assert_eq(pthread_create(&thread, NULL, loop_to_be_cancelled, &cancelled), 0);
        while (!__atomic_load_n(&cancelled.in_loop, __ATOMIC_ACQUIRE))
            sched_yield();
        pthread_cancel(thread);
        __atomic_store_n(&cancelled.cancel_sent, true, __ATOMIC_RELEASE);
        pthread_join(thread, &result);
        cr_assert_eq(result, PTHREAD_CANCELED);
        cr_assert_eq(cancelled.calls, 2000);
    }
}
