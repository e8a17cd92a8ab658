/* orec.h - ownership records: one word for each stripe of memory.
 *
 * A stripe is one cache line. The records of the 64 stripes of 4 KB lie together, so
 * walking through memory walks through the table too (a record costs an eighth
 * of the data's footprint in cache), but those of neighbouring stripes lie on different
 * lines: a program that gives each thread a line of its own must not find the
 * threads' records on one. Memory that is AME__OREC_COUNT stripes apart shares
 * a record: a false conflict costs speed, never correctness.
 *
 * A record holds either
 *   version                      free: when the stripe last changed, and by whom
 *   descriptor | AME__LOCKED     locked by that block, which may have written it
 * The lock bit is the highest, so one comparison with a snapshot tells a stripe
 * that is free and old enough from all others.
 *
 * The lowest bits of a version are the tag of the thread that left it. A time has these
 * bits all set, so it is the last version of its moment, and the next one is a version
 * with tag 0.
 *
 * Invariants, cited by name where they are relied on:
 *   O1  Only the holder of a record changes memory of its stripe in a software
 *       block, and it takes the record before the first change.
 *   O2  A record's version never goes back, and grows with every release,
 *       undone writes included: a reader that saw the same free word before and
 *       after its load saw no write in between.
 * At 64 cores: a record's line is shared by the readers of eight stripes, half a KB apart, and
 * owned by their writer, so it mostly bounces where the data itself would. */
#ifndef AME_CORE_OREC_H
#define AME_CORE_OREC_H

#include "base/atomics.h"
#include "base/compiler.h"
#include <ame/abi.h>

#include <stddef.h>

enum {
    AME__STRIPE_BITS = AME_ABI_STRIPE_BITS,
    AME__OREC_BITS = AME_ABI_OREC_BITS,
    AME__OREC_COUNT = 1 << AME__OREC_BITS,
    AME__STRIPE_SIZE = 1 << AME__STRIPE_BITS,
    AME__TAG_BITS = 12
};

#define AME__LOCKED (UINT64_C(1) << 63)
#define AME__TAG_MASK ((UINT64_C(1) << AME__TAG_BITS) - 1)

/* Under the name by which fast paths in line know it. */
extern ame__word ame__orecs[AME__OREC_COUNT] AME__ABI_NAME("ame_abi_orecs");

/* Stripes are numbered as they lie in memory, and begin again with 0 at the end of the table. */
static inline uint32_t ame__stripe(const void *address) {
    return (uint32_t)((uintptr_t)address >> AME__STRIPE_BITS) & (AME__OREC_COUNT - 1);
}

/* Each of eight neighbours goes to another one of eight lines. */
static inline uint32_t ame__orec_of_stripe(uint32_t stripe) {
    return stripe ^ (stripe & 7) << 3;
}

static inline uint32_t ame__stripe_of_orec(uint32_t orec) {
    return ame__orec_of_stripe(orec); /* its own reverse */
}

static inline uint32_t ame__orec_index(const void *address) {
    return ame__orec_of_stripe(ame__stripe(address));
}

static inline bool ame__orec_locked(uint64_t orec) {
    return orec & AME__LOCKED;
}

/* Of a record in the highest bit: it is locked, or newer than `time`. */
static inline uint64_t ame__is_above(uint64_t orec, uint64_t time) {
    return orec | (time - orec);
}

/* The stripes of 4 KB, from a multiple of that on, and their records, which are not in the same
 * order. */
enum { AME__GROUP_STRIPES = 64 };

/* Whether all records of the group are free, and none is newer. Acquire: what is loaded after it is
 * as new as the records. */
static inline bool ame__group_is_not_above(uint32_t first, uint64_t time) {
    uint64_t bad = 0;
    for (uint32_t i = 0; i < AME__GROUP_STRIPES; i++)
        bad |= ame__is_above(ame__load_acquire(&ame__orecs[first + i]), time);
    return !ame__orec_locked(bad);
}

/* The first time that is not below a version. */
static inline uint64_t ame__time_of(uint64_t version) {
    return version | AME__TAG_MASK;
}

/* The bytes from `address` to the end of its stripe. */
static inline size_t ame__stripe_rest(const void *address) {
    return AME__STRIPE_SIZE - ((uintptr_t)address & (AME__STRIPE_SIZE - 1));
}

#endif
