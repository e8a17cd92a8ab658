/* nodes.h - memory for what immutable structures are made of: slabs', of which each thread keeps
 * some that was given back.
 *
 * Versions are made by one thread and given back by another, node by node. Here a thread keeps
 * what it is given in magazines, rounds of one size, and trades these with the others, full for
 * empty (Bonwick and Adams, USENIX 2001). So of some thirty nodes one needs a lock, and none is
 * written to when it is given back. Behind the magazines are slabs (slabs.h); what these have no
 * room for, or is larger than AME__MOST_NODE_WORDS, is malloc's.
 *
 *   N1  An address tells whether it is a slab's or malloc's, and either may be given here.
 *   N2  What is kept is bounded: two magazines of each size for each thread, and AME__TRADED_BYTES
 *       for all.
 *   N3  A thread that ends keeps nothing: what is full it trades, the rest goes back.
 *   N4  In software blocks nodes are what memory of malloc's is: fresh, gone after an abort, and
 *       given back after the commit (the twins, in memory/). Magazines hold what nobody can read.
 *
 * Under AddressSanitizer all of it is malloc's, so that it sees each use of what was freed. */
#ifndef AME_NODES_NODES_H
#define AME_NODES_NODES_H

#include "base/compiler.h"
#include <ame/atomic.h>

#include <stddef.h>
#include <stdint.h>

enum {
    AME__MOST_NODE_WORDS = 128,
    AME__LEAST_NODE_WORDS = 4,
    AME__TRADED_BYTES = 1 << 21,
};

/* For how many words there is memory where so many are asked for. */
static inline size_t ame__capacity(size_t words) {
    if (words <= AME__LEAST_NODE_WORDS)
        return AME__LEAST_NODE_WORDS;
    return words <= 8 ? (words + 1) & ~(size_t)1 : (words + 7) & ~(size_t)7;
}

/* As many words as have room for so many bytes. */
static inline size_t ame__words_for(size_t bytes) {
    return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

/* Memory for `words` words, or NULL. In blocks, too, as the two below. */
ame_safe void *ame__take_node(size_t words);

/* Gives a node back that was taken for `words` words. */
ame_safe void ame__give_node(void *node, size_t words);

/* The same where the words are not at hand: it looks. NULL is none. Memory of malloc's is freed. */
ame_safe void ame__drop_node(void *node);

/* The bytes of a node, or of memory of malloc's. */
size_t ame__usable_size(void *memory);

/* Gives back what this thread keeps, and what is traded. Outside blocks. */
void ame__free_kept_nodes(void);

#endif
