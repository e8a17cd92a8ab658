/* attempt.h - one attempt to run a block, in each of the ways. All return NONE when the block is
 * committed. `first`: others have not met the block yet. `watched`: by the profiler. */
#ifndef AME_TX_ATTEMPT_H
#define AME_TX_ATTEMPT_H

#include "base/checkpoint.h"
#include "core/tx.h"
#include "htm/htm.h"
#include "stm/stm.h"
#include "tx/cancel.h"

/* For ame__checkpoint_call, with a descriptor: runs the twin of its block, with its arguments, and
 * commits it. */
void ame__run_twin(void *tx);
void ame__run_twin_watched(void *tx);

enum ame__abort_reason ame__attempt(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                    enum ame__way way, bool first, enum ame__abort_reason last,
                                    bool watched);

/* ---- in line, since most blocks need no other attempt ---- */

/* Before attempts that others may meet. */
static inline void ame__come_of_age(struct ame_tx *tx, bool first) {
    /* An older block waits for what this thread's last one, or last attempt, held. */
    if (AME__UNLIKELY(ame__load_relaxed(&tx->signal) & AME__SIGNAL_WOUND))
        ame__stm_give_way(tx);
    if (first)
        ame__stm_set_age(tx);
}

AME__ALWAYS_INLINE enum ame__abort_reason ame__attempt_in_software(struct ame_tx *tx, void *args,
                                                                   bool first, bool watched) {
    tx->args = args;
    ame__come_of_age(tx, first);
    tx->way = AME__STM;
    ame__savepoints_start(tx);
    int reason =
        ame__checkpoint_call(watched ? ame__run_twin_watched : ame__run_twin, tx, &tx->restart);
    tx->way = AME__OUTSIDE;
    return (enum ame__abort_reason)reason;
}

AME__ALWAYS_INLINE enum ame__abort_reason ame__attempt_in_hybrid(struct ame_tx *tx,
                                                                 struct ame_abi_block *block,
                                                                 void *args, bool first,
                                                                 bool watched) {
    ame__come_of_age(tx, first);
    ame__stm_prepare_hardware(tx, first);
    enum ame__abort_reason reason = ame__htm_attempt_twin(tx, block->twin, args);
    if (watched)
        ame__stm_finish_hardware_watched(tx, reason == AME__ABORT_NONE);
    else
        ame__stm_finish_hardware(tx, reason == AME__ABORT_NONE);
    return reason;
}

#endif
