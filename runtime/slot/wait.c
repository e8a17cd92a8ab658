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

enum { EMPTY = 0, FULL = 1, SLEEPERS = 2 };

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

static uint64_t *value_of(ame_slot *slot) {
    return (uint64_t *)&slot->value;
}

/* H1. False: the slot is not in the state `from`, or no longer. `*value` is the one that is put, or
 * the one taken. */
static inline bool change(ame_slot *slot, uint64_t from, uint64_t to, uint64_t *value) {
    uint64_t state, was;
    do {
        state = ame__load_relaxed(state_of(slot));
        if ((state & ~(uint64_t)SLEEPERS) != from)
            return false;
        was = ame__load_relaxed(value_of(slot)); /* if it is of another state, the CAS fails */
        if (from == FULL)
            __builtin_prefetch((const void *)was); /* most values are addresses */
    } while (!ame__cas_both_full(state_of(slot), state, was, to, to == FULL ? *value : was));
    if (from == FULL)
        *value = was;
    if (AME__UNLIKELY(state & SLEEPERS))
        futex(state_of(slot), FUTEX_WAKE, INT_MAX); /* H2 */
    return true;
}

static AME__COLD void sleep_unless(ame_slot *slot, uint64_t wanted) {
    uint64_t state = ame__load_relaxed(state_of(slot));
    if ((state & ~(uint64_t)SLEEPERS) == wanted)
        return;
    if ((state & SLEEPERS) || ame__cas_full(state_of(slot), state, state | SLEEPERS))
        futex(state_of(slot), FUTEX_WAIT, (uint32_t)(state | SLEEPERS)); /* H2 */
}

static void change_when_possible(ame_slot *slot, uint64_t from, uint64_t to, uint64_t *value) {
    for (unsigned steps = 0; !change(slot, from, to, value); steps++)
        if (steps < PAUSES)
            ame__pause();
        else if (steps < PAUSES + YIELDS)
            sched_yield();
        else
            sleep_unless(slot, from);
}

void ame__slot_put_now(ame_slot *slot, void *value) {
    uint64_t word = (uint64_t)value;
    change_when_possible(slot, EMPTY, FULL, &word);
}

void *ame__slot_take_now(ame_slot *slot) {
    uint64_t word;
    change_when_possible(slot, FULL, EMPTY, &word);
    return (void *)word;
}

bool ame__slot_try_put_now(ame_slot *slot, void *value) {
    uint64_t word = (uint64_t)value;
    return change(slot, EMPTY, FULL, &word);
}

bool ame__slot_try_take_now(ame_slot *slot, void **value) {
    uint64_t word;
    if (!change(slot, FULL, EMPTY, &word))
        return false;
    *value = (void *)word;
    return true;
}

AME__COLD void ame__slot_in_block(const char *function) {
    ame__die("%s: called in an atomic block, which can't wait for another thread; take before the "
             "block, or wait with atomic_retry()",
             function);
}
