/* snapshot.c - times, validation and extension: how a block's reads stay
 * those of one moment (S1). */
#include "count/count.h"
#include "events/format.h"
#include "events/recorder.h"
#include "stm/readers.h"
#include "stm/stm.h"

/* For reports: of the `n`th stripe of an entry. Where the entry begins the address is that of the
 * read itself, else the stripe's. */
static AME__COLD void report_changed(struct ame_tx *tx, const struct ame__read_entry *read,
                                     uint32_t n) {
    uintptr_t address = (uintptr_t)read->address;
    if (n)
        address = (address & -(uintptr_t)AME__STRIPE_SIZE) + (uintptr_t)n * AME__STRIPE_SIZE;
    tx->attempt.conflict = (struct ame__conflict){.address = (const void *)address,
                                                  .my_place = (const void *)(uintptr_t)read->place};
    uint32_t orec = ame__orec_of_stripe(ame__stripe(read->address) + n);
    tx->attempt.conflict.other.thread = AME__THREAD_UNKNOWN;
    if (ame__recording)
        ame__recorder_writer(orec, ame__load_acquire(&ame__orecs[orec]),
                             &tx->attempt.conflict.other);
}

static inline bool is_whole_group(uint32_t stripe, uint32_t more) {
    return more >= AME__GROUP_STRIPES - 1 && stripe % AME__GROUP_STRIPES == 0;
}

/* Validation compares with the snapshot at which each entry was right. A record
 * that this block has locked since needs no look: ame__stm_write locks only
 * versions within the snapshot, extending first where there is a newer one. */
static bool validate_reads(struct ame_tx *tx) {
    uint64_t snapshot = ame__load_relaxed(&tx->snapshot);
    AME__EACH_READ (tx, read) {
        uint32_t first = ame__stripe(read->address);
        for (uint32_t n = 0; n <= read->more; n++) {
            if (AME__UNLIKELY(is_whole_group(first + n, read->more - n)) &&
                ame__group_is_not_above(first + n, snapshot)) {
                n += AME__GROUP_STRIPES - 1;
                continue;
            }
            /* Acquire: pairs with the release of the record in commit.c; what is
             * read after a successful validation is as new as the record. */
            uint64_t orec = ame__load_acquire(&ame__orecs[ame__orec_of_stripe(first + n)]);
            if (AME__LIKELY(orec <= snapshot) || ame__owned(tx, orec) || ame__own_version(tx, orec))
                continue;
            report_changed(tx, read, n);
            return false;
        }
    }
    return true;
}

bool ame__stm_validate(struct ame_tx *tx, enum ame__abort_reason *reason) {
    *reason = AME__ABORT_READ_CHANGED;
    if (!validate_reads(tx))
        return false;
    *reason = AME__ABORT_COUNT_CHANGED;
    return tx->count_reads.count == 0 || ame__count_validate(tx);
}

void ame__stm_allow_reads(struct ame_tx *tx) {
    /* A signal that comes between the load and the store is not lost: L1. */
    uint64_t signal = ame__load_relaxed(&tx->signal);
    ame__store_relaxed(&tx->read_limit, signal ? 0 : ame__load_relaxed(&tx->snapshot) + 1);
}

void ame__stm_extend(struct ame_tx *tx, uint64_t version) {
    enum ame__abort_reason reason;
    /* Before the validation: who draws this version or an older one has read the clock before it
     * came to this time, with all its records locked (S2), so their locks are met, or what he left
     * there. */
    uint64_t now = ame__clock_reach(version);
    if (!ame__stm_validate(tx, &reason))
        ame__tx_abort(tx, reason);
    /* Release: whoever sees the new snapshot (S3) knows that the validation's
     * loads are done. */
    ame__store_release(&tx->snapshot, now);
    ame__stm_allow_reads(tx);
    tx->own_versions_met = 0;
    tx->statistics.extensions++;
}
