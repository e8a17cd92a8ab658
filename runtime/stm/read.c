/* read.c - the read barriers. */
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Enters a stripe in the read set, once: the bit tells. A block's read set is
 * so bounded by the table, however much it reads. */
static inline void add_to_read_set(struct ame_tx *tx, uint32_t orec, const void *address,
                                   const void *place) {
    tx->read_bits[orec / 64] |= UINT64_C(1) << orec % 64;
    tx->reads.entries[tx->reads.count++] = (struct ame__read_entry){orec, place, address};
}

/* Own versions may be read though they are newer than the snapshot (S2). Where a block meets many,
 * it moves its snapshot beyond them, for the sake of reads in line. */
static inline bool is_own_version(struct ame_tx *tx, uint64_t orec) {
    enum { MANY = 16 };
    return ame__own_version(tx, orec) && ++tx->own_versions_met < MANY;
}

/* Reads at most the rest of one stripe into `to`. */
static AME__NOINLINE void read_stripe(struct ame_tx *tx, void *to, const void *from, size_t size,
                                      const void *place) {
    uint32_t index = ame__orec_index(from);
    ame__word *orec = &ame__orecs[index];
    bool known = ame__in_read_set(tx, index);
    if (!known && !AME__LOG_RESERVE(&tx->reads))
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
        if (!known)
            ame__stm_leave_trace(tx, index); /* V1: before the second look at the record */
        memcpy(to, from, size);
        /* ... and before the second look at it: an unchanged record means that
         * no write fell in between (O2), so the data is as of the snapshot. */
        ame__fence_acquire();
        if (ame__load_relaxed(orec) == before)
            break;
        if (!known)
            ame__stm_take_back_trace(tx, index);
    }
    if (!known)
        add_to_read_set(tx, index, from, place);
}

void ame__stm_read(struct ame_tx *tx, void *to, const void *from, size_t size, const void *place) {
    while (size) {
        size_t part = ame__stripe_rest(from) < size ? ame__stripe_rest(from) : size;
        read_stripe(tx, to, from, part, place);
        to = (char *)to + part;
        from = (const char *)from + part;
        size -= part;
    }
}

#define SLOW __attribute__((preserve_most)) /* see abi.def */

/* The block's first access may be this read: the fence that publishes its snapshot serves the name
 * as well. */
static AME__NOINLINE SLOW void enter_by_read(struct ame_tx *tx, uint32_t orec) {
    if (ame__load_relaxed(&tx->snapshot) != AME__INACTIVE)
        return; /* a signal is to be answered */
    ame__stm_renew_filter(tx);
    ame__stm_add_to_filter(tx, orec);
    ame__store_relaxed(&tx->named[0], ame__with_name(tx, orec));
    ame__gate_enter(tx);
}

static AME__NOINLINE SLOW void leave_trace(struct ame_tx *tx, uint32_t orec) {
    if (tx->reads.count || ame__load_relaxed(&tx->named[0]) != ame__with_name(tx, orec))
        ame__stm_leave_trace(tx, orec);
}

/* Room for a stripe in the read set, and the trace that is due (V1); false where that is not
 * simple. */
static inline bool may_be_added(struct ame_tx *tx, uint32_t orec) {
    if (AME__UNLIKELY(tx->reads.count == tx->reads.capacity))
        return false;
    uint64_t traces = ame__load_relaxed(&tx->traces);
    if (AME__LIKELY(traces == AME__HIDDEN))
        return true;
    if (traces == AME__SHOWN)
        return false;
    leave_trace(tx, orec);
    return true;
}

/* The common cases: the stripe is free and old enough, and unchanged after the load; or it is
 * this block's own. A load that races with a writer may return anything, which the second
 * look at the record finds out (O2). What remains is left to functions that are not in line, which
 * keep all registers so that nothing here has to save them. */
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
        if (AME__UNLIKELY(!ame__load_relaxed(&tx->read_limit)))                                    \
            enter_by_read(tx, index);                                                              \
        uint64_t before = ame__load_acquire(orec), limit = ame__load_relaxed(&tx->read_limit);     \
        if (AME__UNLIKELY(ame__stripe_rest(address) < sizeof *value))                              \
            return false;                                                                          \
        if (AME__LIKELY(before < limit) || (limit && is_own_version(tx, before))) {                \
            bool known = ame__in_read_set(tx, index);                                              \
            if (AME__UNLIKELY(!known && !may_be_added(tx, index)))                                 \
                return false;                                                                      \
            *value = ((const volatile unaligned_u##bits *)address)->value;                         \
            ame__fence_acquire();                                                                  \
            if (AME__UNLIKELY(ame__load_relaxed(orec) != before))                                  \
                return false;                                                                      \
            if (!known)                                                                            \
                add_to_read_set(tx, index, address, place);                                        \
            return true;                                                                           \
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

void ame_abi_read(void *to_private, const void *from, size_t size) {
    ame__stm_read(ame__self, to_private, from, size, __builtin_return_address(0));
}
