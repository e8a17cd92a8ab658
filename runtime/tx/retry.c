#include "tx/retry.h"
#include "base/arch.h"
#include "base/diag.h"
#include "events/recorder.h"
#include "htm/htm.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include "tx/cancel.h"
#include "watch/watch.h"
#include <ame/abi.h>
#include <ame/atomic.h>

ame__word ame__program_retries;

void ame_abi_retries(void) {
    ame__store_relaxed(&ame__program_retries, 1);
}

/* ---- going to sleep ---- */

/* What the block has locked counts as read: reads of an own stripe leave no other trace. */
static void watch_all_that_was_read(struct ame_tx *tx) {
    size_t keys = ame__stripes_read(tx) + tx->locks.count + tx->count_reads.count;
    if (!keys)
        ame__die("the atomic block in %s calls atomic_retry() and has read nothing that could "
                 "change; read what it waits for in the block",
                 tx->block->function);
    struct ame__watcher *watcher = ame__watcher_begin(&tx->watcher, keys);
    if (!watcher)
        ame__die("out of memory for atomic_retry() in the atomic block in %s", tx->block->function);
    AME__EACH_READ (tx, read)
        for (uint32_t n = 0; n <= read->more; n++)
            ame__watcher_add(
                watcher, ame__key_of_record(ame__orec_of_stripe(ame__stripe(read->address) + n)));
    for (size_t i = 0; i < tx->locks.count; i++)
        if (!ame__in_read_set(tx, tx->locks.entries[i].orec))
            ame__watcher_add(watcher, ame__key_of_record(tx->locks.entries[i].orec));
    for (size_t i = 0; i < tx->count_reads.count; i++)
        ame__watcher_add(watcher, ame__key_of_count(tx->count_reads.entries[i].count));
}

static _Noreturn void undo_and_sleep(struct ame_tx *tx) {
    enum ame__abort_reason reason;
    ame__stm_end_shown_phase(tx); /* G4 of serial/gate.h */
    watch_all_that_was_read(tx);
    if (!ame__stm_validate(tx, &reason)) { /* R1 */
        ame__watcher_end(&tx->watcher);
        ame__tx_abort(tx, reason);
    }
    ame__tx_abort(tx, AME__ABORT_RETRY);
}

void ame__retry_sleep(struct ame_tx *tx) {
    uint64_t began = ame__recording ? ame__ticks() : 0;
    ame__tx_falls_asleep(tx);
    ame__watcher_sleep(tx->watcher);
    ame__tx_wakes_up(tx);
    if (began) {
        tx->attempt.retried.ticks += ame__ticks() - began;
        tx->attempt.retried.woken_by = ame__watcher_woken_by(tx->watcher);
        tx->attempt.retried.count++;
    }
    ame__watcher_end(&tx->watcher);
}

/* ---- the call ---- */

static _Noreturn AME__COLD void die_of_irrevocability(const struct ame_tx *tx, const char *why) {
    ame__die("the atomic block in %s calls atomic_retry() after it ran what can't be undone: %s",
             tx->block->function, why);
}

/* In any way: the twin is the same, since the call itself is no access. */
static _Noreturn void retry(const void *place) {
    struct ame_tx *tx = ame__self;
    if (!tx || tx->way == AME__OUTSIDE)
        ame__die(
            "atomic_retry() outside an atomic block; call it in a block, or in a function that "
            "only blocks call");
    if (tx->way == AME__HTM || tx->way == AME__HYBRID)
        ame__htm_abort_now(); /* to software, where there is a read set */
    if (tx->simulated)
        ame__tx_abort(tx, AME__ABORT_HTM_EXPLICIT);
    if (tx->way == AME__SERIAL)
        die_of_irrevocability(tx, "it runs alone as written, without a log");
    struct ame__savepoint *either = ame__savepoint_to_try_second(tx);
    const char *irrevocable = either ? either->irrevocable : tx->irrevocable;
    if (irrevocable)
        die_of_irrevocability(tx, irrevocable);
    if (either)
        ame__run_second(tx, either);
    tx->attempt.retried.place = place;
    undo_and_sleep(tx);
}

void ame_retry(void) {
    retry(__builtin_return_address(0));
}

_Noreturn void ame__twin_retry(void) AME__TWIN("ame_retry");
void ame__twin_retry(void) {
    retry(__builtin_return_address(0));
}
