/* range.c - reads of any number of bytes: of arrays in chunks, by loops that the plugin has changed
 * (llvm-pass/Chunks.cpp), and of all that is wider than a word.
 *
 * Each stripe is read as a word is: its record, the data, the record again. Where there are many,
 * they go in groups whose bits in the read set share a word: first all records, then all data, then
 * all records, and one change of the read set. */
#include "memory/fresh.h"
#include "stm/bytes.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Bytes: of a group; and so many that the calls for a group are worth it. */
enum { GROUP = AME__GROUP_STRIPES * AME__STRIPE_SIZE, WORTH_A_GROUP = 4 * AME__STRIPE_SIZE };

static inline size_t group_rest(const void *address) {
    return GROUP - ((uintptr_t)address & (GROUP - 1));
}

/* The common cases of ame__stm_read_stripe, which see. In line, since short loops call it
 * for a stripe or two. */
AME__ALWAYS_INLINE bool read_part(struct ame_tx *tx, char *to, const char *from, size_t size,
                                  const void *place) {
    uint32_t index = ame__orec_index(from);
    const ame__word *orec = &ame__orecs[index];
    uint64_t before = ame__load_acquire(orec), limit = ame__load_relaxed(&tx->read_limit);
    bool owned = limit && ame__owned(tx, before);
    if (AME__UNLIKELY(before >= limit && !owned))
        return false;
    ame__word *bits = &tx->read_bits[index / 64];
    uint64_t bit = UINT64_C(1) << index % 64;
    bool known = owned || limit == AME__HARDWARE_LIMIT || ame__in_read_set(tx, index);
    if (!known) {
        if (AME__UNLIKELY(ame__load_relaxed(&tx->traces) != AME__HIDDEN ||
                          ame__fresh_may_contain(tx, from)))
            return false;
        ame__add_read_bits(bits, bit); /* V4 */
    }
    ame__copy_part(to, from, size);
    ame__fence_acquire();
    bool good = ame__load_relaxed(orec) == before;
    if (known || AME__LIKELY(good && ame__enter_run(tx, from, 1, place)))
        return good;
    ame__drop_read_bits(bits, bit);
    return false;
}

/* ---- groups ---- */

/* A bit for each stripe of a group <-> a bit for each of their records: ame__orec_of_stripe, that
 * is, of the bits that stand at place k in their bytes, those of byte i change with those of byte i
 * ^ k. */
static uint64_t swap_between_stripes_and_records(uint64_t bits) {
    const uint64_t odd = UINT64_C(0xAAAAAAAAAAAAAAAA), upper_two = UINT64_C(0xCCCCCCCCCCCCCCCC),
                   upper_four = UINT64_C(0xF0F0F0F0F0F0F0F0),
                   low_bytes = UINT64_C(0x00FF00FF00FF00FF),
                   low_pairs = UINT64_C(0x0000FFFF0000FFFF);
    uint64_t moving = bits & odd;
    bits = (bits & ~odd) | (moving & low_bytes) << 8 | (moving >> 8 & low_bytes);
    moving = bits & upper_two;
    bits = (bits & ~upper_two) | (moving & low_pairs) << 16 | (moving >> 16 & low_pairs);
    moving = bits & upper_four;
    return (bits & ~upper_four) | moving << 32 | moving >> 32;
}

/* For all runs of a group: at most every other stripe begins one. */
static inline bool room_for_runs(struct ame_tx *tx) {
    return ame__read_set_reserve(tx, AME__GROUP_STRIPES / 2);
}

/* Those stripes whose bits are in `missing`: that of `address`, and others behind it. */
static AME__NOINLINE void enter_missing(struct ame_tx *tx, uint64_t missing, const char *address,
                                        const void *place) {
    uint32_t first = ame__stripe(address);
    while (missing) {
        uint32_t begin = (uint32_t)__builtin_ctzll(missing);
        uint64_t after = ~(missing >> begin); /* its lowest bit: behind the run */
        uint32_t count = after ? (uint32_t)__builtin_ctzll(after) : 64;
        uint32_t stripe = first / 64 * 64 + begin;
        const char *at = address;
        if (stripe != first)
            at += (size_t)(stripe - first) * AME__STRIPE_SIZE -
                  ((uintptr_t)at & (AME__STRIPE_SIZE - 1));
        ame__enter_run(tx, at, count, place);
        missing &= ~(~UINT64_C(0) >> (64 - count) << begin);
    }
}

/* Whether the records of `count` stripes of a group are all free and below the limit. If they are
 * so before and after the data is loaded, none has changed in between: who locks one after the
 * first look draws a version that is not below the limit (S2). */
static inline bool are_below(uint64_t limit, uint32_t first, uint32_t count) {
    if (AME__LIKELY(count == AME__GROUP_STRIPES))
        return limit && ame__group_is_not_above(first, limit - 1);
    uint64_t bad = 0;
    for (uint32_t i = 0; i < count; i++)
        bad |= ame__is_above(ame__load_acquire(&ame__orecs[ame__orec_of_stripe(first + i)]),
                             limit - 1);
    return limit && !ame__orec_locked(bad);
}

/* The `size` bytes, which are of one group, at once: if all stripes are free and old enough and
 * stay so, else none, and it returns false. A block that is asked for an answer gives it after the
 * group: until then what it reads is as of its snapshot. */
static AME__NOINLINE bool copy_group(struct ame_tx *tx, char *to, const char *from, size_t size,
                                     const void *place) {
    uint32_t first = ame__stripe(from), count = ame__stripe(from + size - 1) - first + 1;
    uint64_t limit = ame__load_relaxed(&tx->read_limit), traces = ame__load_relaxed(&tx->traces);
    ame__word *bits = &tx->read_bits[first / 64];
    uint64_t stripes = ~UINT64_C(0) >> (64 - count) << first % 64;
    uint64_t missing =
        limit == AME__HARDWARE_LIMIT ? 0 : stripes & ~swap_between_stripes_and_records(*bits);
    bool shown = traces == AME__SHOWN && missing;
    if (missing && (traces == AME__NAMED || (shown && missing != stripes) || !room_for_runs(tx)))
        return false;
    if (shown) /* one fence for the traces of all */
        ame__or_full(bits, swap_between_stripes_and_records(missing));
    else if (missing)
        ame__add_read_bits(bits, swap_between_stripes_and_records(missing)); /* V4 */
    bool good = are_below(limit, first, count);
    if (AME__LIKELY(good)) {
        /* As for one stripe: the data is loaded after all first looks ... */
        ame__fence_acquire();
        memcpy(to, from, size);
        /* ... and before all second ones. */
        ame__fence_acquire();
        good = are_below(limit, first, count);
    }
    if (AME__UNLIKELY(!good)) {
        if (missing)
            ame__drop_read_bits(bits, swap_between_stripes_and_records(missing));
        return false;
    }
    if (missing == stripes)
        ame__enter_run(tx, from, count, place);
    else if (missing)
        enter_missing(tx, missing, from, place);
    return true;
}

/* The group has newer versions than the snapshot. They may be this thread's own, of which words are
 * read all the same (S2), but no groups. */
static AME__NOINLINE bool extend_to_group(struct ame_tx *tx, const char *from, size_t size) {
    uint32_t first = ame__stripe(from), count = ame__stripe(from + size - 1) - first + 1;
    uint64_t newest = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t orec = ame__load_relaxed(&ame__orecs[ame__orec_of_stripe(first + i)]);
        newest = orec > newest ? orec : newest; /* a locked one is above all versions */
    }
    if (ame__orec_locked(newest) || newest <= ame__load_relaxed(&tx->snapshot))
        return false;
    ame__stm_extend(tx, newest);
    return true;
}

static inline bool may_enter_hidden(const struct ame_tx *tx) {
    return ame__load_relaxed(&tx->snapshot) == AME__INACTIVE && tx->way == AME__STM &&
           !tx->shows_reads;
}

static inline bool read_group(struct ame_tx *tx, char *to, const char *from, size_t size,
                              const void *place) {
    if (AME__UNLIKELY(!ame__load_relaxed(&tx->read_limit)) && may_enter_hidden(tx))
        ame__stm_enter_by_read(tx, ame__orec_index(from));
    return AME__LIKELY(copy_group(tx, to, from, size, place)) ||
           (extend_to_group(tx, from, size) && copy_group(tx, to, from, size, place));
}

void ame__stm_read(struct ame_tx *tx, void *to_private, const void *shared, size_t size,
                   const void *place) {
    char *to = to_private;
    const char *from = shared;
    if (ame__is_fresh(tx, from)) { /* F1 */
        if (AME__UNLIKELY(!ame__load_relaxed(&tx->read_limit)))
            ame__stm_answer(tx);
        memcpy(to, from, size);
        return;
    }
    while (size) {
        size_t group = group_rest(from) < size ? group_rest(from) : size;
        size_t copied =
            group >= WORTH_A_GROUP && read_group(tx, to, from, group, place) ? group : 0;
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
