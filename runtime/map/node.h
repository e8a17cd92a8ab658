/* node.h - the nodes of the trie, string keys and map headers.
 *
 * Everything here is written once, before it is reachable from a map that others
 * can see, and never again; the reference counts apart. So all other fields are
 * ame_immutable, and reading them needs no barrier and no order beyond the one
 * with which the pointer to the map was handed over. */
#ifndef AME_MAP_NODE_H
#define AME_MAP_NODE_H

#include <ame/atomic.h>
#include <ame/count.h>
#include <ame/map.h>

enum {
    AME__LEVEL_BITS = 5,     /* of the hash, per level */
    AME__BITMAP_LEVELS = 13, /* use up all 64 bits: 12 times five and four */
};

_Static_assert(AME_MAP_MAX_DEPTH == AME__BITMAP_LEVELS + 1, "collision nodes are one level below");

/* One entry. The key is the int64 itself, or the address of the text of an
 * ame__text_key. */
struct ame__slot {
    uint64_t key ame_immutable;
    uint64_t value ame_immutable;
};

struct ame__child {
    struct ame__node *node ame_immutable;
};

/* A node is one allocation: this head, its children, its slots. Of the 32 places
 * of a node each is empty, an entry (bit in entry_map) or a child (in child_map);
 * both arrays are in the order of the bits.
 * A collision node has neither bit map and one word where the children would be:
 * the number of its slots, whose keys have the same 64 bits of hash. No other
 * node has two empty maps: the empty map has no node at all. */
struct ame__node {
    ame_ref references; /* from parents and map headers */
    uint32_t entry_map ame_immutable;
    uint32_t child_map ame_immutable;
};

struct ame__collision_count {
    uint64_t slots ame_immutable;
};

/* A string key: shared by all nodes of all versions that hold the key. */
struct ame__text_key {
    ame_ref references;
    uint64_t hash ame_immutable;
    uint64_t length ame_immutable;
    char text[]; /* ends with NUL; only pure code of the map reads it */
};

struct ame_map {
    ame_ref references;
    size_t size ame_immutable;
    struct ame__node *root ame_immutable; /* NULL: no entries */
    enum ame_key_type keys ame_immutable;
};

/* The place of a hash in a node at `level`. */
static inline uint32_t ame__place(uint64_t hash, uint32_t level) {
    return (uint32_t)(hash >> (level * AME__LEVEL_BITS)) & 31;
}

static inline uint32_t ame__popcount(uint32_t bits) {
    return (uint32_t)__builtin_popcount(bits);
}

static inline bool ame__is_collision(const struct ame__node *node) {
    return !(node->entry_map | node->child_map);
}

static inline struct ame__child *ame__children(const struct ame__node *node) {
    return (struct ame__child *)(node + 1);
}

static inline uint32_t ame__child_count(const struct ame__node *node) {
    return ame__popcount(node->child_map);
}

/* The slots of a node that has `words` words before them. */
static inline struct ame__slot *ame__slots_after(const struct ame__node *node, uint32_t words) {
    return (struct ame__slot *)((char *)(node + 1) + words * sizeof(uint64_t));
}

static inline struct ame__collision_count *ame__collision_count(const struct ame__node *node) {
    return (struct ame__collision_count *)(node + 1);
}

static inline uint32_t ame__entry_count(const struct ame__node *node) {
    return ame__is_collision(node) ? (uint32_t)ame__collision_count(node)->slots
                                   : ame__popcount(node->entry_map);
}

static inline struct ame__slot *ame__slots(const struct ame__node *node) {
    return ame__slots_after(node, ame__is_collision(node) ? 1 : ame__child_count(node));
}

static inline struct ame__text_key *ame__text_key_of(uint64_t slot_key) {
    return (struct ame__text_key *)((char *)slot_key - offsetof(struct ame__text_key, text));
}

/* The key as users see it. */
static inline ame_key ame__public_key(uint64_t slot_key) {
    return (ame_key){.integer = (int64_t)slot_key};
}

_Static_assert(sizeof(ame_key) == sizeof(uint64_t) && sizeof(ame_value) == sizeof(uint64_t) &&
                   sizeof(struct ame__child) == sizeof(uint64_t),
               "slots and children are made of 64-bit words");

/* What is in a node, for code that blocks run as its twin. Such code reads nodes
 * through this, or a field at a time and once only: where the optimizer merges two
 * reads of a field it forgets that they are of an immutable one. */
struct ame__contents {
    const struct ame__child *children;
    const struct ame__slot *slots;
    uint32_t child_count, entry_count;
};

ame_pure struct ame__contents ame__contents(const struct ame__node *node);

/* The ame_destroy_fn of maps; it knows those of what a map holds. */
void ame__destroy_map(ame_ref *references);

#endif
