#define _GNU_SOURCE
#include "tx/long_block.h"
#include "base/wait.h"
#include "core/tx.h"

#include <linux/futex.h>
#include <sched.h>

/* The lower half of `places` is the futex. */
static AME__ALIGNED_LINE ame__word places, waiting;

/* Before the program can have tied its first thread to one of them. */
__attribute__((constructor(100))) static void count_processors(void) {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors))
        places = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    else
        places = (uint64_t)CPU_COUNT(&processors);
}

static void futex(int operation, uint32_t value) {
    syscall(SYS_futex, &places, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void await_place(const struct ame_tx *tx) {
    /* Full fence: who gives a place back sees the waiter, or the waiter sees the place. */
    ame__add_full(&waiting, 1);
    ame__tx_falls_asleep(tx);
    futex(FUTEX_WAIT, 0);
    ame__tx_wakes_up(tx);
    ame__add_full(&waiting, (uint64_t)-1);
}

static void take_place(struct ame_tx *tx) {
    for (;;) {
        uint64_t free = ame__load_relaxed(&places);
        if (!free)
            await_place(tx);
        else if (ame__cas_full(&places, free, free - 1))
            break;
    }
    tx->long_block.has_place = true;
}

static void give_place(struct ame_tx *tx) {
    tx->long_block.has_place = tx->shows_reads = false;
    ame__add_full(&places, 1);
    if (ame__load_relaxed(&waiting))
        futex(FUTEX_WAKE, 1);
}

static void let_others_go_first(struct ame_tx *tx) {
    unsigned steps = 0;
    while (ame__ticks() < tx->long_block.pause_ends)
        ame__wait_step(&steps);
    tx->long_block.pause_ends = 0;
}

void ame__long_block_begins(struct ame_tx *tx) {
    uint64_t began = ame__ticks();
    if (tx->long_block.pause_ends)
        let_others_go_first(tx);
    take_place(tx);
    if (ame__recording)
        ame__attempt_waited(&tx->attempt, began);
    ame__store_relaxed(&tx->holds_up_since, 0);
    tx->shows_reads = tx->long_block.was_met;
}

void ame__long_block_ends(struct ame_tx *tx, bool committed) {
    give_place(tx);
    uint64_t since = ame__load_relaxed(&tx->holds_up_since);
    if (since)
        tx->long_block.held_up += ame__ticks() - since;
    tx->long_block.was_met = !committed || tx->long_block.held_up;
    if (!committed)
        return;
    if (tx->long_block.held_up)
        tx->long_block.pause_ends = ame__ticks() + 2 * tx->long_block.held_up;
    tx->long_block.held_up = 0;
}

void ame__long_block_left(struct ame_tx *tx) {
    if (tx->long_block.has_place)
        give_place(tx);
    tx->long_block.held_up = 0;
}
