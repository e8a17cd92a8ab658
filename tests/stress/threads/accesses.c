/* What ThreadSanitizer is told of the barriers' accesses to the program's memory: that they are
 * atomic, without any order. Between two blocks such accesses race by design: a reader looks at the
 * record afterwards, and drops what it has read beside a writer. But a block and code outside
 * blocks may not race, and of an atomic access and a plain one the sanitizer demands an order.
 *
 * And a place to wait at: between the barrier's look at the record and the access itself, and so
 * between its two looks. */
#include <sched.h>
#include <stddef.h>
#include <stdint.h>

static void sometimes_wait(void) {
    static __thread uint32_t state = 1;
    state = state * UINT32_C(1664525) + UINT32_C(1013904223);
    if (state >> 24 == 0)
        sched_yield();
    else if (state >> 24 < 8)
        for (uint32_t spins = state >> 14 & 0x3ff; spins; spins--)
            __asm__ volatile("pause");
}

static void reads(const void *address, size_t size) {
    sometimes_wait();
    for (size_t i = 0; i < size; i++)
        (void)__atomic_load_n((const uint8_t *)address + i, __ATOMIC_RELAXED);
}

/* Changes nothing: the write itself follows. The block has locked the stripe. */
static void writes(void *address, size_t size) {
    sometimes_wait();
    for (size_t i = 0; i < size; i++)
        __atomic_fetch_or((uint8_t *)address + i, 0, __ATOMIC_RELAXED);
}

/* What the compiler calls before volatile accesses. */
#define VOLATILE(size)                                                                             \
    void __tsan_volatile_read##size(void *address);                                                \
    void __tsan_volatile_read##size(void *address) {                                               \
        reads(address, size);                                                                      \
    }                                                                                              \
    void __tsan_volatile_write##size(void *address);                                               \
    void __tsan_volatile_write##size(void *address) {                                              \
        writes(address, size);                                                                     \
    }                                                                                              \
    void __tsan_unaligned_volatile_read##size(void *address);                                      \
    void __tsan_unaligned_volatile_read##size(void *address) {                                     \
        reads(address, size);                                                                      \
    }                                                                                              \
    void __tsan_unaligned_volatile_write##size(void *address);                                     \
    void __tsan_unaligned_volatile_write##size(void *address) {                                    \
        writes(address, size);                                                                     \
    }
VOLATILE(1)
VOLATILE(2)
VOLATILE(4)
VOLATILE(8)

/* What runtime/stm calls here instead of memcpy and memset. */
void *copy_shared(void *to, const void *from, size_t size);
void *copy_shared(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = __atomic_load_n((const uint8_t *)from + i, __ATOMIC_RELAXED);
        __atomic_store_n((uint8_t *)to + i, byte, __ATOMIC_RELAXED);
    }
    return to;
}

void *fill_shared(void *to, int byte, size_t size);
void *fill_shared(void *to, int byte, size_t size) {
    for (size_t i = 0; i < size; i++)
        __atomic_store_n((uint8_t *)to + i, (uint8_t)byte, __ATOMIC_RELAXED);
    return to;
}
