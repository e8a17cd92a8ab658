#include "slot/wait.h"
#include "base/arch.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "base/diag.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EMPTY = 0, FULL = 1, BUSY = 2, STATES = 3, SLEEPERS = 4 };

/* Until a sleeper runs again takes some 40 microseconds, and the waker a system call: a thread
 * stays awake for about twice as long, 10 and 80 microseconds. Perhaps the other one waits for
 * this processor. */
enum { PAUSES = 1000, YIELDS = 400 };

/* Of the low half of the word, where all of the state is. The bare system call is no
 * cancellation point. */
static void futex(ame__word *word, int operation, uint32_t argument) {
    syscall(SYS_futex, (uint32_t *)word, operation | FUTEX_PRIVATE_FLAG, argument, NULL, NULL, 0);
}

static ame__word *state_of(ame_slot *slot) {
    return (ame__word *)&slot->state;
}

/* H1: from `from` to BUSY. Sleepers go on sleeping, till the value is moved. */
static bool seize(ame_slot *slot, uint64_t from) {
    uint64_t state = ame__load_relaxed(state_of(slot));
    while ((state & STATES) == from) {
        if (ame__cas_full(state_of(slot), state, BUSY | (state & SLEEPERS)))
            return true;
        state = ame__load_relaxed(state_of(slot));
    }
    return false;
}

static void let_go(ame_slot *slot, uint64_t to) {
    uint64_t state;
    do
        state = ame__load_relaxed(state_of(slot));
    while (!ame__cas_full(state_of(slot), state, to));
    if (state & SLEEPERS)
        futex(state_of(slot), FUTEX_WAKE, INT_MAX); /* H2 */
}

static AME__COLD void sleep_unless(ame_slot *slot, uint64_t wanted) {
    uint64_t state = ame__load_relaxed(state_of(slot));
    if ((state & STATES) == wanted)
        return;
    if ((state & SLEEPERS) || ame__cas_full(state_of(slot), state, state | SLEEPERS))
        futex(state_of(slot), FUTEX_WAIT, (uint32_t)(state | SLEEPERS)); /* H2 */
}

static void seize_when(ame_slot *slot, uint64_t wanted) {
    for (unsigned steps = 0; !seize(slot, wanted); steps++)
        if (steps < PAUSES)
            ame__pause();
        else if (steps < PAUSES + YIELDS)
            sched_yield();
        else
            sleep_unless(slot, wanted);
}

void ame__slot_put_now(ame_slot *slot, void *value) {
    seize_when(slot, EMPTY);
    slot->value = value;
    let_go(slot, FULL);
}

void *ame__slot_take_now(ame_slot *slot) {
    seize_when(slot, FULL);
    void *value = slot->value;
    let_go(slot, EMPTY);
    return value;
}

bool ame__slot_try_put_now(ame_slot *slot, void *value) {
    if (!seize(slot, EMPTY))
        return false;
    slot->value = value;
    let_go(slot, FULL);
    return true;
}

bool ame__slot_try_take_now(ame_slot *slot, void **value) {
    if (!seize(slot, FULL))
        return false;
    *value = slot->value;
    let_go(slot, EMPTY);
    return true;
}

AME__COLD void ame__slot_in_block(const char *function) {
    ame__die("%s: called in an atomic block, which can't wait for another thread; take before the "
             "block, or wait with atomic_retry()",
             function);
}
