/* node.h - the nodes of vectors, where they are, and version headers.
 *
 * A node is up to 32 words: elements on level 0, where nodes are called leaves, and the addresses
 * of nodes of the level below it on the others. Elements 32 * L to 32 * L + 31 are leaf L. The last
 * leaf is the tail and hangs from the header; all others are full and hang from the trie. The
 * node (level, k) leads to the leaves k << 5 * level and following. So
 *
 *   T1  size alone tells the height of the trie and how many words of each node are used.
 *   T2  A node keeps its level and k, be the trie one level higher or lower, and a leaf
 *       keeps its number, be it the tail or not: V2 of versions/versions.h.
 *
 * A version's nodes never change. */
#ifndef AME_VECTOR_NODE_H
#define AME_VECTOR_NODE_H

#include "base/compiler.h"
#include "nodes/nodes.h"
#include "versions/versions.h"
#include <ame/vector.h>

enum {
    AME__VECTOR_BITS = 5,
    AME__VECTOR_WIDTH = 1 << AME__VECTOR_BITS,
    AME__VECTOR_LEVELS = 12, /* of inner nodes: for 2^64 elements */
};

struct ame__content {
    size_t size ame_immutable;
    uint64_t *root ame_immutable; /* NULL: all elements are in the tail */
    uint64_t *tail ame_immutable; /* NULL: there are none */
};

struct ame_vector {
    struct ame__version version;
    uint64_t unused[2];          /* to AME__LASTING_AT */
    struct ame__lasting lasting; /* sealed with AME__LIVE_VECTOR */
    struct ame__content content;
};

enum { AME__VECTOR_HEADER_WORDS = sizeof(struct ame_vector) / sizeof(uint64_t) };

_Static_assert(offsetof(struct ame_vector, lasting) == AME__LASTING_AT,
               "a vector begins like all versions");

#define AME__LIVE_VECTOR UINT64_C(0x616d655f76656321)

/* The number of leaves in the trie, which is that of the tail, too. */
static inline size_t ame__leaves(const struct ame__content *content) {
    return content->size ? (content->size - 1) >> AME__VECTOR_BITS : 0;
}

/* Of a trie with that many leaves: the level of its root; 0: there is none. */
static inline uint32_t ame__height(size_t leaves) {
    uint32_t height = leaves > 0;
    while (leaves > AME__VECTOR_WIDTH) {
        leaves = (leaves - 1) / AME__VECTOR_WIDTH + 1;
        height++;
    }
    return height;
}

/* The k of the node on `level` that leads to the leaf. */
static inline size_t ame__node_index(size_t leaf, uint32_t level) {
    uint32_t shift = level * AME__VECTOR_BITS;
    return shift < 64 ? leaf >> shift : 0;
}

/* Where in its parent the node on `level` - 1 stands that leads to the leaf. */
static inline uint32_t ame__slot(size_t leaf, uint32_t level) {
    return ame__node_index(leaf, level - 1) % AME__VECTOR_WIDTH;
}

static inline bool ame__has_node(size_t leaves, uint32_t level, size_t k) {
    return leaves && k <= ame__node_index(leaves - 1, level);
}

/* How many words of an inner node are used. */
static inline uint32_t ame__children(size_t leaves, uint32_t level, size_t k) {
    size_t last = ame__node_index(leaves - 1, level - 1);
    return k == last / AME__VECTOR_WIDTH ? last % AME__VECTOR_WIDTH + 1 : AME__VECTOR_WIDTH;
}

/* The node (level, k) of a vector, be it the tail, or NULL. */
uint64_t *ame__vector_node(const struct ame__content *content, uint32_t level, size_t k);

/* The node (level, k) of a vector whose node above it, if it has one, is `above`. */
uint64_t *ame__vector_node_below(const struct ame__content *content, const uint64_t *above,
                                 uint32_t level, size_t k);

/* ---- for instrumented code ---- */

/* The leaf in which an element is. */
ame_pure const uint64_t *ame__vector_leaf(const struct ame__content *content, size_t index);
ame_pure uint64_t ame__vector_word(const struct ame__content *content, size_t index);
ame_pure uint64_t ame__leaf_word(const void *leaf, size_t index);
ame_pure size_t ame__content_size(const struct ame__content *content);
ame_pure bool ame__same_content(const struct ame__content *one, const struct ame__content *other);

ame_pure void ame__vector_fill(ame_vector *vector, ame_vector *parent,
                               const struct ame__content *content);

ame_pure _Noreturn void ame__not_a_vector(const ame_vector *vector, const char *function);

static inline void ame__check_vector(const ame_vector *vector, const char *function) {
    if (AME__UNLIKELY(!vector || vector->lasting.seal != AME__LIVE_VECTOR))
        ame__not_a_vector(vector, function);
}

/* ---- leave.c ---- */

extern const struct ame__walker ame__vector_walker;

/* Frees what `content` has and `base` has not. */
void ame__vector_free_only_in(const struct ame__content *content, const struct ame__content *base);

#endif
