/* enter.c - how a software block begins: with its first access, and with no more fences than it
 * needs.
 *
 * From when it has entered, its snapshot can be seen (S2, S3), and the phase is software's (G2).
 * For this a full fence must come between the store of the one and the look at the other. Where the
 * first access is a write, the lock that it takes is that fence (write.c).
 *
 * A block that reads but one word has no need to enter: it does with the value what it likes, but
 * nothing in memory. So the first read is done without (E1 to E3), and the second access enters. */
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

#include <string.h>

/* What may be done only between blocks. */
static void move_time(struct ame_tx *tx) {
    ame__stm_renew_filter(tx);
    uint64_t earliest = ame__load_relaxed(&ame__earliest_time);
    if (AME__UNLIKELY(ame__load_relaxed(&tx->time) < earliest))
        ame__store_relaxed(&tx->time, earliest);
    if (tx->own_versions_met < AME__MANY_OWN_VERSIONS / 2) /* before a block has to */
        return;
    tx->own_versions_met = 0;
    if (ame__load_relaxed(&tx->time) < tx->last_version)
        ame__store_relaxed(&tx->time, ame__time_of(tx->last_version));
}

/* `next`: the record of the stripe that is read next, or AME__NO_OREC. */
static void announce(struct ame_tx *tx, uint32_t next) {
    move_time(tx);
    if (tx->reads.count)
        next = ame__orec_of_stripe(tx->reads.entries[0].stripe);
    if (next != AME__NO_OREC)
        ame__stm_leave_first_trace(tx, next);
    ame__gate_announce(tx);
}

void ame__stm_announce(struct ame_tx *tx) {
    announce(tx, AME__NO_OREC);
}

bool ame__stm_first_read_holds(struct ame_tx *tx, uint32_t locked, uint64_t before_lock) {
    if (AME__LIKELY(!tx->reads.count))
        return true;
    const struct ame__read_entry *first = &tx->reads.entries[0];
    uint32_t orec = ame__orec_of_stripe(first->stripe);
    uint64_t now = orec == locked ? before_lock : ame__load_acquire(&ame__orecs[orec]);
    if (AME__LIKELY(now == tx->first_seen && ame__load_acquire(&ame__phases) == tx->first_phases))
        return true;
    ame__stm_report_changed(tx, first, 0);
    return false;
}

void ame__stm_enter_by_read(struct ame_tx *tx, uint32_t orec) {
    announce(tx, orec);
    ame__gate_enter(tx);
    if (AME__UNLIKELY(!ame__stm_first_read_holds(tx, AME__NO_OREC, 0)))
        ame__tx_abort(tx, AME__ABORT_READ_CHANGED);
}

void ame__stm_enter(struct ame_tx *tx) {
    ame__stm_enter_by_read(tx, AME__NO_OREC);
}
