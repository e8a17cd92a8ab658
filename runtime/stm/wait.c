/* wait.c - who waits for whom: wound-wait on records, privatization (S3, S4). */
#include "base/arch.h"
#include "events/recorder.h"
#include "stm/stm.h"

#include <sched.h>

enum { SPINS_BEFORE_YIELD = 200 };

/* With more threads than processors the one waited for may not be running. */
static void wait_a_little(unsigned *spins) {
    if (++*spins % SPINS_BEFORE_YIELD)
        ame__pause();
    else
        sched_yield();
}

static uint64_t ticks_if_recording(void) { return ame__recording ? ame__ticks() : 0; }

static void signal_block(struct ame_tx *other, uint64_t bit) {
    /* Full fence: the hints written before are there when the bit is seen. */
    AO_or_full(&other->signal, bit);
}

void ame__stm_answer(struct ame_tx *tx) {
    uint64_t signal = ame__load_acquire(&tx->signal);
    if (signal & AME__SIGNAL_WOUND) {
        tx->conflict = (struct ame__conflict){
            .address = (const void *)ame__load_relaxed(&tx->wound_address),
            .other_place = (const void *)ame__load_relaxed(&tx->wound_place),
            .other_block = (const struct ame_abi_block *)ame__load_relaxed(&tx->wound_block)};
        if (ame__recording && tx->conflict.address)
            tx->conflict.my_place = ame__writers[ame__orec_index(tx->conflict.address)].place;
        ame__tx_abort(tx, AME__ABORT_WOUNDED);
    }
    if (signal & AME__SIGNAL_EXTEND) {
        AO_and_full(&tx->signal, ~(uint64_t)AME__SIGNAL_EXTEND);
        ame__stm_extend(tx);
    }
}

/* Age is the snapshot of a block's first attempt; the clock moves with every
 * conflict, so blocks that retry grow old. Addresses break ties. */
static bool older(const struct ame_tx *a, const struct ame_tx *b) {
    uint64_t age_a = ame__load_relaxed(&a->age), age_b = ame__load_relaxed(&b->age);
    return age_a != age_b ? age_a < age_b : a < b;
}

static void wound(struct ame_tx *tx, struct ame_tx *younger, const void *address,
                  const void *place) {
    /* The hints may mix with those of another block that wounds at the same
     * time: they serve reports only. */
    ame__store_relaxed(&younger->wound_place, (uint64_t)place);
    ame__store_relaxed(&younger->wound_block, (uint64_t)tx->block);
    ame__store_relaxed(&younger->wounded_by, (uint64_t)tx);
    ame__store_relaxed(&younger->wound_address, (uint64_t)address);
    signal_block(younger, AME__SIGNAL_WOUND);
}

void ame__stm_wait_for_owner(struct ame_tx *tx, uint32_t orec, uint64_t seen,
                             const void *address, const void *place) {
    struct ame_tx *owner = (struct ame_tx *)(seen & ~AME__LOCKED);
    uint64_t began = ticks_if_recording();
    unsigned spins = 0;
    while (ame__load_acquire(&ame__orecs[orec]) == seen) {
        /* Again whenever it has been answered: the owner may have aborted and
         * taken the record once more without our seeing it free. A wound may
         * also reach the owner's next block, if it releases the record just
         * now: that costs it one attempt and no more. */
        if (!(ame__load_relaxed(&owner->signal) & AME__SIGNAL_WOUND) && older(tx, owner))
            wound(tx, owner, address, place);
        if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
            ame__stm_answer(tx);
        wait_a_little(&spins);
    }
    tx->waiting_ticks += ticks_if_recording() - began;
}

void ame__stm_give_way(struct ame_tx *tx) {
    struct ame_tx *older_block = (struct ame_tx *)ame__load_relaxed(&tx->wounded_by);
    uint32_t orec = ame__orec_index((const void *)ame__load_relaxed(&tx->wound_address));
    uint64_t age = ame__load_relaxed(&older_block->age);
    unsigned spins = 0;
    /* This thread is outside any block here, so nobody waits for it meanwhile. */
    while (ame__load_acquire(&older_block->snapshot) != AME__INACTIVE &&
           ame__load_relaxed(&older_block->age) == age &&
           !ame__owned(older_block, ame__load_relaxed(&ame__orecs[orec])))
        wait_a_little(&spins);
}

void ame__stm_wait_for_snapshots(struct ame_tx *self, uint64_t version) {
    uint64_t began = 0;
    for (struct ame_tx *other = ame__tx_first(); other; other = other->next) {
        unsigned spins = 0;
        bool late = false;
        /* Acquire: pairs with the release stores of snapshots; what the other
         * block did before, its undo included, is done. */
        while (other != self && ame__load_acquire(&other->snapshot) < version) {
            if (!late) {
                late = true;
                if (!began)
                    began = ticks_if_recording();
                ame__clock_reach(version);
            }
            /* Again and again: the thread may have begun its next block with an
             * old reading of the clock, and dropped the first request there. */
            if (!(ame__load_relaxed(&other->signal) & AME__SIGNAL_EXTEND))
                signal_block(other, AME__SIGNAL_EXTEND);
            wait_a_little(&spins);
        }
    }
    if (began)
        self->waiting_ticks += ticks_if_recording() - began;
}

void ame__stm_quiesce(struct ame_tx *tx) {
    /* Full fence: the caller's unlinking stores come before the looks at the
     * snapshots; a block that begins later can't find what was unlinked. */
    ame__fence_full();
    ame__stm_wait_for_snapshots(tx, ame__load_acquire(&ame__clock) + 1);
}
