/* read.c - the read barriers of words. */
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Enters a stripe in the read set, once: the bit tells. A block's read set is
 * so bounded by the table, however much it reads. False if the log has to grow first. */
static inline bool add_to_read_set(struct ame_tx *tx, uint32_t orec, const void *address,
                                   const void *place) {
    if (AME__UNLIKELY(!ame__enter_run(tx, orec, 1, address, place)))
        return false;
    tx->read_bits[orec / 64] |= UINT64_C(1) << orec % 64;
    return true;
}

static inline bool in_read_set(const struct ame_tx *tx, uint32_t orec) {
    return tx->read_bits[orec / 64] >> orec % 64 & 1;
}

void ame__stm_read_stripe(struct ame_tx *tx, void *to, const void *from, size_t size,
                          const void *place) {
    uint32_t index = ame__orec_index(from);
    ame__word *orec = &ame__orecs[index];
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
        if (before > ame__load_relaxed(&tx->snapshot)) {
            ame__clock_reach(before);
            ame__stm_extend(tx);
            continue;
        }
        memcpy(to, from, size);
        /* ... and before the second look at it: an unchanged record means that
         * no write fell in between (O2), so the data is as of the snapshot. */
        ame__fence_acquire();
        if (ame__load_relaxed(orec) != before)
            continue;
        if (!in_read_set(tx, index)) {
            if (!AME__LOG_RESERVE(&tx->reads))
                ame__tx_abort(tx, AME__ABORT_MEMORY);
            add_to_read_set(tx, index, from, place);
        }
        return;
    }
}

#define SLOW __attribute__((preserve_most)) /* see abi.def */

/* The common cases: the stripe is free and old enough, and unchanged after the load; or it is
 * this block's own. A load that races with a writer may return anything, which the second
 * look at the record finds out (O2). What remains is left to a function that is not in line, which
 * keeps all registers so that nothing here has to save them. */
#define READ_BARRIER(bits)                                                                         \
    typedef struct {                                                                               \
        uint##bits##_t value;                                                                      \
    } __attribute__((packed)) unaligned_u##bits;                                                   \
    static AME__NOINLINE SLOW uint##bits##_t read_by_bytes_u##bits(const void *address,            \
                                                                   const void *place) {            \
        uint##bits##_t value;                                                                      \
        ame__stm_read(ame__self, &value, address, sizeof value, place);                            \
        return value;                                                                              \
    }                                                                                              \
    static inline bool read_u##bits(const void *address, uint##bits##_t *value,                    \
                                    const void *place) {                                           \
        struct ame_tx *tx = ame__self;                                                             \
        uint32_t index = ame__orec_index(address);                                                 \
        ame__word *orec = &ame__orecs[index];                                                      \
        uint64_t before = ame__load_acquire(orec), limit = ame__load_relaxed(&tx->read_limit);     \
        if (AME__UNLIKELY(ame__stripe_rest(address) < sizeof *value))                              \
            return false;                                                                          \
        if (AME__LIKELY(before < limit)) {                                                         \
            *value = ((const volatile unaligned_u##bits *)address)->value;                         \
            ame__fence_acquire();                                                                  \
            if (AME__UNLIKELY(ame__load_relaxed(orec) != before))                                  \
                return false;                                                                      \
            return AME__LIKELY(in_read_set(tx, index)) ||                                          \
                   add_to_read_set(tx, index, address, place);                                     \
        }                                                                                          \
        *value = ((const volatile unaligned_u##bits *)address)->value;                             \
        return limit && ame__owned(tx, before);                                                    \
    }                                                                                              \
    uint##bits##_t ame_abi_read_u##bits(const void *address) {                                     \
        uint##bits##_t value;                                                                      \
        if (AME__LIKELY(read_u##bits(address, &value, __builtin_return_address(0))))               \
            return value;                                                                          \
        return read_by_bytes_u##bits(address, __builtin_return_address(0));                        \
    }                                                                                              \
    SLOW uint##bits##_t ame_abi_slow_read_u##bits(const void *address) {                           \
        uint##bits##_t value;                                                                      \
        if (AME__LIKELY(read_u##bits(address, &value, __builtin_return_address(0))))               \
            return value;                                                                          \
        return read_by_bytes_u##bits(address, __builtin_return_address(0));                        \
    }

READ_BARRIER(8)
READ_BARRIER(16)
READ_BARRIER(32)
READ_BARRIER(64)
