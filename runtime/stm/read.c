/* read.c - the read barriers of words. */
#include "memory/fresh.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Enters a stripe in the read set, once: the bit tells. It comes before the second look at the
 * record (V4). In line: a call would make the slow reads save all registers. */
AME__ALWAYS_INLINE void add_read_bit(struct ame_tx *tx, uint32_t orec) {
    ame__add_read_bits(&tx->read_bits[orec / 64], UINT64_C(1) << orec % 64);
}

/* The read did not come about after all. */
AME__ALWAYS_INLINE void drop_read_bit(struct ame_tx *tx, uint32_t orec) {
    ame__drop_read_bits(&tx->read_bits[orec / 64], UINT64_C(1) << orec % 64);
}

AME__ALWAYS_INLINE bool enter_stripe(struct ame_tx *tx, const void *address, const void *place) {
    return ame__enter_run(tx, address, 1, place);
}

/* Own versions may be read though they are newer than the snapshot (S2). Where a thread meets many,
 * it moves its time beyond them, for the sake of the fast path: here, or when the next block
 * begins. */
static inline bool is_own_version(struct ame_tx *tx, uint64_t orec) {
    return ame__own_version(tx, orec) && ++tx->own_versions_met < AME__MANY_OWN_VERSIONS;
}

void ame__stm_read_stripe(struct ame_tx *tx, void *to, const void *from, size_t size,
                          const void *place) {
    uint32_t index = ame__orec_index(from);
    ame__word *orec = &ame__orecs[index];
    bool known = tx->way == AME__HYBRID || ame__in_read_set(tx, index); /* S5: needs no entry */
    if (!known && !ame__read_set_reserve(tx, 1))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    for (;;) {
        if (AME__UNLIKELY(!ame__load_relaxed(&tx->read_limit)))
            ame__stm_answer(tx);
        /* Acquire: the data is loaded after its record ... */
        uint64_t before = ame__load_acquire(orec);
        if (ame__owned(tx, before)) {
            memcpy(to, from, size);
            return;
        }
        if (ame__orec_locked(before)) {
            ame__stm_wait_for_owner(tx, index, before, from, place, false);
            continue;
        }
        if (before > ame__load_relaxed(&tx->snapshot) && !is_own_version(tx, before)) {
            ame__stm_extend(tx, before);
            continue;
        }
        if (!known) { /* V1, V4: before the second look at the record */
            ame__stm_leave_trace(tx, index);
            add_read_bit(tx, index);
        }
        memcpy(to, from, size);
        /* ... and before the second look at it: an unchanged record means that
         * no write fell in between (O2), so the data is as of the snapshot. */
        ame__fence_acquire();
        if (ame__load_relaxed(orec) == before)
            break;
        if (!known)
            drop_read_bit(tx, index); /* a name may stay */
    }
    if (!known)
        enter_stripe(tx, from, place);
}

/* The block's first access is a read, and it stays hidden: ame__stm_enter_by_read in few steps and
 * without a call. False: it has not entered, and there is more to do. */
AME__ALWAYS_INLINE bool enter_hidden(struct ame_tx *tx) {
    if (!ame__stm_enters_in_few_steps(tx) || tx->blocks_to_name || tx->shows_reads ||
        tx->filter_fill < AME__FILTER_BITS)
        return false;
    ame__store_relaxed(&tx->traces, AME__HIDDEN);
    ame__read_set_follow_traces(tx);
    ame__gate_announce(tx);
    ame__or_full(&tx->snapshot, 0); /* as in ame__gate_enter */
    if (AME__UNLIKELY(!ame__gate_admits()))
        ame__gate_enter(tx);
    return true;
}

#define SLOW __attribute__((preserve_most)) /* see abi.def */

/* Whether the block reads nothing but this. Blocks that run in it are not it. */
static inline bool is_only_read(const struct ame_tx *tx) {
    if (AME__TSAN)
        return false; /* to it, what code without barriers writes later is a race */
    return tx->block->kind & AME_ABI_BLOCK_READS_ONE && tx->way == AME__STM;
}

/* The common cases: the stripe is free and old enough, and unchanged after the load, and the block
 * need not leave a trace; or it is this block's own. A load that races with a writer may return
 * anything, which the second look at the record finds out (O2). What remains is left to functions
 * that are not in line: the block's first reads, and those of own versions; and all else. */
#define READ_BARRIER(bits)                                                                         \
    typedef struct {                                                                               \
        uint##bits##_t value;                                                                      \
    } __attribute__((packed)) unaligned_u##bits;                                                   \
    static uint##bits##_t read_by_bytes_u##bits(const void *address, const void *place) {          \
        uint##bits##_t value;                                                                      \
        ame__stm_read(ame__self, &value, address, sizeof value, place);                            \
        return value;                                                                              \
    }                                                                                              \
    static inline bool only_read_u##bits(struct ame_tx *tx, const void *address,                   \
                                         uint##bits##_t *value) {                                  \
        ame__word *orec = &ame__orecs[ame__orec_index(address)];                                   \
        if (!is_only_read(tx) || ame__stripe_rest(address) < sizeof *value)                        \
            return false;                                                                          \
        uint64_t phases = ame__load_acquire(&ame__phases), phase = ame__load_acquire(&ame__phase); \
        uint64_t before = ame__load_acquire(orec);                                                 \
        *value = ((const volatile unaligned_u##bits *)address)->value;                             \
        ame__fence_acquire(); /* all that stands before, in this order, before the second looks */ \
        return phase == AME__PHASE_SOFTWARE && !ame__orec_locked(before) &&                        \
               ame__load_acquire(orec) == before && ame__load_acquire(&ame__phases) == phases;     \
    }                                                                                              \
    static AME__NOINLINE SLOW uint##bits##_t read_with_trace_u##bits(const void *address,          \
                                                                     const void *place) {          \
        struct ame_tx *tx = ame__self;                                                             \
        uint##bits##_t value;                                                                      \
        uint32_t index = ame__orec_index(address);                                                 \
        ame__word *orec = &ame__orecs[index];                                                      \
        if (ame__is_fresh(tx, address)) /* F1 */                                                   \
            return ame__load_relaxed(&tx->read_limit)                                              \
                       ? ((const volatile unaligned_u##bits *)address)->value                      \
                       : read_by_bytes_u##bits(address, place);                                    \
        if (tx->way == AME__HYBRID || tx->shows_reads)                                             \
            return read_by_bytes_u##bits(address, place);                                          \
        if (ame__load_relaxed(&tx->snapshot) == AME__INACTIVE)                                     \
            ame__stm_enter_by_read(tx, index);                                                     \
        else if (!ame__in_read_set(tx, index) && ame__load_relaxed(&tx->traces) == AME__NAMED)     \
            ame__stm_leave_trace(tx, index);                                                       \
        uint64_t before = ame__load_acquire(orec), limit = ame__load_relaxed(&tx->read_limit);     \
        if (ame__stripe_rest(address) < sizeof(uint##bits##_t) ||                                  \
            !ame__read_set_has_room(tx, 1) || ame__load_relaxed(&tx->traces) == AME__SHOWN ||      \
            (before >= limit && (!limit || !is_own_version(tx, before))))                          \
            return read_by_bytes_u##bits(address, place);                                          \
        bool known = ame__in_read_set(tx, index);                                                  \
        add_read_bit(tx, index);                                                                   \
        value = ((const volatile unaligned_u##bits *)address)->value;                              \
        ame__fence_acquire();                                                                      \
        if (ame__load_relaxed(orec) != before) {                                                   \
            if (!known)                                                                            \
                drop_read_bit(tx, index);                                                          \
            return read_by_bytes_u##bits(address, place);                                          \
        }                                                                                          \
        if (!known)                                                                                \
            enter_stripe(tx, address, place);                                                      \
        return value;                                                                              \
    }                                                                                              \
    AME__ALWAYS_INLINE bool read_again_u##bits(struct ame_tx *tx, const void *address,             \
                                               uint##bits##_t *value) {                            \
        uint32_t index = ame__orec_index(address);                                                 \
        if (ame__stripe_rest(address) < sizeof *value || !ame__in_read_set(tx, index))             \
            return false;                                                                          \
        uint64_t before = ame__load_acquire(&ame__orecs[index]);                                   \
        if (AME__UNLIKELY(before >= ame__load_relaxed(&tx->read_limit)))                           \
            return false;                                                                          \
        *value = ((const volatile unaligned_u##bits *)address)->value;                             \
        ame__fence_acquire();                                                                      \
        return AME__LIKELY(ame__load_relaxed(&ame__orecs[index]) == before);                       \
    }                                                                                              \
    AME__ALWAYS_INLINE bool read_first_u##bits(struct ame_tx *tx, const void *address,             \
                                               uint##bits##_t *value, const void *place) {         \
        uint64_t limit = ame__load_relaxed(&tx->read_limit);                                       \
        if (limit && ame__fresh_is_hot(tx, address)) {                                             \
            *value = ((const volatile unaligned_u##bits *)address)->value;                         \
            return true;                                                                           \
        }                                                                                          \
        uint32_t index = ame__orec_index(address);                                                 \
        ame__word *orec = &ame__orecs[index];                                                      \
        uint64_t before = ame__load_acquire(orec);                                                 \
        if (AME__UNLIKELY(ame__stripe_rest(address) < sizeof *value))                              \
            return false;                                                                          \
        /* Nothing is loaded before the block has entered: code without barriers may run. */       \
        bool newer = AME__UNLIKELY(before >= limit);                                               \
        if (newer && (!limit || !(ame__owned(tx, before) || is_own_version(tx, before))))          \
            return false;                                                                          \
        *value = ((const volatile unaligned_u##bits *)address)->value;                             \
        if (newer && ame__owned(tx, before))                                                       \
            return true;                                                                           \
        bool known = limit == AME__HARDWARE_LIMIT || ame__in_read_set(tx, index);                  \
        if (!known) {                                                                              \
            if (AME__UNLIKELY(ame__load_relaxed(&tx->traces) != AME__HIDDEN ||                     \
                              ame__fresh_may_contain(tx, address)))                                \
                return false;                                                                      \
            add_read_bit(tx, index);                                                               \
        }                                                                                          \
        ame__fence_acquire();                                                                      \
        bool good = ame__load_relaxed(orec) == before;                                             \
        if (known || AME__LIKELY(good && enter_stripe(tx, address, place)))                        \
            return good;                                                                           \
        drop_read_bit(tx, index);                                                                  \
        return false;                                                                              \
    }                                                                                              \
    static AME__NOINLINE uint##bits##_t read_by_call_u##bits(const void *address,                  \
                                                             const void *place) {                  \
        uint##bits##_t value;                                                                      \
        struct ame_tx *tx = ame__self;                                                             \
        bool entered = ame__load_relaxed(&tx->read_limit);                                         \
        if (!entered && only_read_u##bits(tx, address, &value))                                    \
            return value;                                                                          \
        if (AME__LIKELY((entered || enter_hidden(tx)) &&                                           \
                        read_first_u##bits(tx, address, &value, place)))                           \
            return value;                                                                          \
        return read_with_trace_u##bits(address, place);                                            \
    }                                                                                              \
    uint##bits##_t ame_abi_read_u##bits(const void *address) {                                     \
        uint##bits##_t value;                                                                      \
        if (AME__LIKELY(read_again_u##bits(ame__self, address, &value)))                           \
            return value;                                                                          \
        return read_by_call_u##bits(address, __builtin_return_address(0));                         \
    }                                                                                              \
    SLOW uint##bits##_t ame_abi_slow_read_u##bits(const void *address) {                           \
        const void *place = __builtin_return_address(0);                                           \
        uint##bits##_t value;                                                                      \
        if (AME__LIKELY(read_first_u##bits(ame__self, address, &value, place)))                    \
            return value;                                                                          \
        return read_with_trace_u##bits(address, place);                                            \
    }

READ_BARRIER(8)
READ_BARRIER(16)
READ_BARRIER(32)
READ_BARRIER(64)
