/* allocations.h - where what is on the heap was allocated: of what was allocated since somebody
 * watches, as far as the table has room. Hints: what was freed may still be in it, and a collision
 * takes an older entry's place. */
#ifndef AME_EVENTS_ALLOCATIONS_H
#define AME_EVENTS_ALLOCATIONS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins to watch: calls of malloc() and its like by the program and its libraries, but the C
 * library's own, go through functions that enter the result. Called again, it does the same for
 * libraries that were loaded since. Without a recording nothing is watched. */
void ame__allocations_watch(void);

/* Calls go to the allocator again. */
void ame__allocations_ignore(void);

/* The code that allocated what is at `address`: the address that the call returned to; 0: not
 * known. */
uint64_t ame__allocated_at(const void *address);

/* ---- entering, in line since programs allocate much ---- */

enum { AME__PLACES_BITS = 5, AME__LARGE_ALLOCATION = 1024 };

/* Of this thread. Most calls only read it: a line that a hardware transaction writes costs it some
 * nanoseconds. */
struct ame__allocating {
    size_t large;   /* smaller ones need not all be entered; 0: an attempt is watched */
    uint64_t bytes; /* that attempts have allocated which were watched */
    uintptr_t places[1 << AME__PLACES_BITS]; /* those that allocate much, the latest, by hash */
};
extern __thread struct ame__allocating ame__allocating __attribute__((tls_model("initial-exec")));

void ame__allocation_enter(const void *memory, size_t size, const void *place);

/* Fibonacci hashing (Knuth, volume 3, section 6.4). */
AME__ALWAYS_INLINE uint64_t ame__allocation_hash(uint64_t value, int bits) {
    return value * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits);
}

AME__ALWAYS_INLINE uintptr_t *ame__allocation_known(const void *place) {
    return &ame__allocating.places[ame__allocation_hash((uintptr_t)place, AME__PLACES_BITS)];
}

/* Of places that allocate much this part of the memory is entered, always the same, so that what
 * is freed and allocated again does not leave old entries. */
AME__ALWAYS_INLINE bool ame__allocation_is_sample(const void *memory) {
    enum { GRAIN = 16, SAMPLES_BITS = 6 };
    return !ame__allocation_hash((uintptr_t)memory / GRAIN, SAMPLES_BITS);
}

/* Memory was allocated at `place`. */
AME__ALWAYS_INLINE void ame__allocated(const void *memory, size_t size, const void *place) {
    if (AME__UNLIKELY(*ame__allocation_known(place) != (uintptr_t)place ||
                      size >= ame__allocating.large || ame__allocation_is_sample(memory)))
        ame__allocation_enter(memory, size, place);
}

#endif
