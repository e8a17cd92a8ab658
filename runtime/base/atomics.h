/* atomics.h - the one header that includes libatomic_ops.
 *
 * The memory order is in each operation's name. On x86-64 the read-modify-write
 * operations are full fences whatever their name; loads and stores are plain
 * moves, and only ame__fence_full orders a store before a later load.
 *
 * ThreadSanitizer does not see the assembly of libatomic_ops, so for it the same operations are
 * the compiler's. */
#ifndef AME_BASE_ATOMICS_H
#define AME_BASE_ATOMICS_H

#include <atomic_ops.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AME__TSAN 1
#endif
#endif
#ifndef AME__TSAN
#define AME__TSAN 0
#endif

typedef AO_t ame__word; /* a word that several threads use */

_Static_assert(sizeof(AO_t) == 8, "ame needs a 64-bit libatomic_ops");

#if AME__TSAN

static inline uint64_t ame__load_relaxed(const volatile ame__word *p) {
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline uint64_t ame__load_acquire(const volatile ame__word *p) {
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void ame__store_relaxed(volatile ame__word *p, uint64_t v) {
    __atomic_store_n(p, v, __ATOMIC_RELAXED);
}
static inline void ame__store_release(volatile ame__word *p, uint64_t v) {
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
static inline void ame__store_full(volatile ame__word *p, uint64_t v) {
    __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
}
static inline bool ame__cas_full(volatile ame__word *p, uint64_t expected, uint64_t desired) {
    return __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}
#ifdef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_16
static inline bool ame__cas_both_full(volatile ame__word *p, uint64_t first, uint64_t second,
                                      uint64_t new_first, uint64_t new_second) {
    unsigned __int128 expected = (unsigned __int128)second << 64 | first;
    unsigned __int128 desired = (unsigned __int128)new_second << 64 | new_first;
    return __atomic_compare_exchange_n((volatile unsigned __int128 *)p, &expected, desired, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif
static inline uint64_t ame__add_full(volatile ame__word *p, uint64_t delta) {
    return __atomic_fetch_add(p, delta, __ATOMIC_SEQ_CST);
}
static inline void ame__or_full(volatile ame__word *p, uint64_t bits) {
    __atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST);
}
static inline void ame__and_full(volatile ame__word *p, uint64_t bits) {
    __atomic_fetch_and(p, bits, __ATOMIC_SEQ_CST);
}
static inline void ame__fence_full(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void ame__fence_acquire(void) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

#else

static inline uint64_t ame__load_relaxed(const volatile ame__word *p) {
    return AO_load(p);
}
static inline uint64_t ame__load_acquire(const volatile ame__word *p) {
    return AO_load_acquire_read(p);
}
static inline void ame__store_relaxed(volatile ame__word *p, uint64_t v) {
    AO_store(p, v);
}
static inline void ame__store_release(volatile ame__word *p, uint64_t v) {
    AO_store_release(p, v);
}
/* A store that no later load passes. The locked operation after it is the fence: it takes half the
 * time of the mfence of AO_store_full, and the line is the owner's already. */
static inline void ame__store_full(volatile ame__word *p, uint64_t v) {
    AO_store(p, v);
    AO_or_full(p, 0);
}
static inline bool ame__cas_full(volatile ame__word *p, uint64_t expected, uint64_t desired) {
    return AO_compare_and_swap_full(p, expected, desired);
}
/* Of two words, the first of which is aligned to 16 bytes. For files compiled with -mcx16. */
#ifdef AO_HAVE_compare_double_and_swap_double_full
static inline bool ame__cas_both_full(volatile ame__word *p, uint64_t first, uint64_t second,
                                      uint64_t new_first, uint64_t new_second) {
    return AO_compare_double_and_swap_double_full((volatile AO_double_t *)p, first, second,
                                                  new_first, new_second);
}
#endif
static inline uint64_t ame__add_full(volatile ame__word *p, uint64_t delta) {
    return AO_fetch_and_add_full(p, delta);
}
static inline void ame__or_full(volatile ame__word *p, uint64_t bits) {
    AO_or_full(p, bits);
}
static inline void ame__and_full(volatile ame__word *p, uint64_t bits) {
    AO_and_full(p, bits);
}
/* A locked operation on memory of one's own orders all that MFENCE does, but for stores around the
 * caches, in half the time. */
static inline void ame__fence_full(void) {
    AO_t own = 0;
    AO_or_full(&own, 0);
}
/* Earlier loads stay before later loads (a compiler fence on x86-64). */
static inline void ame__fence_acquire(void) {
    AO_nop_read();
}

#endif

#endif
