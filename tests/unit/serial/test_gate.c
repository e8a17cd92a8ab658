#include "serial/gate.h"

#include <criterion/criterion.h>
#include <pthread.h>
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
