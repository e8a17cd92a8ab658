/* node.h - the cells of the trie, keys that stand outside them, and map headers.
 *
 * What is reached from a version is written once, before others can see it, and
 * never again; the reference count and the links between versions apart. So all
 * other fields are ame_immutable, and reading them needs no barrier and no order
 * beyond the one with which the pointer to the map was handed over. */
#ifndef AME_MAP_NODE_H
#define AME_MAP_NODE_H

#include "base/compiler.h"
#include "nodes/nodes.h"
#include "versions/versions.h"
#include <ame/atomic.h>
#include <ame/count.h>
#include <ame/map.h>

#include <string.h>

enum {
    AME__LEVEL_BITS = 5,    /* of the hash, per level */
    AME__ROUND_LEVELS = 13, /* use up all 64 bits: 12 times five and four */
    AME__ROUNDS = 2,        /* then another hash of the key leads on */
    AME__LIST_LEVEL = AME__ROUNDS * AME__ROUND_LEVELS, /* and at last keys stand in a list */
};

_Static_assert(AME_MAP_MAX_DEPTH == AME__LIST_LEVEL + 1, "one level for each group of bits");

/* A node's own two words: the address of what it has, and which of its 32 places are in use: the
 * low half of `value` says which hold nodes in their turn, the high half which hold entries. Those
 * below come first, a cell each, then the entries (the layout of CHAMP, map.h), both in the order
 * of the places: where one stands is told by the bits in `value` below its own. A map's root is a
 * node, with no places in use if the map is empty.
 *
 * A node on AME__LIST_LEVEL is a list: `value` is the number of its entries, and there is nothing
 * else.
 *
 * An entry takes one to four words: its key, which is one word or the three of a text, and in a
 * map its value. How many that is, its width, is the same in all of a map or set, and stands in
 * the low bits of a node's address.
 *
 * So all that a lookup needs to know of a node stands in the cell that it comes from:
 * it touches one cell, which is mostly one cache line, on each level. */
struct ame__cell {
    uint64_t key ame_immutable;
    uint64_t value ame_immutable;
};

/* The words of an entry: a map's value is the last. */
enum { AME__TEXT_WORDS = 3, AME__WIDEST = AME__TEXT_WORDS + 1 };
struct ame__entry {
    uint64_t words[AME__WIDEST];
};

/* A text of up to AME__SHORT bytes is its own three words, filled up with NULs, of which there is
 * one at least: so lookups need nothing but the entry, and nobody else owns any of it. The last
 * byte of a longer one is not NUL: it is the address of a copy, the hash of round 0, and the length
 * with this bit. The copy is shared by all nodes of all versions that hold it. */
enum { AME__SHORT = AME__TEXT_WORDS * sizeof(uint64_t) - 1 };
#define AME__LONG (UINT64_C(1) << 63)

/* The words of a long text's copy. One of more than half a cache line begins with a line, as nodes
 * of so many words do: the line is what a lookup waits for last. */
static inline size_t ame__words_of_copy(size_t length) {
    size_t words = ame__words_for(length + 1);
    return words <= AME__LEAST_NODE_WORDS ? words : (words + 7) & ~(size_t)7;
}

/* A typed key, shared in the same way. */
struct ame__box {
    uint64_t hash ame_immutable; /* of round 0 */
    const struct ame_key_functions *functions ame_immutable;
    void *pointer ame_immutable; /* the user's */
};

/* In an entry it is the box's address, with the highest bits of the hash in the low bits that
 * are zero there: most keys that are not the one looked for are told without a look at the box. */
enum { AME__TAG_BITS = 4, AME__TAG = (1 << AME__TAG_BITS) - 1 };
_Static_assert(_Alignof(max_align_t) > AME__TAG, "malloc leaves the low bits zero");

/* What keys are and how they compare. */
struct ame__keys {
    enum ame_key_type type ame_immutable;
    bool set ame_immutable;     /* entries have no values: ame_set.h */
    bool outside ame_immutable; /* some keys stand outside the nodes: typed ones and long texts */
    const struct ame_key_functions *functions ame_immutable; /* AME_KEY_TYPED */
};

/* See replaced.h. */
struct ame__replaced {
    uint64_t *nodes; /* NULL: not known */
    size_t count;
};

/* A version. */
struct ame_map {
    struct ame__version version;
    struct ame__replaced replaced; /* what its parent has and it has not; for who leaves */
    struct ame__lasting lasting;   /* sealed with AME__LIVE */
    size_t size ame_immutable;
    struct ame__cell root ame_immutable;
    struct ame__keys keys ame_immutable;
    uint64_t edited ame_immutable; /* the hash of the key in which it differs from its parent, if
                                      it differs in one key only */
};

enum { AME__HEADER_WORDS = sizeof(struct ame_map) / sizeof(uint64_t) };

_Static_assert(offsetof(struct ame_map, lasting) == AME__LASTING_AT,
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

/* ---- nodes ---- */

/* In the low bits stands the width less two, so that they are zero where it is two, as mostly. */
enum { AME__WIDTH_BITS = 3 };

static inline uint64_t ame__width_bits(uint32_t width) {
    return (width - 2) & AME__WIDTH_BITS;
}

/* The words of each entry. */
static inline uint32_t ame__width(struct ame__cell node) {
    return ((uint32_t)node.key + 1 & AME__WIDTH_BITS) + 1;
}

static inline struct ame__cell *ame__cells(struct ame__cell node) {
    return (struct ame__cell *)(node.key & ~(uint64_t)AME__WIDTH_BITS);
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
                                         uint32_t width) {
    return (struct ame__cell){(uint64_t)cells | ame__width_bits(width),
                              ame__places(nodes, entries)};
}

/* The words that the places take. Where the width is known to be two that is one count. */
AME__ALWAYS_INLINE uint32_t ame__words(uint64_t places, uint32_t width) {
    return 2 * (uint32_t)__builtin_popcountll(places) +
           (width - 2) * ame__popcount((uint32_t)(places >> 32));
}

static inline uint32_t ame__words_of_node(struct ame__cell node) {
    return ame__words(node.value, ame__width(node));
}

/* The node that stands below at a place. */
static inline struct ame__cell *ame__child(struct ame__cell node, uint32_t place) {
    return ame__cells(node) + ame__popcount(ame__nodes(node) & (ame__bit(place) - 1));
}

/* For code that knows the width. */
AME__ALWAYS_INLINE uint64_t *ame__entry_in(struct ame__cell node, uint32_t place, uint32_t width) {
    uint64_t below = node.value & ((UINT64_C(1) << 32 << place) - 1);
    return (uint64_t *)(node.key - ame__width_bits(width)) + ame__words(below, width);
}

static inline uint32_t ame__cell_count(struct ame__cell node, uint32_t level) {
    return (uint32_t)(level == AME__LIST_LEVEL ? node.value
                                               : (uint64_t)__builtin_popcountll(node.value));
}

/* The entries of a node stand side by side. */
struct ame__run {
    const uint64_t *words;
    uint32_t count, width;
};

static inline struct ame__run ame__entries_of(struct ame__cell node, uint32_t level) {
    bool list = level == AME__LIST_LEVEL;
    const struct ame__cell *cells = ame__cells(node);
    if (!list)
        cells += ame__popcount(ame__nodes(node));
    return (struct ame__run){(const uint64_t *)cells,
                             list ? (uint32_t)node.value : ame__popcount(ame__entries(node)),
                             ame__width(node)};
}

/* On a level. */
static inline size_t ame__words_on(struct ame__cell node, uint32_t level) {
    return level == AME__LIST_LEVEL ? node.value * ame__width(node) : ame__words_of_node(node);
}

/* ---- entries ---- */

static inline uint32_t ame__key_words(enum ame_key_type type) {
    return type == AME_KEY_STRING ? AME__TEXT_WORDS : 1;
}

static inline uint32_t ame__width_of(const struct ame__keys *keys) {
    return ame__key_words(keys->type) + !keys->set;
}

/* Of a map's entry. Also for code that blocks run as its twin: reading it needs no barrier. */
AME__ALWAYS_INLINE uint64_t ame__value(const uint64_t *entry, enum ame_key_type type) {
    return ((const struct ame_map_word *)entry)[ame__key_words(type)].word;
}

static inline bool ame__word_keys(enum ame_key_type type) {
    return type != AME_KEY_STRING && type != AME_KEY_TYPED;
}

static inline uint64_t ame__tag(uint64_t hash) {
    return hash >> (64 - AME__TAG_BITS);
}

static inline struct ame__box *ame__box_of(uint64_t key) {
    return (struct ame__box *)(key & ~(uint64_t)AME__TAG);
}

/* Whether a typed key has this hash. */
static inline bool ame__has_hash(uint64_t key, uint64_t hash) {
    return (key & AME__TAG) == ame__tag(hash) && ame__box_of(key)->hash == hash;
}

/* The user's pointer that a box of a typed key holds. */
static inline void *ame__typed_key(uint64_t key) {
    return ame__box_of(key)->pointer;
}

static inline bool ame__is_long(const uint64_t *text) {
    return text[AME__TEXT_WORDS - 1] >> 56;
}

/* The words of a text of up to AME__SHORT bytes. Only these are read, some twice. */
AME__ALWAYS_INLINE void ame__short_words(uint64_t words[AME__TEXT_WORDS], const char *text,
                                         size_t length) {
    enum { WORD = sizeof *words };
    uint64_t first = 0, last = 0; /* `last` ends where the text ends */
    memset(words, 0, AME__TEXT_WORDS * WORD);
    if (length < WORD) {
        memcpy(words, text, length);
        return;
    }
    memcpy(&first, text, WORD);
    memcpy(&last, text + length - WORD, WORD);
    words[0] = first;
    if (length < 2 * WORD) {
        words[1] = last >> 1 >> (8 * (2 * WORD - length) - 1);
        return;
    }
    memcpy(&words[1], text + WORD, WORD);
    words[2] = last >> 1 >> (8 * (3 * WORD - length) - 1);
}

AME__ALWAYS_INLINE bool ame__same_words(const uint64_t *one, const uint64_t *other) {
    return !((one[0] ^ other[0]) | (one[1] ^ other[1]) | (one[2] ^ other[2]));
}

/* Whether an entry may have a longer one. */
static inline bool ame__may_be_long(const uint64_t *entry, uint64_t hash, size_t length) {
    return entry[1] == hash && entry[2] == (length | AME__LONG);
}

static inline const char *ame__text_of(const uint64_t *text) {
    return ame__is_long(text) ? (const char *)text[0] : (const char *)text;
}

/* What of the key stands outside the node, or NULL. */
static inline void *ame__outside(enum ame_key_type type, const uint64_t *key) {
    if (type == AME_KEY_STRING)
        return ame__is_long(key) ? (void *)key[0] : NULL;
    return type == AME_KEY_TYPED ? ame__box_of(key[0]) : NULL;
}

_Static_assert(sizeof(ame_key) == sizeof(uint64_t) && sizeof(ame_value) == sizeof(uint64_t),
               "cells are made of 64-bit words");

/* The key as users see it. */
ame_pure ame_key ame__public_key(enum ame_key_type type, const uint64_t *key);

/* Writes the box of a typed key, and the entry's key. */
ame_pure void ame__typed_key_fill(struct ame__entry *entry, struct ame__box *box, uint64_t hash,
                                  const struct ame_key_functions *functions, void *pointer);

/* ame__outside, for code that blocks run as its twin. */
ame_pure void *ame__outside_of(enum ame_key_type type, const struct ame__entry *entry);

/* Write an entry's key: of one word, or that of another entry; and its value. */
ame_pure void ame__word_key_fill(struct ame__entry *entry, uint64_t key);
ame_pure void ame__key_copy(struct ame__entry *entry, const struct ame__keys *keys,
                            const uint64_t *other);
ame_pure void ame__value_fill(struct ame__entry *entry, const struct ame__keys *keys,
                              uint64_t value);

/* Gives what is outside an entry back to the allocator, and a typed key to its owner. Outside
 * blocks. */
void ame__free_outside(enum ame_key_type type, void *outside);
void ame__free_typed_box(void *box);

/* Whether walks fetch the nodes that they come to: those of smaller maps are mostly in a cache, and
 * asking for them costs as much as it takes to look at them. */
static inline bool ame__worth_fetching(size_t size) {
    enum { ENTRIES = 8192 };
    return size > ENTRIES;
}

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
    if (AME__UNLIKELY(!map || map->lasting.seal != AME__LIVE))
        ame__not_a_map(map, function);
}

static inline void ame__check_key(enum ame_key_type type, ame_key key, const char *function) {
    if (AME__UNLIKELY(type == AME_KEY_STRING && !key.string))
        ame__not_a_key(function);
}

#endif
