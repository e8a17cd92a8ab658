/* enter.c - how a software block begins: with its first access, and with no more fences than it
 * needs.
 *
 * From when it has entered, its snapshot can be seen (S2, S3), and the phase is software's (G2).
 * For this a full fence must come between the store of the one and the look at the other. Where the
 * first access is a write, the lock that it takes is that fence (write.c). */
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

/* What may be done only between blocks. */
static void move_time(struct ame_tx *tx) {
    ame__stm_renew_filter(tx);
    uint64_t earliest = ame__load_relaxed(&ame__earliest_time);
    if (AME__UNLIKELY(ame__load_relaxed(&tx->time) < earliest))
        ame__store_relaxed(&tx->time, earliest);
    /* The last block ended without an answer. If this one began at the old time, too, whoever has
     * asked would have to wait for it as well, and so for ever. */
    if (AME__UNLIKELY(ame__load_relaxed(&tx->signal) & AME__SIGNAL_EXTEND))
        ame__store_relaxed(&tx->time, ame__stm_latest_time());
    if (tx->own_versions_met < AME__MANY_OWN_VERSIONS / 2) /* before a block has to */
        return;
    tx->own_versions_met = 0;
    if (ame__load_relaxed(&tx->time) < tx->last_version)
        ame__store_relaxed(&tx->time, ame__time_of(tx->last_version));
}

void ame__stm_announce(struct ame_tx *tx) {
    move_time(tx);
    ame__gate_announce(tx);
}

void ame__stm_enter(struct ame_tx *tx) {
    move_time(tx);
    ame__gate_enter(tx);
}

void ame__stm_enter_by_read(struct ame_tx *tx, uint32_t orec) {
    move_time(tx);
    ame__stm_leave_first_trace(tx, orec);
    ame__gate_enter(tx);
}
