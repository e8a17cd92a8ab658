/* node.h - the cells of the trie, keys that stand outside them, and map headers.
 *
 * What is reached from a version is written once, before others can see it, and
 * never again; the reference count and the links between versions apart. So all
 * other fields are ame_immutable, and reading them needs no barrier and no order
 * beyond the one with which the pointer to the map was handed over. */
#ifndef AME_MAP_NODE_H
#define AME_MAP_NODE_H

#include "base/compiler.h"
#include "versions/versions.h"
#include <ame/atomic.h>
#include <ame/count.h>
#include <ame/map.h>

enum {
    AME__LEVEL_BITS = 5,    /* of the hash, per level */
    AME__ROUND_LEVELS = 13, /* use up all 64 bits: 12 times five and four */
    AME__ROUNDS = 2,        /* then another hash of the key leads on */
    AME__LIST_LEVEL = AME__ROUNDS * AME__ROUND_LEVELS, /* and at last keys stand in a list */
};

_Static_assert(AME_MAP_MAX_DEPTH == AME__LIST_LEVEL + 1, "one level for each group of bits");

/* Two words. A cell is an entry: its key (the int64 itself, the pointer, or that of a
 * box, see below) and its value. Or it is a node: the address of the node's cells, and
 * which of its 32 places are in use: the low half of `value` says which hold nodes in
 * their turn, the high half which hold entries. Those below come first, then the entries
 * (the layout of CHAMP, map.h), both in the order of the places: a cell's index is the
 * number of bits in `value` below its own. What a cell is says the node that it stands
 * in; a map's root is a node, with no places in use if the map is empty.
 *
 * A node on AME__LIST_LEVEL is a list: `value` is the number of its cells, all entries.
 *
 * In a set an entry takes one word, its key, and its `value` is not there; in a list it
 * takes two all the same. The low bit of a node's address says that it is a set's.
 *
 * So all that a lookup needs to know of a node stands in the cell that it comes from:
 * it touches one cell, which is one cache line, on each level. */
struct ame__cell {
    uint64_t key ame_immutable;
    uint64_t value ame_immutable;
};

/* A key that is not one word: shared by all nodes of all versions that hold it. */
struct ame__box {
    uint64_t hash ame_immutable;   /* of round 0 */
    uint64_t length ame_immutable; /* of a text; of a typed key, the address of its functions */
    char content[]; /* a text that ends with NUL, or the user's pointer; only pure code reads it */
};

/* In a cell it is the box's address, with the highest bits of the hash in the low bits that
 * are zero there: most keys that are not the one looked for are told without a look at the box. */
enum { AME__TAG_BITS = 4, AME__TAG = (1 << AME__TAG_BITS) - 1 };
_Static_assert(_Alignof(max_align_t) > AME__TAG, "malloc leaves the low bits zero");

/* What keys are and how they compare. */
struct ame__keys {
    enum ame_key_type type ame_immutable;
    const struct ame_key_functions *functions ame_immutable; /* AME_KEY_TYPED */
    bool set ame_immutable;                                  /* entries have no values: ame_set.h */
};

/* See replaced.h. */
struct ame__replaced {
    struct ame__cell **nodes; /* NULL: not known */
    size_t count;
};

/* A version. */
struct ame_map {
    ame_ref references;
    uint64_t seal ame_immutable; /* AME__LIVE; something else after the last release */
    size_t size ame_immutable;
    struct ame__cell root ame_immutable;
    struct ame__keys keys ame_immutable;

    struct ame__links links;       /* with the versions that share nodes */
    uint64_t edited ame_immutable; /* the hash of the key in which it differs from its parent, if
                                      it differs in one key only */
    struct ame__replaced replaced; /* what its parent has and it has not; for who leaves */
};

_Static_assert(offsetof(struct ame_map, links) == AME__LINKS_AT &&
                   offsetof(struct ame_map, seal) == offsetof(struct ame__version, seal),
               "a map begins like all versions");

#define AME__LIVE UINT64_C(0x616d655f6d617021)

/* The place of a hash in a node at `level`. */
static inline uint32_t ame__place(uint64_t hash, uint32_t level) {
    return (uint32_t)(hash >> (level % AME__ROUND_LEVELS * AME__LEVEL_BITS)) & 31;
}

static inline uint32_t ame__popcount(uint32_t bits) {
    return (uint32_t)__builtin_popcount(bits);
}

static inline uint32_t ame__bit(uint32_t place) {
    return UINT32_C(1) << place;
}

/* ---- cells that are nodes ---- */

enum { AME__IN_SET = 1 };

static inline bool ame__in_set(struct ame__cell node) {
    return node.key & AME__IN_SET;
}

static inline struct ame__cell *ame__cells(struct ame__cell node) {
    return (struct ame__cell *)(node.key & ~(uint64_t)AME__IN_SET);
}

/* The places that hold nodes. */
static inline uint32_t ame__nodes(struct ame__cell node) {
    return (uint32_t)node.value;
}

static inline uint32_t ame__entries(struct ame__cell node) {
    return (uint32_t)(node.value >> 32);
}

static inline uint32_t ame__used(struct ame__cell node) {
    return ame__nodes(node) | ame__entries(node);
}

static inline uint64_t ame__places(uint32_t nodes, uint32_t entries) {
    return (uint64_t)entries << 32 | nodes;
}

static inline struct ame__cell ame__node(const void *cells, uint32_t nodes, uint32_t entries,
                                         bool in_set) {
    return (struct ame__cell){(uint64_t)cells | in_set, ame__places(nodes, entries)};
}

/* The words that the places take. */
static inline uint32_t ame__words(uint64_t places, bool in_set) {
    uint32_t cells = (uint32_t)__builtin_popcountll(places);
    return 2 * cells - (in_set ? ame__popcount((uint32_t)(places >> 32)) : 0);
}

/* The node that stands below at a place. */
static inline struct ame__cell *ame__child(struct ame__cell node, uint32_t place) {
    return ame__cells(node) + ame__popcount(ame__nodes(node) & (ame__bit(place) - 1));
}

/* An entry, of which in a set only the key is there. For code that knows whether it is a set's. */
AME__ALWAYS_INLINE struct ame__cell *ame__entry_in(struct ame__cell node, uint32_t place,
                                                   bool in_set) {
    uint64_t below = node.value & ((UINT64_C(1) << 32 << place) - 1);
    return (struct ame__cell *)((uint64_t *)(node.key - in_set) + ame__words(below, in_set));
}

static inline struct ame__cell ame__read_entry(const void *words, bool in_set) {
    const struct ame__cell *cell = words;
    return (struct ame__cell){cell->key, in_set ? 0 : cell->value};
}

static inline struct ame__cell ame__entry_at(struct ame__cell node, uint32_t place) {
    bool in_set = ame__in_set(node);
    return ame__read_entry(ame__entry_in(node, place, in_set), in_set);
}

static inline uint32_t ame__cell_count(struct ame__cell node, uint32_t level) {
    return (uint32_t)(level == AME__LIST_LEVEL ? node.value
                                               : (uint64_t)__builtin_popcountll(node.value));
}

/* The entries of a node stand side by side, each of as many words. */
struct ame__run {
    const uint64_t *words;
    uint32_t count, step;
};

static inline struct ame__run ame__entries_of(struct ame__cell node, uint32_t level) {
    bool list = level == AME__LIST_LEVEL;
    const struct ame__cell *cells = ame__cells(node);
    if (!list)
        cells += ame__popcount(ame__nodes(node));
    return (struct ame__run){(const uint64_t *)cells,
                             list ? (uint32_t)node.value : ame__popcount(ame__entries(node)),
                             ame__in_set(node) && !list ? 1 : 2};
}

/* For how many words a node has memory: large ones can grow in place, now and then. */
static inline size_t ame__capacity(size_t words) {
    return words <= 8 ? (words + 1) & ~(size_t)1 : (words + 7) & ~(size_t)7;
}

/* ---- keys ---- */

static inline bool ame__boxed(enum ame_key_type type) {
    return type == AME_KEY_STRING || type == AME_KEY_TYPED;
}

static inline uint64_t ame__tag(uint64_t hash) {
    return hash >> (64 - AME__TAG_BITS);
}

static inline uint64_t ame__key_of_box(const struct ame__box *box, uint64_t hash) {
    return (uint64_t)box | ame__tag(hash);
}

static inline struct ame__box *ame__box_of(uint64_t key) {
    return (struct ame__box *)(key & ~(uint64_t)AME__TAG);
}

/* The box if its key has this hash, else NULL. */
static inline const struct ame__box *ame__may_be(uint64_t key, uint64_t hash) {
    if ((key & AME__TAG) != ame__tag(hash))
        return NULL;
    const struct ame__box *box = ame__box_of(key);
    return box->hash == hash ? box : NULL;
}

static inline const char *ame__text_of(uint64_t key) {
    return (const char *)ame__box_of(key) + offsetof(struct ame__box, content);
}

/* The user's pointer that a box of a typed key holds. */
static inline void *ame__typed_key(uint64_t key) {
    return *(void *const *)ame__text_of(key);
}

_Static_assert(sizeof(ame_key) == sizeof(uint64_t) && sizeof(ame_value) == sizeof(uint64_t),
               "cells are made of 64-bit words");

/* The key as users see it. */
ame_pure ame_key ame__public_key(enum ame_key_type type, uint64_t key);

/* Writes the box of a typed key; returns the key as it stands in cells. */
ame_pure uint64_t ame__typed_box_fill(struct ame__box *box, uint64_t hash,
                                      const struct ame_key_functions *functions, void *pointer);

/* Gives a box back to the allocator, and a typed key to its owner. Outside blocks. */
void ame__free_box(enum ame_key_type type, uint64_t key);
void ame__free_typed_box(void *box);

/* Has the nodes below a node on their way while it is walked. */
ame_pure void ame__fetch_below(struct ame__cell node);

/* For code that blocks run as its twin, and for fields that are read more than once: where the
 * optimizer merges two reads of a field it forgets that they are of an immutable one, and a block
 * records them. */
ame_pure size_t ame__size_of(const ame_map *map);
ame_pure enum ame_key_type ame__type_of(const struct ame__keys *keys);
ame_pure const struct ame_key_functions *ame__functions_of(const struct ame__keys *keys);
ame_pure bool ame__of_sets(const struct ame__keys *keys);

/* Writes a new version's header but for its reference count. `edited`: see above, or NULL. */
ame_pure void ame__header_fill(ame_map *version, ame_map *parent, const uint64_t *edited,
                               struct ame__keys keys, size_t size, struct ame__cell root);

ame_pure _Noreturn void ame__not_a_map(const ame_map *map, const char *function);
ame_pure _Noreturn void ame__not_a_set(const void *set, const char *function);
ame_pure _Noreturn void ame__not_a_key(const char *function);

/* Ends the program if `map` is no version that somebody holds. */
static inline void ame__check_map(const ame_map *map, const char *function) {
    if (AME__UNLIKELY(!map || map->seal != AME__LIVE))
        ame__not_a_map(map, function);
}

static inline void ame__check_key(enum ame_key_type type, ame_key key, const char *function) {
    if (AME__UNLIKELY(type == AME_KEY_STRING && !key.string))
        ame__not_a_key(function);
}

#endif
