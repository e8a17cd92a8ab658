/* gate.h - which way blocks may run just now, and the serial path's exclusion.
 *
 * One word, the phase, says which blocks may run. An uninstrumented hardware
 * block can't see the records that software blocks lock, and a serial block
 * looks at nothing, so the three never overlap:
 *   G1  In phase SOFTWARE no hardware block commits that runs as written: each has read
 *       the phase inside its transaction, so a change of the word aborts it. A hybrid block,
 *       which minds the records (S5 of stm/stm.h), keeps out of phase CLOSED in the same way.
 *   G2  In phases HARDWARE and CLOSED no software block runs: one that enters
 *       stores its snapshot, then looks at the phase; one that closes stores
 *       the phase, then looks at the snapshots. Full fences on both sides: at
 *       least one of the two sees the other.
 *   G3  In phase CLOSED exactly one thread runs, the holder of the mutex: as written, without
 *       undo; as a software block; or in hardware once more, undisturbed.
 *   G4  In phases HARDWARE and SHOWN nobody watches (watch/watch.h), since hardware blocks leave no
 *       trace of what they change. Who begins to watch keeps them away until his watcher is seen.
 *   G5  When a phase CLOSED has begun, and each of HARDWARE and SHOWN comes from one, ame__phases
 *       grows before anything else is done. Who looks first at it and then at the phase, which is
 *       not CLOSED, loads a value, and then finds ame__phases as it was, has loaded nothing that a
 *       block that runs alone had written and not yet committed.
 *   G6  A phase SHOWN names a block. It is the only one that runs in software, shows all that it
 *       reads (stm/readers.h) and locks what it writes; hybrid blocks beside it look at that, and
 *       leave no trace (S6 of stm/stm.h). It began, with the gate closed for a moment, when no
 *       other ran; each that enters ends it as it ends a hardware phase, and the block itself does
 *       when it ends.
 * At 64 cores: the phase and their number lie on a line of their own that all read and only a
 * change of phase writes. */
#ifndef AME_SERIAL_GATE_H
#define AME_SERIAL_GATE_H

#include "core/clock.h"
#include "core/tx.h"

/* The lowest bits of the word; the others are 0, or of SHOWN the block's &tx->read_limit. */
enum ame__phase {
    AME__PHASE_SOFTWARE,
    AME__PHASE_HARDWARE,
    AME__PHASE_CLOSED,
    AME__PHASE_SHOWN,
    AME__PHASES
};

extern ame__word ame__phase AME__ABI_NAME("ame_abi_phase");
_Static_assert(AME__PHASE_HARDWARE == AME_ABI_PHASE_HARDWARE &&
                   AME__PHASE_CLOSED == AME_ABI_PHASE_CLOSED &&
                   AME__PHASE_SHOWN == AME_ABI_PHASE_SHOWN && AME__PHASES == AME_ABI_PHASES,
               "blocks in line look for them");

extern ame__word ame__phases AME__ABI_NAME("ame_abi_phases"); /* that have begun: G5 */

static inline uint64_t ame__phase_that_shows(const struct ame_tx *tx) {
    return (uint64_t)&tx->read_limit + AME__PHASE_SHOWN;
}

/* The block that the phase names, or NULL. */
static inline const struct ame_tx *ame__phase_shows(uint64_t phase) {
    return phase % AME__PHASES == AME__PHASE_SHOWN
               ? (const struct ame_tx *)(phase - AME__PHASE_SHOWN -
                                         offsetof(struct ame_tx, read_limit))
               : NULL;
}

/* Lets a software block in: when it returns, tx->snapshot is the time and the
 * phase SOFTWARE. Waits while the gate is closed; ends other phases. */
void ame__gate_enter(struct ame_tx *tx);

/* Its first step, for who has a full fence of his own, and looks then whether the gate admits the
 * block. If not, it isn't in, and has to call ame__gate_enter. */
static inline void ame__gate_announce(struct ame_tx *tx) {
    /* Before the snapshot can be seen: a signal from now on is meant for
     * this block, one that is there now was meant for an earlier one. */
    if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
        ame__store_relaxed(&tx->signal, 0);
    uint64_t now = ame__clock_time();
    ame__store_relaxed(&tx->read_limit, now + 1);
    /* Release: the block before has ended, its undo included. */
    ame__store_release(&tx->entries, ame__load_relaxed(&tx->entries) + 1);
    ame__store_release(&tx->snapshot, now);
}

static inline bool ame__gate_admits(void) {
    return ame__load_acquire(&ame__phase) == AME__PHASE_SOFTWARE;
}

/* Returns when the gate is open, be it for a moment only. */
void ame__gate_await_open(struct ame_tx *tx);

/* Closes the gate: when it returns, no other block runs and none begins. */
void ame__gate_close(struct ame_tx *tx);
void ame__gate_open(void);

/* Begins a hardware phase if no software block runs just now; does not wait. */
bool ame__gate_try_hardware(void);

/* The same for a phase SHOWN that names `tx`, which runs and shows what it reads. What it has read
 * before has to be validated then. */
bool ame__gate_try_shown(struct ame_tx *tx);

/* If it is that phase: before `tx` does something that its traces do not show. */
void ame__gate_end_shown(const struct ame_tx *tx);

#endif
