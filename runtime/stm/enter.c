/* enter.c - how a software block begins: with its first access, and with no more fences than it
 * needs.
 *
 * From when it has entered, its snapshot can be seen (S3), and the phase is software's (G2).
 * For this a full fence must come between the store of the one and the look at the other. Where the
 * first access is a write, the lock that it takes is that fence (write.c). */
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

/* What is best done between blocks. */
static void prepare(struct ame_tx *tx) {
    ame__stm_renew_filter(tx);
    if (tx->own_versions_met >= AME__MANY_OWN_VERSIONS / 2) { /* before a block has to extend */
        tx->own_versions_met = 0;
        ame__clock_reach(tx->last_version);
    }
}

void ame__stm_announce(struct ame_tx *tx) {
    prepare(tx);
    ame__gate_announce(tx);
}

void ame__stm_enter(struct ame_tx *tx) {
    prepare(tx);
    ame__gate_enter(tx);
}

void ame__stm_enter_by_read(struct ame_tx *tx, uint32_t orec) {
    prepare(tx);
    ame__stm_leave_first_trace(tx, orec);
    ame__gate_enter(tx);
}
