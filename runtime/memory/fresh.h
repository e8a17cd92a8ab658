/* fresh.h - fresh memory: what the block has allocated itself and not freed yet.
 *
 *   F1  Fresh memory is the block's own until it commits: others could know its address only from
 *       memory that this block has written, and that is locked. If the block is undone it is gone.
 *       So accesses take no lock and leave no entry in a log.
 *   F2  Memory that a block allocated before a savepoint is not fresh until the block of that
 *       savepoint has ended: to cancel that one, its writes there are undone.
 *   F3  What is said to be fresh is. The converse need not hold: memory that is not found to be
 *       fresh is treated like any other, and then there may be entries in logs that point there
 *       (M3 in memory.h).
 *
 * A sparse set of bits. A region is 512 granules, with a bit for each that is fresh; regions are
 * found by hashing. Granules are words of 8 bytes, and in large allocations, where a part of one is
 * as large and lies so, those of the levels above: each is as large as a region of the level below,
 * so the set stays small whatever is allocated. A second bit for each word says that an allocation
 * begins there: so the set is also the list of what an abort frees.
 *
 * What makes up a row stays out of the set: allocations of one size, one after the other, as
 * allocators often hand them out. A row is a range, that size and the gap between two, however many
 * they are; most lists begin and end as one. There are two, the latest and the longest; when
 * another one begins, the shorter one goes to the set, and so does a part of a row when memory is
 * freed from its midst. Each allocation enters the set once at most.
 *
 * The latest memory to be found, with what lies next to it, is the hot range: so reads and writes
 * of it need no look into the set. Between two allocations of it there may be a gap, of the
 * allocator's own: no larger than has room for no other allocation.
 *
 * Regions are numbered in the order in which they were made, and a savepoint notes how many there
 * were: a block changes only those that are younger than the innermost savepoint. Rows are
 * always younger: they go to the set before a savepoint. */
#ifndef AME_MEMORY_FRESH_H
#define AME_MEMORY_FRESH_H

#include "core/tx.h"

enum {
    AME__FRESH_LEVELS = 4,
    AME__FRESH_WORD_BITS = 3,   /* a granule of level 0 has 1 << so many bytes */
    AME__FRESH_REGION_BITS = 9, /* a region has 1 << so many granules */
    AME__FRESH_LEAST_EXACT = 1 << 13,
};

/* Enters memory that was just allocated. The size is what was asked for or, from
 * AME__FRESH_LEAST_EXACT bytes on, what ame__usable_size says: to ask costs time, since the
 * answer often lies behind the memory, in a line that nothing else needs yet. False: out of memory,
 * and then nothing has changed. */
bool ame__fresh_add(struct ame_tx *tx, const void *memory, size_t size);

/* Whether an allocation that is fresh begins there. */
bool ame__fresh_begins(struct ame_tx *tx, const void *memory);

/* The reverse of ame__fresh_add; the size is what ame__usable_size says. False: out of memory,
 * and it is as fresh as before. */
bool ame__fresh_remove(struct ame_tx *tx, const void *memory, size_t size);

/* Before a savepoint, and before the number of regions is noted for it. Aborts the block when out
 * of memory. */
void ame__fresh_settle(struct ame_tx *tx);

/* A log has, or had, an entry for a count there. */
bool ame__fresh_is_counted(struct ame_tx *tx, const void *memory, size_t size);

/* Frees what was allocated since there were `older` regions. */
void ame__fresh_free_since(struct ame_tx *tx, size_t older);

/* The block of a savepoint has ended: what it allocated since there were `older` regions is now
 * fresh in the block around it. */
void ame__fresh_join(struct ame_tx *tx, size_t older);

/* The outermost block has ended: nothing is fresh. */
void ame__fresh_clear(struct ame_tx *tx);

static inline uint64_t ame__fresh_key(uintptr_t address, unsigned level) {
    return address >> (AME__FRESH_WORD_BITS + AME__FRESH_REGION_BITS * (level + 1)) << 2 | level;
}

static inline uint32_t *ame__fresh_bucket(const struct ame_tx *tx, uint64_t key) {
    return &tx->fresh_buckets[key * UINT64_C(0x9E3779B97F4A7C15) >> tx->fresh_bucket_shift];
}

/* Of several with that key the youngest, or NULL. Only where there are regions at all. */
static inline struct ame__fresh_region *ame__fresh_find(const struct ame_tx *tx, uint64_t key) {
    for (uint32_t number = *ame__fresh_bucket(tx, key); number;) {
        struct ame__fresh_region *region = &tx->fresh.entries[number - 1];
        if (region->key == key)
            return region;
        number = region->next;
    }
    return NULL;
}

/* How many regions are older than the innermost savepoint. */
static inline size_t ame__fresh_older(const struct ame_tx *tx) {
    return tx->savepoint ? tx->savepoint->fresh : 0;
}

/* Looks in the set; what is found becomes the hot range. Keeps all registers, for the read barriers
 * that do so, too. */
__attribute__((preserve_most)) bool ame__fresh_contains(struct ame_tx *tx, const void *address);

/* Fresh memory lies nowhere else; nearly free in blocks that have allocated nothing. */
static inline bool ame__fresh_may_contain(const struct ame_tx *tx, const void *address) {
    return (uintptr_t)address - tx->fresh_lowest < tx->fresh_extent;
}

static inline bool ame__fresh_is_hot(const struct ame_tx *tx, const void *address) {
    return (uintptr_t)address - tx->fresh_hot < tx->fresh_hot_extent;
}

/* The hot range is not fresh any more, or not in the block that begins: F2. */
static inline void ame__fresh_cool(struct ame_tx *tx) {
    tx->fresh_hot_extent = 0;
}

/* Whether the memory is fresh. An access lies in one allocation, so its first byte tells. In line
 * wherever the compiler would rather call it, which would save registers that need no saving. */
static inline __attribute__((always_inline)) bool ame__is_fresh(struct ame_tx *tx,
                                                                const void *address) {
    return AME__UNLIKELY(ame__fresh_may_contain(tx, address)) &&
           (ame__fresh_is_hot(tx, address) || ame__fresh_contains(tx, address));
}

void ame__fresh_note_count(struct ame_tx *tx, const void *count);

/* A log gets an entry for this count. */
static inline void ame__fresh_count(struct ame_tx *tx, const void *count) {
    if (AME__UNLIKELY(ame__fresh_may_contain(tx, count)))
        ame__fresh_note_count(tx, count);
}

#endif
