/* The linker leads each call of a barrier here first (--wrap). A block is made to abort as a
 * conflict would make it. AME_FAULTS=N in the environment lets every block of the program abort at
 * its Nth barrier, and at its 2Nth in the run after that, a few times; faults_at_random lets more
 * go wrong than that. */
#include "faults.h"
#include "base/log.h"
#include "core/tx.h"
#include "htm/htm.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <sched.h>
#include <stdlib.h>

enum { FAULTS_OF_ONE_BLOCK = 3 };

static __thread unsigned countdown; /* barriers until the fault; 0: none */
static __thread bool happened;
static unsigned every;

static __thread struct {
    unsigned barriers, faults;
    uint64_t commits; /* of this thread, when the block began */
} present;

__attribute__((constructor)) static void read_environment(void) {
    const char *text = getenv("AME_FAULTS");
    every = text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

void fault_at(unsigned barrier) {
    countdown = barrier;
    happened = false;
}

bool fault_happened(void) {
    return happened;
}

static uint64_t commits(const struct ame_tx *tx) {
    return tx->statistics.commits[AME__HTM] + tx->statistics.commits[AME__STM] +
           tx->statistics.commits[AME__SERIAL];
}

static void note_new_block(const struct ame_tx *tx) {
    if (commits(tx) != present.commits) {
        present.commits = commits(tx);
        present.barriers = present.faults = 0;
    }
}

static bool faulty_by_environment(const struct ame_tx *tx) {
    note_new_block(tx);
    if (++present.barriers != every * (present.faults + 1) || present.faults == FAULTS_OF_ONE_BLOCK)
        return false;
    present.barriers = 0;
    present.faults++;
    return true;
}

/* ---- at random ---- */

static struct random_faults at_random;
static bool any_at_random;
static ame__word random_threads;
static __thread uint64_t random_state;

void faults_at_random(struct random_faults faults) {
    at_random = faults;
    /* Attempts in hardware that are made at once would not be led here. */
    static uint64_t hardware_at_once;
    hardware_at_once |= ame__at_once & AME__HARDWARE_AT_ONCE;
    ame__at_once = faults.software ? ame__at_once & ~(uint64_t)AME__HARDWARE_AT_ONCE
                                   : ame__at_once | hardware_at_once;
    any_at_random =
        faults.abort || faults.pause || faults.no_memory || faults.software || faults.show;
}

/* Whether it is the time for what happens once in `times`. */
static bool once_in(unsigned times) {
    if (!times)
        return false;
    if (!random_state)
        random_state =
            (at_random.seed + ame__add_full(&random_threads, 1)) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    random_state ^= random_state << 13; /* xorshift (Marsaglia 2003) */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 11) % times == 0;
}

static void maybe_pause(void) {
    if (!once_in(at_random.pause))
        return;
    if (once_in(4))
        sched_yield();
    else
        for (volatile uint64_t spins = random_state >> 40 & 0x3ff; spins; spins--)
            ;
}

/* As if hybrid blocks had asked for it a second time; answered by the barrier. */
static void maybe_show(struct ame_tx *tx) {
    enum { SPINS = AME__TSAN ? 2000 : 20000 }; /* there each is a call */
    if (!once_in(at_random.show) || ame__load_relaxed(&tx->snapshot) == AME__INACTIVE)
        return;
    if (ame__load_relaxed(&tx->traces) == AME__SHOWN)
        for (volatile int spins = SPINS; spins; spins--)
            ;
    tx->asked_to_show = ame__load_relaxed(&tx->age);
    ame__or_full(&tx->signal, AME__SIGNAL_SHOW);
    ame__store_relaxed(&tx->read_limit, 0);
}

static void random_fault(struct ame_tx *tx) {
    maybe_pause();
    maybe_show(tx);
    if (!once_in(at_random.abort))
        return;
    note_new_block(tx);
    if (present.faults++ < FAULTS_OF_ONE_BLOCK)
        ame__tx_abort(tx, AME__ABORT_READ_CHANGED);
}

/* ---- the steps of a block ---- */

static void maybe_fault(void) {
    struct ame_tx *tx = ame__self;
    if (!tx || tx->way != AME__STM || tx->alone)
        return;
    if (any_at_random)
        random_fault(tx);
    if (countdown && !--countdown) {
        happened = true;
        ame__tx_abort(tx, AME__ABORT_READ_CHANGED);
    }
    if (every && faulty_by_environment(tx))
        ame__tx_abort(tx, AME__ABORT_READ_CHANGED);
}

void fault_point(void) {
    /* An abort in hardware undoes `countdown` too, but the block then runs in software. */
    if (ame__self && ame__self->way == AME__HTM && countdown)
        ame__htm_abort_now();
    maybe_fault();
}

unsigned with_every_fault(void (*prepare)(void), void (*feature)(void), void (*check)(void)) {
    for (unsigned barrier = 1;; barrier++) {
        fault_at(0);
        prepare();
        fault_at(barrier);
        feature();
        bool faulted = happened;
        fault_at(0);
        check();
        if (!faulted)
            return barrier - 1;
    }
}

/* ---- the barriers ---- */

void __real_ame__gate_enter(struct ame_tx *tx);
void __wrap_ame__gate_enter(struct ame_tx *tx);
void __wrap_ame__gate_enter(struct ame_tx *tx) {
    maybe_pause();
    __real_ame__gate_enter(tx);
    /* Reads in line would not be led here: the signal makes them call their barriers. */
    if (countdown || every || any_at_random) {
        ame__or_full(&tx->signal, AME__SIGNAL_NOTHING);
        ame__store_relaxed(&tx->read_limit, 0);
    }
}

void __real_ame__stm_commit(struct ame_tx *tx);
void __wrap_ame__stm_commit(struct ame_tx *tx);
void __wrap_ame__stm_commit(struct ame_tx *tx) {
    if (any_at_random && tx->way == AME__STM && !tx->alone)
        random_fault(tx);
    __real_ame__stm_commit(tx);
}

#define WRAP_ATTEMPT(name, parameters, ...)                                                        \
    enum ame__abort_reason __real_##name parameters;                                               \
    enum ame__abort_reason __wrap_##name parameters;                                               \
    enum ame__abort_reason __wrap_##name parameters {                                              \
        return once_in(at_random.software) ? AME__ABORT_HTM_EXPLICIT : __real_##name(__VA_ARGS__); \
    }
WRAP_ATTEMPT(ame__htm_attempt,
             (struct ame_tx * tx, void (*body)(void *), void *args, enum ame__phase phase), tx,
             body, args, phase)
WRAP_ATTEMPT(ame__htm_attempt_twin, (struct ame_tx * tx, void (*twin)(void *), void *args), tx,
             twin, args)

bool __real_ame__log_grow(void **entries, size_t *capacity, size_t entry_size);
bool __wrap_ame__log_grow(void **entries, size_t *capacity, size_t entry_size);
bool __wrap_ame__log_grow(void **entries, size_t *capacity, size_t entry_size) {
    const struct ame_tx *tx = ame__self;
    if (tx && tx->way == AME__STM && !tx->alone && once_in(at_random.no_memory))
        return false;
    return __real_ame__log_grow(entries, capacity, entry_size);
}

#define SIZED(bits)                                                                                \
    uint##bits##_t __real_ame_abi_read_u##bits(const void *address);                               \
    uint##bits##_t __wrap_ame_abi_read_u##bits(const void *address);                               \
    uint##bits##_t __wrap_ame_abi_read_u##bits(const void *address) {                              \
        maybe_fault();                                                                             \
        return __real_ame_abi_read_u##bits(address);                                               \
    }                                                                                              \
    __attribute__((preserve_most)) uint##bits##_t __wrap_ame_abi_slow_read_u##bits(                \
        const void *address);                                                                      \
    __attribute__((preserve_most)) uint##bits##_t __wrap_ame_abi_slow_read_u##bits(                \
        const void *address) {                                                                     \
        return __wrap_ame_abi_read_u##bits(address);                                               \
    }                                                                                              \
    uint##bits##_t __real_ame_abi_read_for_write_u##bits(void *address);                           \
    uint##bits##_t __wrap_ame_abi_read_for_write_u##bits(void *address);                           \
    uint##bits##_t __wrap_ame_abi_read_for_write_u##bits(void *address) {                          \
        maybe_fault();                                                                             \
        return __real_ame_abi_read_for_write_u##bits(address);                                     \
    }                                                                                              \
    void __real_ame_abi_write_u##bits(void *address, uint##bits##_t value);                        \
    void __wrap_ame_abi_write_u##bits(void *address, uint##bits##_t value);                        \
    void __wrap_ame_abi_write_u##bits(void *address, uint##bits##_t value) {                       \
        maybe_fault();                                                                             \
        __real_ame_abi_write_u##bits(address, value);                                              \
    }
SIZED(8)
SIZED(16)
SIZED(32)
SIZED(64)

#define WRAP(name, parameters, ...)                                                                \
    void __real_##name parameters;                                                                 \
    void __wrap_##name parameters;                                                                 \
    void __wrap_##name parameters {                                                                \
        maybe_fault();                                                                             \
        __real_##name(__VA_ARGS__);                                                                \
    }
WRAP(ame_abi_read, (void *to, const void *from, size_t size), to, from, size)
WRAP(ame_abi_write, (void *to, const void *from, size_t size), to, from, size)
WRAP(ame_abi_read_for_write, (void *to, void *from, size_t size), to, from, size)
WRAP(ame_abi_write_back, (void *to, const void *from, size_t size), to, from, size)
WRAP(ame_abi_copy, (void *to, const void *from, size_t size), to, from, size)
WRAP(ame_abi_fill, (void *to, int byte, size_t size), to, byte, size)

/* In twins of library functions. */
#define WRAP_STM(name, pointer)                                                                    \
    WRAP(name, (struct ame_tx * tx, void *to, pointer from, size_t size, const void *place), tx,   \
         to, from, size, place)
WRAP_STM(ame__stm_read, const void *)
WRAP_STM(ame__stm_write, const void *)
WRAP_STM(ame__stm_copy, const void *)
WRAP_STM(ame__stm_fill, int)
