/* Atomic types and operations: a block that uses one on shared memory runs alone. */
#include "feature.h"
#include <stdatomic.h>

struct pair {
    int a, b;
};

static _Atomic int number;
static atomic_long total;
static _Atomic(int *) pointer;
static _Atomic struct pair pair;
static _Atomic double real;
static atomic_flag flag = ATOMIC_FLAG_INIT;
static atomic_bool ready;
static volatile atomic_uchar byte;
static int plain, spare;
static int result;

static void prepare(void) {
    number = 5;
    total = 100;
    pointer = &plain;
    pair = (struct pair){1, 2};
    real = 1.5;
    atomic_flag_clear(&flag);
    ready = false;
    byte = 250;
    plain = 20;
    spare = 1;
    result = -1;
}

static int exchange(int *at, int wanted) {
    int seen = *at;
    while (!__atomic_compare_exchange_n(at, &seen, wanted, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        ;
    return seen;
}

static __attribute__((noinline)) int bump(_Atomic int *at) {
    return ++*at;
}

static int lock_and_add(void) {
    while (atomic_flag_test_and_set_explicit(&flag, memory_order_acquire))
        ;
    plain++;
    atomic_flag_clear_explicit(&flag, memory_order_release);
    return plain;
}

static int second(void) {
    struct pair copy = pair;
    return copy.b;
}

/* Each operation in a block of its own, between plain writes: that block alone makes the
 * difference, `spare` tells that it ran once. */
#define OPERATION(name, operation, expected)                                                       \
    static void name(void) {                                                                       \
        int local = 3, out;                                                                        \
        atomic {                                                                                   \
            spare++;                                                                               \
            out = (operation);                                                                     \
            spare *= 10;                                                                           \
            local += spare;                                                                        \
        }                                                                                          \
        result = out;                                                                              \
        CHECK_EQUAL(local, 23);                                                                    \
    }                                                                                              \
    static void check_##name(void) {                                                               \
        CHECK_EQUAL(spare, 20);                                                                    \
        CHECK(expected);                                                                           \
    }

/* clang-format off */
#define OPERATIONS(X)                                                                              \
    X(load, number, result == 5)                                                                   \
    X(store, number = 9, number == 9 && result == 9)                                               \
    X(increment, (number++, ++number + 5), number == 7 && result == 12)                                 \
    X(compound, (int)(total *= 3), total == 300 && result == 300)                                  \
    X(through_pointer, *pointer, result == 20)                                                     \
    X(set_pointer, (pointer = &spare, 1), pointer == &spare)                                       \
    X(structure, (pair = (struct pair){3, 4}, 1), second() == 4)                       \
    X(floating, (int)(real += 2), real == 3.5 && result == 3)                                      \
    X(boolean, (ready = 1, ready), ready && result == 1)                                           \
    X(volatile_byte, byte += 10, byte == 4 && result == 4)                                         \
    X(explicit_load, atomic_load_explicit(&number, memory_order_relaxed), result == 5)             \
    X(explicit_store, (atomic_store_explicit(&number, 8, memory_order_release), 1), number == 8)   \
    X(fetch, (int)atomic_fetch_sub(&total, 40), total == 60 && result == 100)                      \
    X(bits, (int)(atomic_fetch_or(&number, 8) + atomic_fetch_xor(&number, 1)),                     \
      number == 12 && result == 18)                                                                \
    X(swap, atomic_exchange(&number, 77), number == 77 && result == 5)                             \
    X(compare, atomic_compare_exchange_strong(&number, &plain, 6), number == 5 && plain == 5)      \
    X(test_and_set, atomic_flag_test_and_set(&flag), result == 0 && atomic_flag_test_and_set(&flag)) \
    X(gnu_fetch, __atomic_fetch_add(&plain, 4, __ATOMIC_RELAXED), plain == 24 && result == 20)     \
    X(gnu_after, __atomic_nand_fetch(&plain, 4, __ATOMIC_SEQ_CST), plain == ~4 && result == ~4)    \
    X(gnu_load, __atomic_load_n(&plain, __ATOMIC_ACQUIRE), result == 20)                           \
    X(gnu_exchange, __atomic_exchange_n(&plain, 2, __ATOMIC_ACQ_REL), plain == 2 && result == 20)  \
    X(gnu_loop, exchange(&plain, 31), plain == 31 && result == 20)                                 \
    X(sync_add, __sync_fetch_and_add(&plain, 1), plain == 21 && result == 20)                      \
    X(sync_sub, __sync_sub_and_fetch(&plain, 1), plain == 19 && result == 19)                      \
    X(sync_swap, __sync_bool_compare_and_swap(&plain, 20, 3), plain == 3 && result == 1)           \
    X(sync_value, __sync_val_compare_and_swap(&plain, 21, 3), plain == 20 && result == 20)         \
    X(sync_lock, __sync_lock_test_and_set(&plain, 1), plain == 1 && result == 20)                  \
    X(fence, (atomic_thread_fence(memory_order_seq_cst), plain), result == 20)                     \
    X(barrier, (__sync_synchronize(), plain), result == 20)                                        \
    X(callee, bump(&number), number == 6 && result == 6)                                           \
    X(spin_lock, lock_and_add(), plain == 21 && result == 21)
/* clang-format on */

OPERATIONS(OPERATION)

/* An atomic local of a function that is called belongs to the block. */
static __attribute__((noinline)) int own(int start) {
    atomic_int local = start;
    int *at = &plain;
    atomic_fetch_add(&local, *at);
    return local;
}

static void local(void) {
    atomic {
        plain++;
        result = own(4);
        plain++;
    }
}

static void check_local(void) {
    CHECK_EQUAL(plain, 22);
    CHECK_EQUAL(result, 25);
}

int main(void) {
#define TRY_OPERATION(name, operation, expected) TRY_SERIAL(prepare, name, check_##name);
    OPERATIONS(TRY_OPERATION)
    TRY(prepare, local, check_local);
    return 0;
}
