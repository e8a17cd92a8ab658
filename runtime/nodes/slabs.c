#include "nodes/slabs.h"
#include "base/forks.h"
#include "nodes/lock.h"

#include <sys/mman.h>

enum {
    SLAB_BITS = 15,
    REGION_BITS = 21,
    SLAB = 1 << SLAB_BITS,
    REGION = 1 << REGION_BITS,
    SLABS = REGION / SLAB,
    WORD_BITS = 64,
    SLAB_WORDS = SLAB / AME__SLAB_LEAST_BYTES / WORD_BITS,
    REGIONS = AME__SLABS_RESERVED / REGION,
    FEW_REGIONS = 32, /* B2 */
};
#define NOT_RESERVED (-2 * AME__SLABS_RESERVED)
#define ALL_UNUSED (~UINT64_C(1)) /* slabs of a region */

struct slab {
    struct slab *next, **at; /* in the list of those of its size where some are free */
    uint32_t size, bytes;    /* of a node */
    uint32_t free, capacity;
    uint32_t first; /* no word before it has a bit */
    uint64_t is_free[SLAB_WORDS];
};

/* In the list of those that have unused slabs and others, or of the empty ones, or in none. */
struct region {
    union {
        char memory[SLABS][SLAB];
        struct { /* the head, in place of the first slab */
            struct region *next, **at;
            uint64_t unused;
            struct slab slabs[SLABS];
        };
    };
};

_Static_assert(SLABS == WORD_BITS, "a bit for each slab of a region");
_Static_assert(offsetof(struct region, slabs[SLABS]) <= SLAB, "the head is no longer than a slab");

ame__word ame__slabs_begin = NOT_RESERVED;

static struct {
    ame__word lock; /* guards the rest, and the heads of all regions */
    struct slab *slabs[AME__SLAB_SIZES];
    struct region *with_room, *empty;
    size_t in_use, empties; /* regions: B2 */
    uint64_t bytes;
    uint64_t numbers[REGIONS / WORD_BITS]; /* a bit for each region that is, comes or goes */
} AME__ALIGNED_LINE all;

static struct region *region_at(size_t number) {
    return (struct region *)ame__load_relaxed(&ame__slabs_begin) + number;
}

static size_t number_of(const struct region *region) {
    return (size_t)(region - region_at(0));
}

/* Where huge pages can't be had all is as it was. */
void ame__reserve_slabs(void) {
    char *memory = mmap(NULL, AME__SLABS_RESERVED + REGION, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return;
    ame__store_relaxed(&ame__slabs_begin, ((uint64_t)memory + REGION - 1) & -(uint64_t)REGION);
    madvise(region_at(1), AME__SLABS_RESERVED - REGION, MADV_HUGEPAGE); /* B3 */
}

#define PUSH(list, item)                                                                           \
    do {                                                                                           \
        (item)->next = *(list);                                                                    \
        (item)->at = (list);                                                                       \
        if (*(list))                                                                               \
            (*(list))->at = &(item)->next;                                                         \
        *(list) = (item);                                                                          \
    } while (0)

#define UNLINK(item)                                                                               \
    do {                                                                                           \
        *(item)->at = (item)->next;                                                                \
        if ((item)->next)                                                                          \
            (item)->next->at = (item)->at;                                                         \
    } while (0)

/* ---- regions ---- */

/* The lowest that is not in use. */
static size_t take_number(void) {
    size_t word = 0;
    while (word < REGIONS / WORD_BITS - 1 && !~all.numbers[word])
        word++;
    uint64_t unused = ~all.numbers[word];
    if (!unused)
        return REGIONS;
    all.numbers[word] |= unused & -unused;
    return word * WORD_BITS + (size_t)__builtin_ctzll(unused);
}

static void give_number(size_t number) {
    all.numbers[number / WORD_BITS] &= ~(UINT64_C(1) << number % WORD_BITS);
}

/* Lets go of the lock meanwhile: the system fills all of a huge page with zeros at the first write.
 * Several threads may each bring one; to the child of a fork() meanwhile its addresses are lost. */
static bool bring_region(void) {
    bool reserved = ame__load_relaxed(&ame__slabs_begin) != NOT_RESERVED;
    size_t number = reserved ? take_number() : REGIONS;
    if (number == REGIONS)
        return false;
    ame__unlock(&all.lock);
    struct region *region = region_at(number);
    bool is_there = !mprotect(region, REGION, PROT_READ | PROT_WRITE);
    if (is_there)
        region->unused = ALL_UNUSED;
    ame__lock(&all.lock);
    if (!is_there) {
        give_number(number);
        return false;
    }
    PUSH(&all.with_room, region);
    all.in_use++;
    return true;
}

static struct region *region_with_room(void) {
    struct region *region = all.empty;
    if (all.with_room)
        return all.with_room;
    if (region) {
        UNLINK(region);
        PUSH(&all.with_room, region);
        all.empties--;
        all.in_use++;
    }
    return region;
}

/* All of it is free. */
static void end_region(struct region *region) {
    UNLINK(region);
    PUSH(&all.empty, region);
    all.empties++;
    all.in_use--;
}

/* Lets go of the lock meanwhile: the system has to tell all processors. What it can't take stays
 * as it is, and is used again. */
static void leave_empties(size_t most) {
    while (all.empties > most) {
        struct region *region = all.empty;
        UNLINK(region);
        all.empties--;
        ame__unlock(&all.lock);
        madvise(region, REGION, MADV_DONTNEED);
        ame__lock(&all.lock);
        give_number(number_of(region));
    }
}

static struct region *region_of(const void *node) {
    return (struct region *)((uintptr_t)node & -(uintptr_t)REGION);
}

/* ---- slabs ---- */

static struct slab *slab_of(const void *node) {
    return &region_of(node)->slabs[((uintptr_t)node >> SLAB_BITS) % SLABS];
}

static char *nodes_of(const struct slab *slab) {
    struct region *region = region_of(slab);
    return region->memory[slab - region->slabs];
}

static void all_are_free(struct slab *slab) {
    uint32_t left = slab->free = slab->capacity = SLAB / slab->bytes;
    slab->first = 0;
    for (uint32_t i = 0; i < SLAB_WORDS; i++) {
        uint32_t bits = left < WORD_BITS ? left : WORD_BITS;
        slab->is_free[i] = bits ? ~UINT64_C(0) >> (WORD_BITS - bits) : 0;
        left -= bits;
    }
}

static struct slab *new_slab(uint32_t size, uint32_t bytes) {
    struct region *region = region_with_room();
    if (!region)
        return NULL;
    struct slab *slab = &region->slabs[__builtin_ctzll(region->unused)];
    region->unused &= region->unused - 1;
    if (!region->unused)
        UNLINK(region);
    slab->size = size;
    slab->bytes = bytes;
    all_are_free(slab);
    PUSH(&all.slabs[size], slab);
    return slab;
}

static void end_slab(struct slab *slab) {
    struct region *region = region_of(slab);
    UNLINK(slab);
    if (!region->unused)
        PUSH(&all.with_room, region);
    region->unused |= UINT64_C(1) << (slab - region->slabs);
    if (region->unused == ALL_UNUSED)
        end_region(region);
}

/* ---- nodes ---- */

/* Up to `most` of them, below `end`. */
static uint32_t take_from(struct slab *slab, void **end, uint32_t most) {
    char *nodes = nodes_of(slab);
    uint32_t taken = 0;
    while (slab->free && taken < most) {
        uint64_t *bits = &slab->is_free[slab->first];
        if (!*bits) {
            slab->first++;
            continue;
        }
        uint32_t index = slab->first * WORD_BITS + (uint32_t)__builtin_ctzll(*bits);
        *bits &= *bits - 1;
        slab->free--;
        *(end - ++taken) = nodes + (size_t)index * slab->bytes;
    }
    return taken;
}

uint32_t ame__take_from_slabs(uint32_t size, uint32_t bytes, void **nodes, uint32_t most) {
    uint32_t taken = 0;
    ame__lock(&all.lock);
    while (taken < most) {
        struct slab *slab = all.slabs[size] ? all.slabs[size] : new_slab(size, bytes);
        if (!slab && bring_region())
            continue;
        if (!slab)
            break;
        taken += take_from(slab, nodes + most - taken, most - taken);
        if (!slab->free)
            UNLINK(slab);
    }
    all.bytes += (uint64_t)taken * bytes;
    ame__unlock(&all.lock);
    for (uint32_t i = 0; taken < most && i < taken; i++)
        nodes[i] = nodes[most - taken + i];
    return taken;
}

static void give(const void *node) {
    struct slab *slab = slab_of(node);
    uint32_t index = (uint32_t)((uintptr_t)node % SLAB) / slab->bytes, word = index / WORD_BITS;
    slab->is_free[word] |= UINT64_C(1) << index % WORD_BITS;
    if (word < slab->first)
        slab->first = word;
    all.bytes -= slab->bytes;
    if (!slab->free++)
        PUSH(&all.slabs[slab->size], slab);
    if (slab->free == slab->capacity)
        end_slab(slab);
}

void ame__give_to_slabs(void **nodes, uint32_t count) {
    ame__lock(&all.lock);
    for (uint32_t i = 0; i < count; i++)
        give(nodes[i]);
    leave_empties(all.in_use > FEW_REGIONS ? all.in_use : FEW_REGIONS);
    ame__unlock(&all.lock);
}

/* Without the lock: these stay as they are while the node is taken. */
uint32_t ame__size_in_slab(const void *node) {
    return slab_of(node)->size;
}

uint32_t ame__bytes_in_slab(const void *node) {
    return slab_of(node)->bytes;
}

void ame__give_back_slabs(void) {
    ame__lock(&all.lock);
    leave_empties(1);
    ame__unlock(&all.lock);
}

uint64_t ame__slab_bytes(void) {
    ame__lock(&all.lock);
    uint64_t bytes = all.bytes;
    ame__unlock(&all.lock);
    return bytes;
}

static void hold(void) {
    ame__lock(&all.lock);
}

static void let_go(void) {
    ame__unlock(&all.lock);
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold, let_go);
}
