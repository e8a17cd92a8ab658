/* Descriptors and ownership records. */
#include "core/orec.h"
#include "core/tx.h"

#include <ame/runtime.h>
#include <criterion/criterion.h>
#include <pthread.h>

static size_t descriptors(void) {
    size_t count = 0;
    struct ame_tx *tx;
    AME__EACH_DESCRIPTOR (tx)
        count++;
    return count;
}

static void *own_descriptor(void *unused) {
    (void)unused;
    cr_assert_eq(ame__tx_self(), ame__tx_self());
    return ame__tx_self();
}

static void *in_thread(void) {
    pthread_t thread;
    void *result;
    cr_assert_eq(pthread_create(&thread, NULL, own_descriptor, NULL), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    return result;
}

Test(threads, descriptor_of_an_ended_thread_is_used_again) {
    struct ame_tx *mine = ame__tx_self(), *first = in_thread();
    cr_assert_neq(first, mine);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(in_thread(), first);
    cr_assert_eq(descriptors(), 2);
}

static pthread_barrier_t all_here;

static void *stay(void *unused) {
    (void)unused;
    ame__tx_self();
    pthread_barrier_wait(&all_here);
    return ame__tx_self();
}

Test(threads, threads_that_live_have_each_their_own) {
    enum { THREADS = 16 };
    pthread_t threads[THREADS];
    void *own[THREADS];
    pthread_barrier_init(&all_here, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, stay, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &own[i]);
        for (int j = 0; j < i; j++)
            cr_assert_neq(own[i], own[j]);
    }
    cr_assert_eq(descriptors(), THREADS);
}

/* What others write must not share a line with what the owner writes. */
Test(threads, descriptor_keeps_foreign_writes_on_a_line_of_their_own) {
    size_t line = offsetof(struct ame_tx, read_limit);
    cr_assert_eq(line % AME__CACHE_LINE, 0);
    cr_assert_lt(offsetof(struct ame_tx, signal), line + AME__CACHE_LINE);
    cr_assert_eq(offsetof(struct ame_tx, reads_next), line + AME__CACHE_LINE);
    cr_assert_eq((uintptr_t)ame__tx_self() % AME__CACHE_LINE, 0);
}

/* ---- ownership records ---- */

Test(orecs, stripe_is_a_cache_line) {
    static _Alignas(AME__STRIPE_SIZE) char bytes[3 * AME__STRIPE_SIZE];
    for (size_t i = 0; i < sizeof bytes; i++) {
        const char *stripe = bytes + i / AME__STRIPE_SIZE * AME__STRIPE_SIZE;
        cr_assert_eq(ame__orec_index(bytes + i), ame__orec_index(stripe));
        cr_assert_eq(ame__stripe_rest(bytes + i), AME__STRIPE_SIZE - i % AME__STRIPE_SIZE);
    }
}

Test(orecs, lie_together_for_each_4_KB_but_not_on_one_line_for_neighbours) {
    enum { STRIPES = 64, LINE = AME__CACHE_LINE / sizeof(ame__word) };
    static _Alignas(STRIPES * AME__STRIPE_SIZE) char bytes[STRIPES * AME__STRIPE_SIZE];
    bool seen[STRIPES] = {false};
    for (size_t i = 0; i < STRIPES; i++) {
        uint32_t orec = ame__orec_index(bytes + i * AME__STRIPE_SIZE);
        cr_assert_eq(orec / STRIPES, ame__orec_index(bytes) / STRIPES);
        cr_assert_not(seen[orec % STRIPES], "each stripe has a record of its own");
        seen[orec % STRIPES] = true;
        for (size_t j = i / LINE * LINE; j < i; j++)
            cr_assert_neq(ame__orec_index(bytes + j * AME__STRIPE_SIZE) / LINE, orec / LINE);
    }
}

Test(orecs, locked_word_is_above_every_snapshot) {
    cr_assert(ame__orec_locked((uint64_t)ame__tx_self() | AME__LOCKED));
    cr_assert_not(ame__orec_locked(AME__LOCKED - 1));
}

static size_t awake(void) {
    size_t count = 0;
    struct ame_tx *tx;
    AME__EACH_AWAKE (tx)
        count++;
    return count;
}

static void *stays_till_all_have_counted(void *unused) {
    ame__tx_self();
    pthread_barrier_wait(&all_here);
    pthread_barrier_wait(&all_here);
    return unused;
}

Test(threads, a_walk_meets_those_that_are_awake) {
    enum { THREADS = 200 };
    pthread_t threads[THREADS];
    pthread_barrier_init(&all_here, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, stays_till_all_have_counted, NULL), 0);
    pthread_barrier_wait(&all_here);
    cr_assert_eq(awake(), THREADS);
    struct ame_tx *one = ame__descriptors[0];
    ame__tx_falls_asleep(one);
    cr_assert_eq(awake(), THREADS - 1);
    AME__EACH_AWAKE (one)
        cr_assert_neq(one, ame__descriptors[0]);
    ame__tx_wakes_up(ame__descriptors[0]);
    cr_assert_eq(awake(), THREADS);
    pthread_barrier_wait(&all_here);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(awake(), 0, "ended threads are passed over");
}
