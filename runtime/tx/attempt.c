/* attempt.c - the ways to run a block, and how an attempt is undone. */
#include "tx/attempt.h"
#include "base/diag.h"
#include "count/count.h"
#include "policy/policy.h"
#include "serial/gate.h"
#include "tx/deferred.h"
#include "tx/long_block.h"
#include "tx/mode.h"
#include "tx/retry.h"
#include "tx/simulated.h"
#include "watch/watch.h"
#include <ame/abi.h>

#if AME__ASAN
void __asan_handle_no_return(void);
#endif

/* ---- software ---- */

static inline void call_twin(struct ame_tx *tx) {
    struct ame_abi_block *block = tx->block;
    if (AME__UNLIKELY(block->kind & AME_ABI_BLOCK_CLOSED))
        ame__run_closed(tx, block, tx->args);
    else
        block->twin(tx->args);
}

void ame__run_twin(void *tx) {
    call_twin(tx);
    ame__stm_commit(tx);
}

void ame__run_twin_watched(void *tx) {
    call_twin(tx);
    ame__stm_commit_watched(tx);
}

static enum ame__abort_reason attempt_long_in_software(struct ame_tx *tx, void *args, bool first,
                                                       bool watched) {
    ame__long_block_begins(tx);
    enum ame__abort_reason reason = ame__attempt_in_software(tx, args, first, watched);
    ame__long_block_ends(tx, reason == AME__ABORT_NONE);
    return reason;
}

void ame__tx_abort(struct ame_tx *tx, enum ame__abort_reason reason) {
    if (tx->way == AME__HYBRID && reason == AME__ABORT_HTM_CONFLICT)
        ame__htm_abort_for_now();
    if (tx->way == AME__HYBRID)
        ame__htm_abort_now();
    if (AME__UNLIKELY(tx->alone && tx->irrevocable))
        ame__die("out of memory for the log of the atomic block in %s, which has already done what "
                 "can't be undone: %s",
                 tx->block->function, tx->irrevocable);
    if (AME__UNLIKELY(tx->alone && tx->block->kind & AME_ABI_BLOCK_CLOSED &&
                      reason == AME__ABORT_MEMORY))
        ame__die("out of memory for the log of the atomic block in %s, which needs one to be "
                 "cancelled or to try its second alternative",
                 tx->block->function);
    ame__stm_rollback(tx);
    ame__deferred_undone(tx, 0);
#if AME__ASAN
    __asan_handle_no_return();
#endif
    ame__checkpoint_resume(tx->restart, (int)reason);
}

/* ---- hardware, while no other block runs ---- */

static enum ame__abort_reason attempt_while_no_other_runs(struct ame_tx *tx,
                                                          struct ame_abi_block *block, void *args) {
    ame__gate_close(tx);
    enum { ATTEMPTS = 3 }; /* accesses that the others had begun may still come in between */
    enum ame__abort_reason reason = AME__ABORT_HTM_CONFLICT;
    for (int i = 0; i < ATTEMPTS && reason == AME__ABORT_HTM_CONFLICT; i++)
        reason = ame__htm_attempt(tx, block->plain, args, AME__PHASE_CLOSED);
    if (!reason && ame__anybody_watches())
        ame__wake_all(); /* R2: since the phase was hardware's somebody may have gone to sleep */
    ame__gate_open();
    return reason;
}

/* ---- serial ---- */

static void run_without_log(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    ame__gate_close(tx);
    tx->way = AME__SERIAL;
    block->plain(args);
    if (tx->releases.count)
        ame__count_merge(tx);
    tx->way = AME__OUTSIDE;
    if (ame__anybody_watches())
        ame__wake_all(); /* R2 of watch/watch.h */
    ame__gate_open();
}

static enum ame__abort_reason run_with_log(struct ame_tx *tx, void *args) {
    tx->args = args;
    ame__gate_close(tx);
    ame__start_alone(tx);
    int reason = ame__checkpoint_call(ame__run_twin, tx, &tx->restart);
    tx->way = AME__OUTSIDE;
    tx->alone = false;
    if (tx->irrevocable && ame__anybody_watches())
        ame__wake_all(); /* R2: code without barriers may have run */
    tx->irrevocable = NULL;
    ame__gate_open();
    return (enum ame__abort_reason)reason;
}

/* The log costs as much as in software, so it is for blocks that may have to be undone: without one
 * if there was no memory for it, since atomic_retry() may not be called after all. */
static enum ame__abort_reason run_serially(struct ame_tx *tx, struct ame_abi_block *block,
                                           void *args, enum ame__abort_reason last) {
    bool retries = ame__load_relaxed(&ame__program_retries) && last != AME__ABORT_MEMORY;
    if (AME__UNLIKELY(block->kind & AME_ABI_BLOCK_CLOSED || retries) && block->twin)
        return run_with_log(tx, args);
    run_without_log(tx, block, args);
    return AME__ABORT_NONE;
}

/* ---- all ---- */

enum ame__abort_reason ame__attempt(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                    enum ame__way way, bool first, enum ame__abort_reason last,
                                    bool watched) {
    tx->stack_base = (uintptr_t)__builtin_frame_address(0);
    if (AME__UNLIKELY(ame__mode == AME__MODE_SIMULATED) && ame__is_hardware_way(way))
        return ame__simulated_attempt(tx, args);
    switch (way) {
    case AME__HTM:
        return ame__htm_attempt(tx, block->plain, args, AME__PHASE_HARDWARE);
    case AME__HTM_ALONE:
        return attempt_while_no_other_runs(tx, block, args);
    case AME__STM:
        if (ame__policy_is_long(block->history))
            return attempt_long_in_software(tx, args, first, watched);
        return ame__attempt_in_software(tx, args, first, watched);
    case AME__HYBRID:
        return ame__attempt_in_hybrid(tx, block, args, first, watched);
    default:
        return run_serially(tx, block, args, last);
    }
}
