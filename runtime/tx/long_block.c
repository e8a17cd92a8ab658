#define _GNU_SOURCE
#include "tx/long_block.h"
#include "base/wait.h"
#include "core/tx.h"

#include <linux/futex.h>
#include <sched.h>

/* The lower half of `places` is the futex. One of those who wait, the heir, looks again now and
 * then, so it need not be woken. */
static AME__ALIGNED_LINE ame__word places, waiting, heirs, last_woken;

/* A millisecond or two, in ticks: the scheduler's turns are not much longer. */
enum { TURN = 4000 * 1000 };

/* Before the program can have tied its first thread to one of them. */
__attribute__((constructor(100))) static void count_processors(void) {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors))
        places = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    else
        places = (uint64_t)CPU_COUNT(&processors);
}

static void futex(int operation, uint32_t value, const struct timespec *timeout) {
    syscall(SYS_futex, &places, operation | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

static void await_place(const struct ame_tx *tx) {
    const struct timespec until_the_next_look = {.tv_nsec = 1000 * 1000};
    /* Full fence: who gives a place back sees the waiter, or the waiter sees the place. */
    ame__add_full(&waiting, 1);
    bool is_heir = !ame__load_relaxed(&heirs) && ame__cas_full(&heirs, 0, 1);
    ame__tx_falls_asleep(tx);
    futex(FUTEX_WAIT, 0, is_heir ? &until_the_next_look : NULL);
    ame__tx_wakes_up(tx);
    if (is_heir)
        ame__store_full(&heirs, 0); /* or sees no heir, and wakes another one */
    ame__add_full(&waiting, (uint64_t)-1);
}

static void wake_one(void) {
    futex(FUTEX_WAKE, 1, NULL);
}

static void take_place(struct ame_tx *tx) {
    uint64_t free;
    bool slept = false;
    while (!(free = ame__load_relaxed(&places)) || !ame__cas_full(&places, free, free - 1))
        if (!free) {
            await_place(tx);
            slept = true;
        }
    /* It may have been the heir for whose sake nobody was woken. */
    if (slept && free > 1 && ame__load_relaxed(&waiting))
        wake_one();
    tx->long_block.has_place = true;
}

/* Who has given a place back mostly wants it again before another thread is awake, and has what it
 * needs in its cache: so the others have a turn now and then, not each time. */
static bool is_time_to_wake(void) {
    uint64_t now = ame__ticks();
    if (ame__load_relaxed(&heirs) && now - ame__load_relaxed(&last_woken) < TURN)
        return false;
    ame__store_relaxed(&last_woken, now);
    return true;
}

static void give_place(struct ame_tx *tx) {
    tx->long_block.has_place = tx->shows_reads = false;
    ame__add_full(&places, 1);
    if (ame__load_relaxed(&waiting) && is_time_to_wake())
        wake_one();
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
