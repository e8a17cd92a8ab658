#include "base/heap.h"
#include "memory/rows.h"
#include "nodes/nodes.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRANULES = 1 << AME__FRESH_REGION_BITS,
    LARGE = 1 << 15, /* smaller allocations keep to level 0, so that one look finds them */
};

static inline unsigned granule_shift(unsigned level) {
    return AME__FRESH_WORD_BITS + AME__FRESH_REGION_BITS * level;
}

static inline unsigned granule_of(uintptr_t address, unsigned level) {
    return address >> granule_shift(level) & (GRANULES - 1);
}

/* ---- ranges ---- */

/* Some neighbouring granules of one region. */
struct part {
    uint64_t key;
    unsigned level, first, count;
};

static inline struct part part_of(uintptr_t begin, uintptr_t end, unsigned level) {
    unsigned shift = granule_shift(level), first = granule_of(begin, level);
    size_t granules = (end - begin) >> shift;
    unsigned count = granules < GRANULES - first ? (unsigned)granules : GRANULES - first;
    return (struct part){ame__fresh_key(begin, level), level, first, count};
}

/* The highest level that has a granule at the beginning of the range. */
static AME__NOINLINE unsigned level_of(uintptr_t begin, uintptr_t end) {
    unsigned level = 0;
    while (level + 1 < AME__FRESH_LEVELS &&
           !(begin & ((UINT64_C(1) << granule_shift(level + 1)) - 1)) &&
           (end - begin) >> granule_shift(level + 1))
        level++;
    return level;
}

/* The first part of a range, which then begins behind it. Depends on the range alone: what was
 * entered in parts is found in the same ones. */
static inline struct part take_part(uintptr_t *begin, uintptr_t end, bool large) {
    unsigned level = AME__UNLIKELY(large) ? level_of(*begin, end) : 0;
    struct part part = AME__LIKELY(!level) ? part_of(*begin, end, 0) : part_of(*begin, end, level);
    *begin += (uintptr_t)part.count << granule_shift(level);
    return part;
}

#define FOR_EACH_PART(part, begin, end)                                                            \
    for (uintptr_t begin_ = (begin), end_ = (end), size_ = end_ - begin_;                          \
         begin_ < end_ && ((part) = take_part(&begin_, end_, size_ >= LARGE), true);)

/* Of `count` granules, one at least. */
#define CHANGE_BITS(name, CHANGE)                                                                  \
    static inline void name(uint64_t *words, unsigned first, unsigned count) {                     \
        unsigned word = first / 64, last = (first + count - 1) / 64;                               \
        uint64_t mask = ~UINT64_C(0) << first % 64;                                                \
        for (; word < last; word++, mask = ~UINT64_C(0))                                           \
            words[word] CHANGE(mask);                                                              \
        words[word] CHANGE(mask & ~UINT64_C(0) >> (63 - (first + count - 1) % 64));                \
    }
#define SET(mask) |= (mask)
#define CLEAR(mask) &= ~(mask)
CHANGE_BITS(set_bits, SET)
CHANGE_BITS(clear_bits, CLEAR)
#undef CHANGE_BITS
#undef SET
#undef CLEAR

static bool has_bits(const uint64_t *words) {
    uint64_t all = 0;
    for (unsigned i = 0; i < GRANULES / 64; i++)
        all |= words[i];
    return all;
}

/* ---- regions ---- */

/* In a bucket's chain the youngest comes first: so looks find the youngest of a key, and the
 * youngest of all regions is the first of its chain. */
static void link_region(struct ame_tx *tx, size_t index) {
    struct ame__fresh_region *region = &tx->fresh.entries[index];
    uint32_t *bucket = ame__fresh_bucket(tx, region->key);
    region->next = *bucket;
    *bucket = (uint32_t)index + 1;
}

static void unlink_since(struct ame_tx *tx, size_t older) {
    for (size_t i = tx->fresh.count; i-- > older;) {
        const struct ame__fresh_region *region = &tx->fresh.entries[i];
        *ame__fresh_bucket(tx, region->key) = region->next;
    }
}

/* Long blocks allocate and free again and again, not always in the same place. */
static void drop_empty_regions(struct ame_tx *tx) {
    size_t kept = ame__fresh_older(tx), count = tx->fresh.count;
    unlink_since(tx, kept);
    for (size_t i = kept; i < count; i++) {
        const struct ame__fresh_region *region = &tx->fresh.entries[i];
        if (!has_bits(region->fresh) && !has_bits(region->begins))
            continue;
        tx->fresh.entries[kept] = *region;
        link_region(tx, kept++);
    }
    tx->fresh.count = kept;
}

/* What lies between two allocations is the allocator's, or of the first one what was not asked
 * for, if there is no room for another one, or for a node. */
static size_t largest_gap(void) {
    void *smallest = ame__malloc(1);
    size_t word = 1 << AME__FRESH_WORD_BITS, size = smallest ? malloc_usable_size(smallest) : 1;
    free(smallest);
    size_t least = AME__LEAST_NODE_WORDS * sizeof(uint64_t);
    if (size > least)
        size = least;
    return size > word ? (size - 1) & -word : 0;
}

/* As many buckets as the log has room for regions. */
static bool grow(struct ame_tx *tx) {
    if (!tx->fresh_buckets)
        tx->fresh_gap = largest_gap();
    size_t larger = tx->fresh.capacity ? 2 * tx->fresh.capacity : 64;
    uint32_t *buckets = larger <= UINT32_MAX ? calloc(larger, sizeof *buckets) : NULL;
    if (!buckets || !ame__log_grow((void **)&tx->fresh.entries, &tx->fresh.capacity,
                                   sizeof *tx->fresh.entries)) {
        free(buckets);
        return false;
    }
    free(tx->fresh_buckets);
    tx->fresh_buckets = buckets;
    tx->fresh_bucket_shift = 64 - (unsigned)__builtin_ctzll(tx->fresh.capacity);
    for (size_t i = 0; i < tx->fresh.count; i++)
        link_region(tx, i);
    return true;
}

static bool make_room(struct ame_tx *tx) {
    if (tx->fresh.count < tx->fresh.capacity)
        return true;
    drop_empty_regions(tx);
    /* Only half full, the set need not be gone through again soon. */
    return tx->fresh.count < tx->fresh.capacity / 2 || grow(tx) ||
           tx->fresh.count < tx->fresh.capacity;
}

static AME__NOINLINE __attribute__((preserve_most)) struct ame__fresh_region *
find_own_region(struct ame_tx *tx, uint64_t key) {
    if (!tx->fresh.count)
        return NULL;
    struct ame__fresh_region *region = ame__fresh_find(tx, key);
    if (!region || region < tx->fresh.entries + ame__fresh_older(tx))
        return NULL;
    tx->fresh_latest = (size_t)(region - tx->fresh.entries);
    return region;
}

/* The youngest region of the key, if a block may change it: see F2. */
static inline struct ame__fresh_region *own_region(struct ame_tx *tx, uint64_t key) {
    size_t latest = tx->fresh_latest;
    if (AME__LIKELY(latest < tx->fresh.count && tx->fresh.entries[latest].key == key &&
                    latest >= ame__fresh_older(tx)))
        return &tx->fresh.entries[latest];
    return find_own_region(tx, key);
}

static AME__NOINLINE struct ame__fresh_region *new_region(struct ame_tx *tx, uint64_t key,
                                                          unsigned level) {
    if (!make_room(tx))
        return NULL;
    struct ame__fresh_region *region = &tx->fresh.entries[tx->fresh.count];
    *region = (struct ame__fresh_region){.key = key};
    tx->fresh_latest = tx->fresh.count;
    link_region(tx, tx->fresh.count++);
    if (tx->fresh_levels <= level)
        tx->fresh_levels = level + 1;
    return region;
}

static inline struct ame__fresh_region *own_or_new_region(struct ame_tx *tx, uint64_t key,
                                                          unsigned level) {
    struct ame__fresh_region *region = own_region(tx, key);
    return region ? region : new_region(tx, key, level);
}

/* ---- allocations in the set ---- */

static AME__NOINLINE void leave_in_parts(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    struct part part;
    if (end - begin >= LARGE) /* less may have been asked for, and entered */
        leave_in_parts(tx, begin, begin + AME__FRESH_LEAST_EXACT);
    FOR_EACH_PART(part, begin, end) {
        struct ame__fresh_region *region = own_region(tx, part.key);
        if (!region)
            continue; /* it was not entered to the end */
        clear_bits(region->fresh, part.first, part.count);
    }
}

void ame__fresh_leave_set(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    unsigned first = granule_of(begin, 0);
    struct ame__fresh_region *region = own_region(tx, ame__fresh_key(begin, 0));
    region->begins[first / 64] &= ~(UINT64_C(1) << first % 64);
    size_t words = (end - begin) >> AME__FRESH_WORD_BITS;
    if (AME__LIKELY(words <= GRANULES - first))
        clear_bits(region->fresh, first, (unsigned)words);
    else
        leave_in_parts(tx, begin, end);
}

static AME__NOINLINE bool enter_in_parts(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    struct part part;
    FOR_EACH_PART(part, begin, end) {
        struct ame__fresh_region *region = own_or_new_region(tx, part.key, part.level);
        if (!region) {
            ame__fresh_leave_set(tx, begin, end);
            return false;
        }
        set_bits(region->fresh, part.first, part.count);
    }
    return true;
}

bool ame__fresh_enter_set(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    unsigned first = granule_of(begin, 0);
    struct ame__fresh_region *region = own_or_new_region(tx, ame__fresh_key(begin, 0), 0);
    if (!region)
        return false;
    region->begins[first / 64] |= UINT64_C(1) << first % 64;
    size_t words = (end - begin) >> AME__FRESH_WORD_BITS;
    if (AME__UNLIKELY(words > GRANULES - first))
        return enter_in_parts(tx, begin, end);
    set_bits(region->fresh, first, (unsigned)words);
    return true;
}

bool ame__fresh_begins_in_set(struct ame_tx *tx, uintptr_t address) {
    unsigned first = granule_of(address, 0);
    const struct ame__fresh_region *region = own_region(tx, ame__fresh_key(address, 0));
    return region && region->begins[first / 64] >> first % 64 & 1;
}

/* ---- all ---- */

static void free_all_of(const struct ame__fresh_region *region) {
    char *memory = (char *)(region->key >> 2 << granule_shift(1));
    for (unsigned i = 0; i < GRANULES / 64; i++)
        for (uint64_t words = region->begins[i]; words; words &= words - 1)
            ame__drop_node(memory +
                           ((i * 64 + (unsigned)__builtin_ctzll(words)) << AME__FRESH_WORD_BITS));
}

static void free_row(struct ame__fresh_row *row) {
    for (; row->extent; ame__row_drop_first(row))
        ame__drop_node((void *)row->begin);
}

void ame__fresh_free_since(struct ame_tx *tx, size_t older) {
    for (int i = 0; i < AME__FRESH_ROWS; i++)
        free_row(&tx->fresh_rows[i]);
    for (size_t i = older; i < tx->fresh.count; i++)
        free_all_of(&tx->fresh.entries[i]);
    unlink_since(tx, older);
    tx->fresh.count = older;
    ame__fresh_cool(tx);
    if (!older)
        tx->fresh_extent = tx->fresh_levels = 0;
}

void ame__fresh_join(struct ame_tx *tx, size_t older) {
    size_t kept = older, count = tx->fresh.count;
    unlink_since(tx, older);
    tx->fresh.count = older;
    for (size_t i = older; i < count; i++) {
        struct ame__fresh_region *region = &tx->fresh.entries[i];
        struct ame__fresh_region *outer = own_region(tx, region->key);
        if (!outer) {
            tx->fresh.entries[kept] = *region;
            link_region(tx, kept++);
            tx->fresh.count = kept;
            continue;
        }
        for (unsigned k = 0; k < GRANULES / 64; k++) {
            outer->fresh[k] |= region->fresh[k];
            outer->begins[k] |= region->begins[k];
        }
        outer->counted |= region->counted;
    }
}

void ame__fresh_clear(struct ame_tx *tx) {
    unlink_since(tx, 0);
    AME__LOG_CLEAR(&tx->fresh);
    if (!tx->fresh.capacity) {
        free(tx->fresh_buckets);
        tx->fresh_buckets = NULL;
    }
    for (int i = 0; i < AME__FRESH_ROWS; i++)
        ame__forget_row(&tx->fresh_rows[i]);
    ame__fresh_cool(tx);
    tx->fresh_extent = tx->fresh_levels = 0;
    tx->fresh_counted = false;
}

/* ---- looking ---- */

/* The fresh granules around one, with the gaps between them, as far as they stand in the same word
 * of bits. No branch waits for what is loaded here. */
static void make_hot(struct ame_tx *tx, uintptr_t address, unsigned level,
                     const struct ame__fresh_region *region) {
    unsigned shift = granule_shift(level), granule = granule_of(address, level);
    uint64_t fresh = region->fresh[granule / 64], begins = region->begins[granule / 64];
    uint64_t gaps = tx->fresh_gap ? fresh << 1 & begins >> 1 : 0;
    uint64_t others = ~(fresh | gaps), own = UINT64_C(1) << granule % 64;
    uint64_t before = others & (own - 1), after = others & -own;
    unsigned first = before ? 64 - (unsigned)__builtin_clzll(before) : 0;
    unsigned end = after ? (unsigned)__builtin_ctzll(after) : 64;
    tx->fresh_hot = (address & -(UINT64_C(64) << shift)) + ((uintptr_t)first << shift);
    tx->fresh_hot_extent = (uintptr_t)(end - first) << shift;
}

__attribute__((preserve_most)) bool ame__fresh_contains(struct ame_tx *tx, const void *address) {
    const struct ame__fresh_row *row = ame__row_of(tx, (uintptr_t)address);
    if (row) {
        tx->fresh_hot = row->begin;
        tx->fresh_hot_extent = row->extent;
        return true;
    }
    for (unsigned level = 0; level < tx->fresh_levels; level++) {
        struct ame__fresh_region *region =
            own_region(tx, ame__fresh_key((uintptr_t)address, level));
        unsigned granule = granule_of((uintptr_t)address, level);
        if (!region || !(region->fresh[granule / 64] >> granule % 64 & 1))
            continue;
        make_hot(tx, (uintptr_t)address, level, region);
        return true;
    }
    return false;
}

/* ---- counts ---- */

/* Of whichever savepoint: the entry may outlive it. */
void ame__fresh_note_count(struct ame_tx *tx, const void *count) {
    if (ame__row_of(tx, (uintptr_t)count))
        ame__fresh_settle(tx);
    for (unsigned level = 0; level < tx->fresh_levels; level++) {
        uint64_t key = ame__fresh_key((uintptr_t)count, level);
        for (uint32_t number = *ame__fresh_bucket(tx, key); number;) {
            struct ame__fresh_region *region = &tx->fresh.entries[number - 1];
            if (region->key == key)
                region->counted = tx->fresh_counted = true;
            number = region->next;
        }
    }
}

bool ame__fresh_is_counted(struct ame_tx *tx, const void *memory, size_t size) {
    struct part part;
    if (!tx->fresh_counted || ame__row_of(tx, (uintptr_t)memory))
        return false;
    FOR_EACH_PART(part, (uintptr_t)memory, ame__fresh_range_end(memory, size)) {
        const struct ame__fresh_region *region = own_region(tx, part.key);
        if (region && region->counted)
            return true;
    }
    return false;
}
