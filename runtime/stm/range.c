/* range.c - reads of any number of bytes: of arrays in chunks, by loops that the plugin has changed
 * (llvm-pass/RangeReads.cpp), and of all that is wider than a word.
 *
 * Each stripe is read as a word is: its record, the data, the record again. Where there are many,
 * they go in groups whose bits in the read set share a word: first all records, then all data, then
 * all records, and one change of the read set. */
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Bytes: of a group; and so many that the calls for a group are worth it. */
enum { GROUP = 64 * AME__STRIPE_SIZE, WORTH_PAIRS = 4 * AME__STRIPE_SIZE };

static inline size_t group_rest(const void *address) {
    return GROUP - ((uintptr_t)address & (GROUP - 1));
}

/* 1 to 64 bytes, without the call that memcpy makes where the size is not constant: the first and
 * the last ones, which may overlap. */
static inline void copy_part(char *to, const char *from, size_t size) {
#define COPY_ENDS(piece)                                                                           \
    do {                                                                                           \
        memcpy(to, from, piece);                                                                   \
        memcpy(to + size - (piece), from + size - (piece), piece);                                 \
    } while (0)
    if (size >= 32)
        COPY_ENDS(32);
    else if (size >= 16)
        COPY_ENDS(16);
    else if (size >= 8)
        COPY_ENDS(8);
    else if (size >= 4)
        COPY_ENDS(4);
    else {
        to[0] = from[0];
        if (size > 1)
            COPY_ENDS(2);
    }
#undef COPY_ENDS
}

/* The common cases of ame__stm_read_stripe, which see. In line, since short loops call it
 * for a stripe or two. */
AME__INLINE bool read_part(struct ame_tx *tx, char *to, const char *from, size_t size,
                           const void *place) {
    uint32_t index = ame__orec_index(from);
    const ame__word *orec = &ame__orecs[index];
    uint64_t before = ame__load_acquire(orec), limit = ame__load_relaxed(&tx->read_limit);
    if (AME__UNLIKELY(before >= limit) && !(limit && ame__owned(tx, before)))
        return false;
    copy_part(to, from, size);
    ame__fence_acquire();
    if (AME__UNLIKELY(ame__load_relaxed(orec) != before))
        return false;
    uint64_t *bits = &tx->read_bits[index / 64], bit = UINT64_C(1) << index % 64;
    if (!(*bits & bit)) {
        if (AME__UNLIKELY(!ame__enter_run(tx, index, 1, from, place)))
            return false;
        *bits |= bit;
    }
    return true;
}

/* Two records at a time, each of which is read at once. */
typedef uint64_t record_pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline record_pair load_pair(const ame__word *orec) {
    return *(const volatile record_pair *)orec;
}

/* Of `size` bytes, which are of one group, those of an even number of stripes at once: if all are
 * free and old enough and stay so, else none. Returns how many bytes. A block that is asked for an
 * answer gives it after the group: until then what it reads is as of its snapshot. */
static AME__NOINLINE size_t copy_pairs(struct ame_tx *tx, char *to, const char *from, size_t size) {
    uint32_t first = ame__orec_index(from), last = ame__orec_index(from + size - 1);
    const ame__word *orec = &ame__orecs[first];
    size_t pairs = (last - first + 1) / 2;
    uint64_t limit = ame__load_relaxed(&tx->read_limit);
    record_pair before[GROUP / AME__STRIPE_SIZE / 2], newest = {limit - 1, limit - 1};
    record_pair bad = {0, 0}, changed = {0, 0}; /* the highest bit; any bit */
    for (size_t i = 0; i < pairs; i++) {
        before[i] = load_pair(orec + 2 * i);
        bad |= before[i] | (newest - before[i]);
    }
    if (AME__UNLIKELY(!limit || (bad[0] | bad[1]) & AME__LOCKED))
        return 0;
    if ((last - first) % 2 == 0)
        size -= ((uintptr_t)(from + size - 1) & (AME__STRIPE_SIZE - 1)) + 1;
    /* As for one stripe: the data is loaded after all first looks ... */
    ame__fence_acquire();
    memcpy(to, from, size);
    /* ... and before all second ones. */
    ame__fence_acquire();
    for (size_t i = 0; i < pairs; i++)
        changed |= load_pair(orec + 2 * i) ^ before[i];
    return AME__LIKELY(!(changed[0] | changed[1])) ? size : 0;
}

static AME__NOINLINE void enter_new_run(struct ame_tx *tx, uint32_t orec, uint32_t count,
                                        const char *address, const void *place) {
    if (!AME__LOG_RESERVE(&tx->reads))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    ame__enter_run(tx, orec, count, address, place);
}

static inline void enter(struct ame_tx *tx, uint32_t orec, uint32_t count, const char *address,
                         const void *place) {
    if (AME__UNLIKELY(!ame__enter_run(tx, orec, count, address, place)))
        enter_new_run(tx, orec, count, address, place);
}

/* Those stripes whose bits are in `missing`: that of `address`, and others behind it. */
static AME__NOINLINE void enter_missing(struct ame_tx *tx, uint64_t missing, const char *address,
                                        const void *place) {
    uint32_t first = ame__orec_index(address);
    while (missing) {
        uint32_t begin = (uint32_t)__builtin_ctzll(missing);
        uint64_t after = ~(missing >> begin); /* its lowest bit: behind the run */
        uint32_t count = after ? (uint32_t)__builtin_ctzll(after) : 64;
        uint32_t orec = first / 64 * 64 + begin;
        const char *at = address;
        if (orec != first)
            at += (size_t)(orec - first) * AME__STRIPE_SIZE -
                  ((uintptr_t)at & (AME__STRIPE_SIZE - 1));
        enter(tx, orec, count, at, place);
        missing &= ~(~UINT64_C(0) >> (64 - count) << begin);
    }
}

/* Enters the stripes of `size` bytes, which are of one group, in the read set. */
static inline void enter_stripes(struct ame_tx *tx, const char *from, size_t size,
                                 const void *place) {
    uint32_t first = ame__orec_index(from), last = ame__orec_index(from + size - 1);
    uint64_t *bits = &tx->read_bits[first / 64];
    uint64_t stripes = ~UINT64_C(0) >> (63 - (last - first)) << first % 64;
    uint64_t missing = stripes & ~*bits;
    if (AME__LIKELY(!missing))
        return;
    if (AME__LIKELY(missing == stripes))
        enter(tx, first, last - first + 1, from, place);
    else
        enter_missing(tx, missing, from, place);
    *bits |= missing;
}

void ame__stm_read(struct ame_tx *tx, void *to_private, const void *shared, size_t size,
                   const void *place) {
    char *to = to_private;
    const char *from = shared;
    while (size) {
        size_t group = group_rest(from) < size ? group_rest(from) : size;
        size_t copied = group < WORTH_PAIRS ? 0 : copy_pairs(tx, to, from, group);
        if (AME__LIKELY(copied))
            enter_stripes(tx, from, copied, place);
        while (copied < group) {
            size_t rest = ame__stripe_rest(from + copied);
            size_t part = rest < group - copied ? rest : group - copied;
            if (AME__UNLIKELY(!read_part(tx, to + copied, from + copied, part, place)))
                ame__stm_read_stripe(tx, to + copied, from + copied, part, place);
            copied += part;
        }
        to += group;
        from += group;
        size -= group;
    }
}

void ame_abi_read(void *to_private, const void *from, size_t size) {
    struct ame_tx *tx = ame__self;
    const void *place = __builtin_return_address(0);
    if (size - 1 < ame__stripe_rest(from) &&
        AME__LIKELY(read_part(tx, to_private, from, size, place)))
        return;
    ame__stm_read(tx, to_private, from, size, place);
}
