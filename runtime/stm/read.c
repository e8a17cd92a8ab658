/* read.c - the read barriers. */
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Enters a stripe in the read set, once: the bit tells. A block's read set is
 * so bounded by the table, however much it reads. */
static AME__NOINLINE void record_read(struct ame_tx *tx, uint32_t orec, const void *address,
                                      const void *place) {
    if (!AME__LOG_RESERVE(&tx->reads))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    tx->read_bits[orec / 64] |= UINT64_C(1) << orec % 64;
    tx->reads.entries[tx->reads.count++] = (struct ame__read_entry){orec, place, address};
}

static inline bool in_read_set(const struct ame_tx *tx, uint32_t orec) {
    return tx->read_bits[orec / 64] >> orec % 64 & 1;
}

/* Reads at most the rest of one stripe into `to`. */
static AME__NOINLINE void read_stripe(struct ame_tx *tx, void *to, const void *from, size_t size,
                                      const void *place) {
    uint32_t index = ame__orec_index(from);
    ame__word *orec = &ame__orecs[index];
    for (;;) {
        if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
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
        if (!in_read_set(tx, index))
            record_read(tx, index, from, place);
        return;
    }
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

/* The common case in line: the stripe is free and old enough, and unchanged
 * after the load. A load that races with a writer may return anything, which the
 * second look at the record finds out (O2). */
#define READ_BARRIER(bits)                                                                         \
    typedef struct {                                                                               \
        uint##bits##_t value;                                                                      \
    } __attribute__((packed)) unaligned_u##bits;                                                   \
    uint##bits##_t ame_abi_read_u##bits(const void *address) {                                     \
        struct ame_tx *tx = ame__self;                                                             \
        uint32_t index = ame__orec_index(address);                                                 \
        ame__word *orec = &ame__orecs[index];                                                      \
        uint64_t before = ame__load_acquire(orec);                                                 \
        uint##bits##_t value;                                                                      \
        if (AME__LIKELY(before <= ame__load_relaxed(&tx->snapshot) &&                              \
                        !ame__load_relaxed(&tx->signal) &&                                         \
                        ame__stripe_rest(address) >= sizeof value)) {                              \
            value = ((const volatile unaligned_u##bits *)address)->value;                          \
            ame__fence_acquire();                                                                  \
            if (AME__LIKELY(ame__load_relaxed(orec) == before)) {                                  \
                if (AME__UNLIKELY(!in_read_set(tx, index)))                                        \
                    record_read(tx, index, address, __builtin_return_address(0));                  \
                return value;                                                                      \
            }                                                                                      \
        }                                                                                          \
        ame__stm_read(tx, &value, address, sizeof value, __builtin_return_address(0));             \
        return value;                                                                              \
    }

READ_BARRIER(8)
READ_BARRIER(16)
READ_BARRIER(32)
READ_BARRIER(64)

void ame_abi_read(void *to_private, const void *from, size_t size) {
    ame__stm_read(ame__self, to_private, from, size, __builtin_return_address(0));
}
