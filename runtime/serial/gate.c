#include "serial/gate.h"
#include "base/arch.h"
#include "base/wait.h"
#include "count/count.h"
#include "events/recorder.h"
#include "watch/watch.h"

#include <pthread.h>

AME__ALIGNED_LINE ame__word ame__phase = AME__PHASE_SOFTWARE;
AME__ALIGNED_LINE ame__word ame__phases;

/* Held while the phase is CLOSED; those who wait for the gate sleep on it. On a line of its own:
 * who comes to wait would abort hardware blocks, which have read the phase. */
static AME__ALIGNED_LINE pthread_mutex_t closed = PTHREAD_MUTEX_INITIALIZER;
static uint64_t phase_before; /* guarded by `closed` */
static ame__word closer;      /* the block that last closed the gate: a hint for reports */

/* For the profiler: since `began` the thread has waited for the block `holder`. */
static void count_wait(struct ame_tx *tx, uint64_t began, uint64_t holder) {
    tx->attempt.gate.ticks += ame__attempt_waited(&tx->attempt, began);
    tx->attempt.gate.count = 1;
    tx->attempt.gate.block = (const struct ame_abi_block *)holder;
}

static void lock_closed(struct ame_tx *tx) {
    if (AME__LIKELY(!ame__recording)) {
        pthread_mutex_lock(&closed);
        return;
    }
    if (!pthread_mutex_trylock(&closed))
        return;
    uint64_t began = ame__ticks(), holder = ame__load_relaxed(&closer);
    pthread_mutex_lock(&closed);
    count_wait(tx, began, holder);
}

AME__COLD void ame__gate_await_open(struct ame_tx *tx) {
    enum { PAUSES = 200 }; /* the time of a short block; then it sleeps */
    uint64_t began = ame__recording ? ame__ticks() : 0, holder = ame__load_relaxed(&closer);
    for (int i = 0; i < PAUSES && ame__load_relaxed(&ame__phase) == AME__PHASE_CLOSED; i++)
        ame__pause();
    if (ame__load_relaxed(&ame__phase) == AME__PHASE_CLOSED) {
        ame__tx_falls_asleep(tx); /* many may come to wait here */
        pthread_mutex_lock(&closed);
        pthread_mutex_unlock(&closed);
        ame__tx_wakes_up(tx);
    }
    if (began)
        count_wait(tx, began, holder);
}

static AME__COLD void make_way(struct ame_tx *tx) {
    ame__store_release(&tx->snapshot, AME__INACTIVE);
    uint64_t phase = ame__load_relaxed(&ame__phase);
    if (phase == AME__PHASE_CLOSED)
        ame__gate_await_open(tx);
    else
        /* Ends the phase at once: the store takes the line from every hardware block that
         * has read it (G1). */
        ame__cas_full(&ame__phase, phase, AME__PHASE_SOFTWARE);
}

void ame__gate_enter(struct ame_tx *tx) {
    for (;;) {
        ame__gate_announce(tx);
        /* Full fence: the snapshot is visible before the phase is read (G2) and before the block's
         * first read (S3). */
        ame__or_full(&tx->snapshot, 0);
        if (AME__LIKELY(ame__gate_admits()))
            return;
        make_way(tx);
    }
}

/* A block that merges counts, in hardware after its commit, still runs. */
static bool another_runs(const struct ame_tx *self) {
    struct ame_tx *tx;
    AME__EACH_AWAKE (tx)
        if (tx != self && (ame__load_acquire(&tx->snapshot) != AME__INACTIVE ||
                           ame__load_acquire(&tx->merging) % AME__MERGING_STATES != AME__QUIET))
            return true;
    return false;
}

/* By the holder of `closed`. Who reads the old count after this phase has begun sees that it has,
 * and who sees what is written from now on sees the new one (G5). */
static bool close_phase(uint64_t phase) {
    if (!ame__cas_full(&ame__phase, phase, AME__PHASE_CLOSED))
        return false;
    ame__store_release(&ame__phases, ame__load_relaxed(&ame__phases) + 1);
    return true;
}

void ame__gate_close(struct ame_tx *tx) {
    lock_closed(tx);
    ame__store_relaxed(&closer, (uint64_t)tx->block);
    do
        phase_before = ame__load_acquire(&ame__phase);
    while (!close_phase(phase_before));
    if (!another_runs(tx))
        return;
    uint64_t began = ame__recording ? ame__ticks() : 0;
    for (unsigned steps = 0; another_runs(tx);)
        ame__wait_step(&steps);
    if (began)
        ame__attempt_waited(&tx->attempt, began);
}

void ame__gate_open(void) {
    /* Full fence by way of the mutex; release: what the serial block wrote is
     * there before others run. The block itself may have begun to watch (G4). */
    bool hardware = phase_before == AME__PHASE_HARDWARE && !ame__anybody_watches();
    ame__store_release(&ame__phase, hardware ? AME__PHASE_HARDWARE : AME__PHASE_SOFTWARE);
    pthread_mutex_unlock(&closed);
}

/* `self`, or NULL, may run meanwhile. */
static bool try_phase(const struct ame_tx *self, uint64_t before, uint64_t next) {
    if (ame__anybody_watches() || another_runs(self) || pthread_mutex_trylock(&closed))
        return false;
    bool idle = false;
    if (close_phase(before)) {
        idle = !another_runs(self) && !ame__anybody_watches(); /* in this order: G4 */
        ame__store_release(&ame__phase, idle ? next : AME__PHASE_SOFTWARE);
    }
    pthread_mutex_unlock(&closed);
    return idle;
}

bool ame__gate_try_hardware(void) {
    uint64_t phase = ame__load_relaxed(&ame__phase);
    return phase != AME__PHASE_CLOSED && try_phase(NULL, phase, AME__PHASE_HARDWARE);
}

bool ame__gate_try_shown(struct ame_tx *tx) {
    return ame__load_relaxed(&ame__phase) == AME__PHASE_SOFTWARE &&
           try_phase(tx, AME__PHASE_SOFTWARE, ame__phase_that_shows(tx));
}

void ame__gate_end_shown(const struct ame_tx *tx) {
    uint64_t shown = ame__phase_that_shows(tx);
    /* Full fence: later hybrid blocks leave traces. */
    if (ame__load_relaxed(&ame__phase) == shown)
        ame__cas_full(&ame__phase, shown, AME__PHASE_SOFTWARE);
}
