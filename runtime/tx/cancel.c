#include "tx/cancel.h"
#include "base/checkpoint.h"
#include "base/diag.h"
#include "htm/htm.h"
#include "stm/stm.h"

#if AME__ASAN
void __asan_handle_no_return(void);
#endif

struct body {
    struct ame_abi_block *block;
    void *args;
};

static void run_body(void *argument) {
    const struct body *body = argument;
    body->block->twin(body->args);
}

void ame__run_cancellable(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    struct body body = {block, args};
    struct ame__savepoint savepoint = {
        .around = tx->savepoint,
        .kind = block->kind,
        .frame = (uintptr_t)__builtin_frame_address(0),
        .stack_base = tx->stack_base,
        .undo = tx->undo.count,
        .allocations = tx->allocations.count,
        .frees = tx->frees.count,
        .deltas = tx->deltas.count,
        .releases = tx->releases.count,
        .jumps = tx->jumps.count,
        .deferred = tx->deferred.count,
    };
    tx->savepoint = &savepoint;
    tx->undo_older = savepoint.undo;
    tx->stack_base = savepoint.frame; /* X1 */
    if (ame__checkpoint_call(run_body, &body, &savepoint.restart)) {
        tx->cancelled = true;
        run_body(&body);
    }
    ame__stm_forget_frames(tx, &savepoint); /* X2 */
    tx->stack_base = savepoint.stack_base;
    tx->savepoint = savepoint.around;
    tx->undo_older = tx->savepoint ? tx->savepoint->undo : 0;
}

/* Nobody else runs, so the block can neither meet a conflict nor be wounded. */
void ame__run_cancellable_alone(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    ame__store_relaxed(&tx->signal, 0);
    uint64_t now = ame__load_acquire(&ame__clock);
    ame__store_relaxed(&tx->snapshot, now);
    ame__store_relaxed(&tx->read_limit, now + 1);
    ame__savepoints_start(tx);
    tx->way = AME__STM;
    tx->alone = true;
    ame__run_cancellable(tx, block, args);
    ame__stm_commit(tx);
    tx->alone = false;
    tx->way = AME__SERIAL;
}

void ame__run_nested_cancellable(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    if (tx->way == AME__HTM)
        ame__htm_abort_now(); /* to software, where there is a log */
    if (tx->way == AME__STM)
        ame__run_cancellable(tx, block, args);
    else
        ame__run_cancellable_alone(tx, block, args);
}

void ame__savepoints_irrevocable(struct ame_tx *tx, const char *why) {
    for (struct ame__savepoint *savepoint = tx->savepoint; savepoint; savepoint = savepoint->around)
        savepoint->irrevocable = why;
}

/* ---- the cancel ---- */

static _Noreturn void cancel(struct ame_tx *tx, struct ame__savepoint *savepoint) {
    if (savepoint->irrevocable)
        ame__die("the atomic block in %s is cancelled after it ran what can't be undone: %s",
                 tx->block->function, savepoint->irrevocable);
    ame__stm_rollback_to(tx, savepoint);
    tx->savepoint = savepoint;
    tx->undo_older = savepoint->undo;
    tx->stack_base = savepoint->frame;
#if AME__ASAN
    __asan_handle_no_return();
#endif
    ame__checkpoint_resume(savepoint->restart, 1);
}

void ame_abi_cancel(void) {
    struct ame_tx *tx = ame__self;
    if (!tx || tx->way != AME__STM || !tx->savepoint)
        ame__die("a cancel outside of the atomic block that it belongs to");
    cancel(tx, tx->savepoint);
}

void ame_abi_cancel_outer(void) {
    struct ame_tx *tx = ame__self;
    struct ame__savepoint *outermost = NULL;
    if (tx && tx->way == AME__HTM)
        ame__htm_abort_now(); /* the message below could not be seen in hardware */
    for (struct ame__savepoint *savepoint = tx && tx->way == AME__STM ? tx->savepoint : NULL;
         savepoint; savepoint = savepoint->around)
        if (savepoint->kind & AME_ABI_BLOCK_OUTER)
            outermost = savepoint;
    if (!outermost)
        ame__die("a cancel of the outer atomic block, but none that runs is marked as outer");
    cancel(tx, outermost);
}

int ame_abi_cancelled(void) {
    struct ame_tx *tx = ame__self;
    bool cancelled = tx && tx->cancelled;
    if (cancelled)
        tx->cancelled = false;
    return cancelled;
}
