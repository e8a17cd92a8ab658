#include "serial/gate.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

static atomic_int inside_software, inside_serial;

static void *enters_often(void *unused) {
    (void)unused;
    struct ame_tx *tx = ame__tx_self();
    for (int i = 0; i < 20000; i++) {
        ame__gate_enter(tx);
        inside_software++;
        cr_assert_eq(inside_serial, 0);
        inside_software--;
        ame__store_release(&tx->snapshot, AME__INACTIVE);
    }
    return NULL;
}

static void *closes_often(void *unused) {
    (void)unused;
    struct ame_tx *tx = ame__tx_self();
    for (int i = 0; i < 2000; i++) {
        ame__gate_close(tx);
        cr_assert_eq(++inside_serial, 1);
        cr_assert_eq(inside_software, 0);
        inside_serial--;
        ame__gate_open();
    }
    return NULL;
}

Test(gate, serial_blocks_run_alone, .timeout = 60) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? enters_often : closes_often, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

Test(gate, a_hardware_phase_begins_only_when_no_software_block_runs) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx);
    cr_assert_not(ame__gate_try_hardware());
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    cr_assert(ame__gate_try_hardware());
    cr_assert_eq(ame__phase, AME__PHASE_HARDWARE);
    ame__gate_enter(tx); /* ends it */
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    ame__store_release(&tx->snapshot, AME__INACTIVE);
}

Test(gate, opening_goes_back_to_the_phase_before) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_try_hardware();
    ame__gate_close(tx);
    cr_assert_eq(ame__phase, AME__PHASE_CLOSED);
    ame__gate_open();
    cr_assert_eq(ame__phase, AME__PHASE_HARDWARE);
}

static void *enters_and_leaves(void *phase_inside) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx);
    *(uint64_t *)phase_inside = ame__phase;
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    return NULL;
}

static bool is_awake(const struct ame_tx *tx) {
    return ame__load_acquire(&ame__awake[tx->number / 64]) >> tx->number % 64 & 1;
}

static ame__word waiter;

static void *tells_who_and_enters(void *phase_inside) {
    ame__store_release(&waiter, (uint64_t)ame__tx_self());
    return enters_and_leaves(phase_inside);
}

Test(gate, walks_pass_over_who_sleeps_until_it_opens, .timeout = 60) {
    struct ame_tx *tx = ame__tx_self(), *other;
    pthread_t thread;
    uint64_t phase = AME__PHASE_CLOSED;
    ame__gate_close(tx);
    pthread_create(&thread, NULL, tells_who_and_enters, &phase);
    while (!(other = (struct ame_tx *)ame__load_acquire(&waiter)) || is_awake(other))
        sched_yield();
    cr_assert_eq(ame__load_relaxed(&other->snapshot), AME__INACTIVE);
    ame__gate_open();
    pthread_join(thread, NULL);
    cr_assert_eq(phase, AME__PHASE_SOFTWARE);
}

Test(gate, a_phase_shown_names_a_block_until_another_one_enters) {
    struct ame_tx *tx = ame__tx_self();
    pthread_t other;
    uint64_t phase = AME__PHASE_CLOSED;
    ame__gate_enter(tx);
    cr_assert(ame__gate_try_shown(tx));
    cr_assert_eq(ame__phase_shows(ame__phase), tx);
    cr_assert_not(ame__gate_try_shown(tx), "it is that phase");
    cr_assert_not(ame__gate_try_hardware());
    cr_assert_eq(ame__phase_shows(ame__phase), tx, "trying changes nothing");
    pthread_create(&other, NULL, enters_and_leaves, &phase);
    pthread_join(other, NULL);
    cr_assert_eq(phase, AME__PHASE_SOFTWARE);
    cr_assert_null(ame__phase_shows(ame__phase));

    cr_assert(ame__gate_try_shown(tx));
    ame__gate_end_shown(tx);
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    ame__store_release(&tx->snapshot, AME__INACTIVE);
}

static sem_t entered, may_leave;

static void *enters_and_stays(void *unused) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx);
    sem_post(&entered);
    sem_wait(&may_leave);
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    return unused;
}

Test(gate, no_phase_shown_while_two_run) {
    struct ame_tx *tx = ame__tx_self();
    pthread_t other;
    sem_init(&entered, 0, 0);
    sem_init(&may_leave, 0, 0);
    ame__gate_enter(tx);
    pthread_create(&other, NULL, enters_and_stays, NULL);
    sem_wait(&entered);
    cr_assert_not(ame__gate_try_shown(tx));
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    sem_post(&may_leave);
    pthread_join(other, NULL);
    cr_assert(ame__gate_try_shown(tx));
    ame__store_release(&tx->snapshot, AME__INACTIVE);
}

Test(gate, a_phase_shown_is_over_when_the_gate_opens_again) {
    struct ame_tx *tx = ame__tx_self();
    ame__gate_enter(tx);
    ame__gate_try_shown(tx);
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    ame__gate_close(tx);
    ame__gate_open();
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE);
    cr_assert(ame__gate_try_hardware());
}
