/* slabs.h - where nodes lie: memory of their own, on huge pages.
 *
 * Who looks a key up in a large map waits for memory, and before that for the tables that say where
 * it is: a million entries lie on seven thousand pages of 4 KB, more than a processor knows the
 * places of, or on a dozen huge ones. Of malloc's memory, which is the program's, only the
 * program's user can say that huge pages are to be had for it.
 *
 * So addresses are reserved once, and memory comes there by the region, which is one huge page. A
 * region is slabs, and in a slab lie nodes of one size, one beside the other: those of 64 bytes
 * and more on no more cache lines than they must (Bonwick, USENIX 1994). Which are free stands at
 * the beginning of the region, so nodes are neither read nor written when they are given back. A
 * slab where all are free serves any size.
 *
 *   B1  What lies within the reserved addresses is a slab's, and all else malloc's.
 *   B2  Of regions where all is free no more stay than there are others, or 64 MB; what is more
 *       goes back to the system. That is slow in bringing one again: it fills it with zeros, and
 *       a virtual machine's host may do so before.
 *   B3  The first region is on small pages: who has few nodes needs no huge one for them.
 *
 * At 64 cores: all of it has one lock, taken once for as many nodes as a magazine has (nodes.h).
 * Its line, and those of the bits that are changed, go to whoever has it. Threads that change maps
 * take and give alike and need neither; those that build large ones need them once for each
 * hundred entries or so. */
#ifndef AME_NODES_SLABS_H
#define AME_NODES_SLABS_H

#include "base/atomics.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AME__SLAB_SIZES = 18,
    AME__SLAB_LEAST_BYTES = 32,
};

#define AME__SLABS_RESERVED (UINT64_C(1) << 38)

/* Reserves the addresses. To be called once, before the others; if they are refused, as under a
 * limit of the address space, no node is a slab's. */
void ame__reserve_slabs(void);

/* Takes up to `most` nodes of `bytes` bytes, which have the number `size` below AME__SLAB_SIZES.
 * Returns how many there are, 0 for want of memory; those of lower addresses come last. */
uint32_t ame__take_from_slabs(uint32_t size, uint32_t bytes, void **nodes, uint32_t most);

/* Gives nodes back that are of slabs, of whatever sizes. */
void ame__give_to_slabs(void **nodes, uint32_t count);

/* Gives the regions that have nothing back to the system, but for one. */
void ame__give_back_slabs(void);

/* Where the reserved addresses begin; before that, where no memory is. */
extern ame__word ame__slabs_begin;

/* Relaxed: who has a node of a slab has it from who knew the address. */
static inline bool ame__is_of_slab(const void *node) {
    return (uint64_t)node - ame__load_relaxed(&ame__slabs_begin) < AME__SLABS_RESERVED;
}

/* The number and the bytes of the size of a node that is a slab's. */
uint32_t ame__size_in_slab(const void *node);
uint32_t ame__bytes_in_slab(const void *node);

/* The bytes of all nodes that are taken. */
uint64_t ame__slab_bytes(void);

#endif
