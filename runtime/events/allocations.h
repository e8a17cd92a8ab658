/* allocations.h - where what is on the heap was allocated: of what was allocated since somebody
 * watches, as far as the table has room. Hints: what was freed may still be in it, and a collision
 * takes an older entry's place. */
#ifndef AME_EVENTS_ALLOCATIONS_H
#define AME_EVENTS_ALLOCATIONS_H

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

#endif
