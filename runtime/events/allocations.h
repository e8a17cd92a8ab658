/* allocations.h - where what is on the heap was allocated: of what was allocated since somebody
 * watches, as far as the table has room. Hints: what was freed may still be in it, and a collision
 * takes an older entry's place. */
#ifndef AME_EVENTS_ALLOCATIONS_H
#define AME_EVENTS_ALLOCATIONS_H

#include "base/compiler.h"

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

enum { AME__PLACES_BITS = 5 };

/* Of this thread. */
struct ame__allocation_place {
    uintptr_t place;
    uint32_t number; /* in the table; 0: there was no room */
    uint32_t left;   /* so many small allocations are passed over, till one is entered */
};

struct ame__allocating {
    uint64_t bytes;
    struct ame__allocation_place places[1 << AME__PLACES_BITS]; /* the latest, by hash */
};
extern __thread struct ame__allocating ame__allocating __attribute__((tls_model("initial-exec")));

void ame__allocation_enter(const void *memory, size_t size, uintptr_t place,
                           struct ame__allocation_place *known);

/* Memory was allocated at `place`. */
AME__ALWAYS_INLINE void ame__allocated(const void *memory, size_t size, const void *place) {
    enum { LARGE = 1024 };
    /* Fibonacci hashing (Knuth, volume 3, section 6.4). */
    uint64_t hash = (uintptr_t)place * UINT64_C(0x9E3779B97F4A7C15) >> (64 - AME__PLACES_BITS);
    struct ame__allocation_place *known = &ame__allocating.places[hash];
    ame__allocating.bytes += size;
    if (AME__LIKELY(known->place == (uintptr_t)place && known->left && size < LARGE))
        known->left--;
    else
        ame__allocation_enter(memory, size, (uintptr_t)place, known);
}

#endif
