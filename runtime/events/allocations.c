/* allocations.c - a table of allocations by the memory that they cover.
 *
 * Memory is cut into granules, of a line of memory for small allocations, and sixteen times as
 * large on each level above: so each allocation has at most 17 of them. An entry is one word, so
 * that those of different threads do not mix: where the allocation begins, how many granules it
 * covers, and the number of its place. Places are numbered in a table of their own. */
#define _GNU_SOURCE
#include "events/allocations.h"
#include "base/atomics.h"
#include "events/hooks.h"
#include "events/recorder.h"

#include <stddef.h>
#include <sys/mman.h>

enum {
    LINE_BITS = 6,
    STEP_BITS = 4, /* from a level to the next */
    LEVELS = 8,
    MOST_GRANULES = 1 << STEP_BITS,
    SMALL_BITS = 19, /* of the table for the lowest level */
    LARGE_BITS = 14, /* and for each of the others */
    PLACE_BITS = 14,
    PLACES = 1 << PLACE_BITS,
    /* An entry: place, granules - 1, and the address, which is a multiple of 16. */
    ADDRESS_BITS = 44,
    COUNT_SHIFT = ADDRESS_BITS,
    PLACE_SHIFT = ADDRESS_BITS + STEP_BITS,
};

struct table {
    ame__word places[PLACES];  /* 0: free */
    ame__word entered[PLACES]; /* so many allocations of the place were, about */
    ame__word small[1 << SMALL_BITS];
    ame__word large[LEVELS - 1][1 << LARGE_BITS];
};
static struct table *table; /* NULL: nothing has been watched yet */

__thread struct ame__allocating ame__allocating
    __attribute__((tls_model("initial-exec"))) = {.large = AME__LARGE_ALLOCATION};

/* ---- places ---- */

/* Its number, from 1 on; 0: the table is full there. */
static uint64_t number_of(uintptr_t place) {
    enum { TRIALS = 8 };
    uint64_t at = ame__allocation_hash(place, PLACE_BITS);
    for (int i = 0; i < TRIALS; i++, at = (at + 1) % PLACES) {
        uint64_t there = ame__load_relaxed(&table->places[at]);
        if (there == place || (at && !there && ame__cas_full(&table->places[at], 0, place)))
            return at;
        if (ame__load_relaxed(&table->places[at]) == place && at)
            return at;
    }
    return 0;
}

/* ---- memory ---- */

static unsigned shift_of(unsigned level) {
    return LINE_BITS + STEP_BITS * level;
}

static unsigned level_of(size_t size) {
    unsigned level = 0;
    while (level < LEVELS - 1 && size >> (shift_of(level) + STEP_BITS))
        level++;
    return level;
}

/* Neighbours are neighbours in the table. Heaps that begin at the same place in large regions are
 * not laid on top of each other. */
static uint64_t slot_of(uint64_t granule, unsigned bits) {
    uint64_t region = ame__allocation_hash(granule >> bits, (int)bits);
    return (granule + region) & ((UINT64_C(1) << bits) - 1);
}

static ame__word *entry_of(uint64_t granule, unsigned level) {
    return level ? &table->large[level - 1][slot_of(granule, LARGE_BITS)]
                 : &table->small[slot_of(granule, SMALL_BITS)];
}

/* Of small allocations the first ones of a place are entered, and then samples. Whether this is
 * one; who allocates much is remembered. */
static bool is_entered(const void *memory, size_t size, uintptr_t place, uint64_t number) {
    enum { ALL = 1024 };
    uintptr_t *known = ame__allocation_known((const void *)place);
    if (*known != place) {
        uint64_t entered = ame__load_relaxed(&table->entered[number]);
        if (number && entered < ALL) {
            ame__store_relaxed(&table->entered[number], entered + 1); /* another's may be lost */
            return true;
        }
        *known = place;
    }
    return size >= AME__LARGE_ALLOCATION || ame__allocation_is_sample(memory);
}

void ame__allocation_enter(const void *memory, size_t size, const void *place) {
    if (!ame__allocating.large)
        ame__allocating.bytes += size;
    if (!table || !size)
        return;
    uint64_t number = number_of((uintptr_t)place);
    if (!is_entered(memory, size, (uintptr_t)place, number) || !number)
        return;
    unsigned level = level_of(size);
    uint64_t first = (uintptr_t)memory >> shift_of(level);
    uint64_t last = ((uintptr_t)memory + size - 1) >> shift_of(level);
    uint64_t count = last - first < MOST_GRANULES ? last - first : MOST_GRANULES - 1;
    uint64_t entry = number << PLACE_SHIFT | count << COUNT_SHIFT | (uintptr_t)memory >> STEP_BITS;
    for (uint64_t granule = first; granule <= last && granule <= first + MOST_GRANULES; granule++)
        if (ame__load_relaxed(entry_of(granule, level)) != entry)
            ame__store_relaxed(entry_of(granule, level), entry);
}

void ame__recorder_count_bytes(bool count) {
    ame__allocating.large = count ? 0 : AME__LARGE_ALLOCATION;
}

uint64_t ame__recorder_allocated_bytes(void) {
    return ame__allocating.bytes;
}

/* Whether the entry is of an allocation that covers the address. Its end is known to a granule. */
static bool covers(uint64_t entry, uintptr_t address, unsigned level) {
    uint64_t begin = (entry & ((UINT64_C(1) << ADDRESS_BITS) - 1)) << STEP_BITS;
    uint64_t granules = (entry >> COUNT_SHIFT) % MOST_GRANULES + 1;
    uint64_t last = (begin >> shift_of(level)) + granules - 1;
    return entry && address >= begin && address >> shift_of(level) <= last;
}

uint64_t ame__allocated_at(const void *address) {
    for (unsigned level = 0; table && address && level < LEVELS; level++) {
        uint64_t entry = ame__load_relaxed(entry_of((uintptr_t)address >> shift_of(level), level));
        if (covers(entry, (uintptr_t)address, level))
            return ame__load_relaxed(&table->places[entry >> PLACE_SHIFT]);
    }
    return 0;
}

/* ---- beginning and end ---- */

void ame__allocations_watch(void) {
    if (!table) {
        void *memory = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return; /* the recording does without */
        /* Now, since hardware transactions may not be the first to touch a page of it. */
        madvise(memory, sizeof *table, MADV_HUGEPAGE);
        madvise(memory, sizeof *table, MADV_POPULATE_WRITE);
        table = memory;
    }
    ame__hooks_set();
}

void ame__allocations_ignore(void) {
    ame__hooks_clear();
}
