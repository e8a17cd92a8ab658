/* nodes.h - memory for nodes: malloc's, of which each thread keeps some that was freed.
 *
 * Versions are made by one thread and given back by another, node by node; malloc takes a lock
 * of the first thread's for most of these, whose line then moves from one processor to the other
 * and back for each change of a map. Here a thread keeps what it frees in magazines, rounds of
 * one size, and trades these with the others, full for empty (Bonwick and Adams, USENIX 2001). So
 * of some thirty nodes one needs a lock, and none is written to when it is freed.
 *
 *   N1  All that is kept is memory of malloc's: nodes from there may be given here, and those
 *       from here to free(). Blocks, which undo what they allocate, do without magazines.
 *   N2  What is kept is bounded: two magazines of each size for each thread, and AME__TRADED_BYTES
 *       for all.
 *   N3  A thread that ends keeps nothing: what is full it trades, the rest is freed.
 *
 * Under AddressSanitizer nothing is kept, so that it sees each use of what was freed. */
#ifndef AME_VERSIONS_NODES_H
#define AME_VERSIONS_NODES_H

#include "base/compiler.h"
#include <ame/atomic.h>
#include <ame/runtime.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    AME__MOST_NODE_WORDS = 128, /* larger ones are left to malloc */
    AME__TRADED_BYTES = 1 << 21,
};

/* For how many words there is memory where so many are asked for. */
static inline size_t ame__capacity(size_t words) {
    return words <= 8 ? (words + 1) & ~(size_t)1 : (words + 7) & ~(size_t)7;
}

/* Memory for `words` words, or NULL. Called outside blocks only. */
ame_pure void *ame__take_node(size_t words);

/* Gives memory back that is of malloc's, for `words` words. Called outside blocks only. */
ame_pure void ame__give_node(void *node, size_t words);

/* Gives back to malloc what this thread keeps, and what is traded. Outside blocks. */
void ame__free_kept_nodes(void);

/* In a block or not. Here malloc and free act with the block. */
AME__ALWAYS_INLINE void *ame__new_node(size_t words) {
    return ame_in_block() ? malloc(ame__capacity(words) * sizeof(uint64_t)) : ame__take_node(words);
}

AME__ALWAYS_INLINE void ame__free_node(void *node, size_t words) {
    if (ame_in_block())
        free(node);
    else
        ame__give_node(node, words);
}

#endif
