#include "tx/cancel.h"
#include "base/checkpoint.h"
#include "base/diag.h"
#include "htm/htm.h"
#include "memory/fresh.h"
#include "stm/stm.h"
#include "tx/deferred.h"

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

static void run_under_savepoint(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    struct body body = {block, args};
    ame__fresh_settle(tx);
    struct ame__savepoint savepoint = {
        .around = tx->savepoint,
        .kind = block->kind,
        .frame = (uintptr_t)__builtin_frame_address(0),
        .stack_base = tx->stack_base,
        .undo = tx->undo.count,
        .fresh = tx->fresh.count,
        .frees = tx->frees.count,
        .deltas = tx->deltas.count,
        .operands = tx->operands.count,
        .releases = tx->releases.count,
        .jumps = tx->jumps.count,
        .deferred = tx->deferred.count,
        .output = tx->output.size,
    };
    tx->savepoint = &savepoint;
    tx->undo_older = savepoint.undo;
    ame__fresh_cool(tx);
    tx->stack_base = savepoint.frame; /* X1 */
    while ((tx->entrance = (uint32_t)ame__checkpoint_call(run_body, &body, &savepoint.restart)) !=
           AME__ENTER)
        ;
    ame__stm_forget_frames(tx, &savepoint); /* X2 */
    tx->stack_base = savepoint.stack_base;
    tx->savepoint = savepoint.around;
    tx->undo_older = tx->savepoint ? tx->savepoint->undo : 0;
    ame__fresh_join(tx, savepoint.fresh);
}

void ame__start_alone(struct ame_tx *tx) {
    ame__store_relaxed(&tx->signal, 0);
    uint64_t now = ame__clock_time();
    ame__store_relaxed(&tx->snapshot, now);
    ame__store_relaxed(&tx->read_limit, now + 1);
    ame__savepoints_start(tx);
    tx->alone = true;
    tx->way = AME__STM;
}

/* In a block without a log: what the inner one logs is committed as it ends. */
static void run_alone(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    ame__start_alone(tx);
    tx->irrevocable = "the block around it, which runs as written, without a log";
    run_under_savepoint(tx, block, args);
    ame__stm_commit(tx);
    tx->alone = false;
    tx->irrevocable = NULL;
    tx->way = AME__SERIAL;
}

void ame__run_closed(struct ame_tx *tx, struct ame_abi_block *block, void *args) {
    if (tx->way == AME__STM)
        run_under_savepoint(tx, block, args);
    else
        run_alone(tx, block, args);
}

void ame__savepoints_irrevocable(struct ame_tx *tx, const char *why) {
    for (struct ame__savepoint *savepoint = tx->savepoint; savepoint; savepoint = savepoint->around)
        savepoint->irrevocable = why;
}

/* ---- the undo ---- */

static _Noreturn void go_back(struct ame_tx *tx, struct ame__savepoint *savepoint,
                              enum ame__entrance entrance) {
    ame__stm_rollback_to(tx, savepoint);
    ame__deferred_undone(tx, savepoint->deferred);
    tx->savepoint = savepoint;
    tx->undo_older = savepoint->undo;
    tx->stack_base = savepoint->frame;
#if AME__ASAN
    __asan_handle_no_return();
#endif
    ame__checkpoint_resume(savepoint->restart, (int)entrance);
}

struct ame__savepoint *ame__savepoint_to_try_second(const struct ame_tx *tx) {
    struct ame__savepoint *savepoint = tx->savepoint;
    while (savepoint && (!(savepoint->kind & AME_ABI_BLOCK_EITHER) || savepoint->second))
        savepoint = savepoint->around;
    return savepoint;
}

void ame__run_second(struct ame_tx *tx, struct ame__savepoint *savepoint) {
    savepoint->second = true;
    go_back(tx, savepoint, AME__ENTER_SECOND);
}

static _Noreturn void cancel(struct ame_tx *tx, struct ame__savepoint *savepoint) {
    if (savepoint->irrevocable)
        ame__die("the atomic block in %s is cancelled after it ran what can't be undone: %s",
                 tx->block->function, savepoint->irrevocable);
    go_back(tx, savepoint, AME__LEAVE);
}

void ame_abi_cancel(void) {
    struct ame_tx *tx = ame__self;
    if (tx && (tx->way == AME__HTM || tx->way == AME__HYBRID))
        ame__htm_abort_now(); /* to software, where there is a savepoint */
    if (!tx || tx->way != AME__STM || !tx->savepoint)
        ame__die("a cancel outside of the atomic block that it belongs to");
    cancel(tx, tx->savepoint);
}

void ame_abi_cancel_outer(void) {
    struct ame_tx *tx = ame__self;
    struct ame__savepoint *outermost = NULL;
    if (tx && (tx->way == AME__HTM || tx->way == AME__HYBRID))
        ame__htm_abort_now(); /* the message below could not be seen in hardware */
    for (struct ame__savepoint *savepoint = tx && tx->way == AME__STM ? tx->savepoint : NULL;
         savepoint; savepoint = savepoint->around)
        if (savepoint->kind & AME_ABI_BLOCK_OUTER)
            outermost = savepoint;
    if (!outermost)
        ame__die("a cancel of the outer atomic block, but none that runs is marked as outer");
    cancel(tx, outermost);
}

int ame_abi_entrance(void) {
    static const int answers[] = {[AME__ENTER] = 1, [AME__LEAVE] = 0, [AME__ENTER_SECOND] = 2};
    struct ame_tx *tx = ame__self;
    uint32_t entrance = tx->entrance;
    if (entrance)
        tx->entrance = AME__ENTER; /* it is meant for this body, not for blocks that it runs */
    return answers[entrance];
}
