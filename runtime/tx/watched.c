#include "tx/watched.h"
#include "base/arch.h"
#include "events/recorder.h"

/* The recording may be younger than the thread. */
uint64_t ame__begin_watched_attempt(struct ame_tx *tx) {
    if (AME__UNLIKELY(!tx->recorder))
        tx->recorder = ame__recorder_open_thread(&tx->watching);
    tx->recorded_thread = ame__recorder_thread(tx->recorder);
    tx->merged_before = tx->statistics.counts_merged;
    tx->allocated_before = ame__recorder_allocated_bytes();
    ame__recorder_count_bytes(true);
    return tx->attempt.begin_ticks = ame__ticks();
}

bool ame__record_attempt(struct ame_tx *tx, enum ame__way way, enum ame__abort_reason reason,
                         uint64_t began, uint64_t ended, bool left_hardware) {
    struct ame__attempt *attempt = &tx->attempt;
    attempt->block = tx->block;
    attempt->begin_ticks = began;
    attempt->end_ticks = ended;
    attempt->way = ame__recorded_way(way);
    attempt->reason = reason;
    attempt->hardware_code = reason && ame__is_hardware_way(way) ? tx->hardware_code : 0;
    attempt->left_hardware = left_hardware;
    attempt->merged = tx->statistics.counts_merged - tx->merged_before;
    attempt->allocated = ame__recorder_allocated_bytes() - tx->allocated_before;
    attempt->serial_why = reason == AME__ABORT_SERIAL ? tx->serial_why : NULL;
    if (began)
        ame__recorder_count_bytes(false);
    bool recorded = tx->recorder && ame__recorder_attempt(tx->recorder, attempt, &tx->notes_left);
    *attempt = (struct ame__attempt){0};
    return recorded;
}
