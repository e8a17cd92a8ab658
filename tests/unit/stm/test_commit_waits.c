/* What the profiler is told of waits for other blocks' snapshots: of frequent ones, by a sample. */
#include "base/arch.h"
#include "block.h"
#include "stm/stm.h"

#include <stdatomic.h>

enum { WAITS = 2000 };

static atomic_bool ready, asked, done;

/* A thread whose block, when it is asked to, holds others up until one wants it to move on. */
static void *hold_up(void *unused) {
    struct ame_tx *tx = ame__tx_self();
    ready = true;
    while (!done) {
        if (!asked)
            continue;
        ame__store_full(&tx->signal, 0);
        ame__store_full(&tx->snapshot, 0);
        asked = false;
        while (!ame__load_acquire(&tx->signal))
            ame__pause();
        ame__store_release(&tx->snapshot, AME__INACTIVE);
    }
    return unused;
}

static uint32_t count_waits(uint64_t attempt_began) {
    struct ame_tx *tx = ame__self;
    tx->attempt = (struct ame__attempt){.begin_ticks = attempt_began};
    for (int i = 0; i < WAITS; i++) {
        asked = true;
        while (asked)
            ame__pause();
        ame__stm_quiesce(tx);
    }
    return tx->attempt.commit.count;
}

Test(commit_waits, those_that_are_seen_stand_for_all, .init = software_only, .timeout = 60) {
    pthread_t other;
    ame__tx_self();
    pthread_create(&other, NULL, hold_up, NULL);
    while (!ready)
        ame__pause();
    cr_assert_eq(count_waits(0), 0, "nothing is recorded");
    ame__recording = 1;
    uint32_t sampled = count_waits(0);
    struct ame__seen_waits after = ame__self->seen_waits;
    uint32_t watched = count_waits(ame__ticks());
    ame__recording = 0;
    done = true;
    pthread_join(other, NULL);
    cr_assert_eq(sampled + after.unseen, WAITS, "%u and %u", sampled, after.unseen);
    cr_assert_eq(watched, WAITS, "a watched attempt looks at each");
    cr_assert_eq(ame__self->seen_waits.leave, after.leave, "and they do not stand for others");
}
