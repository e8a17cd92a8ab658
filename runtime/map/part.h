/* part.h - what a map has at one position of the trie, for walks down several maps at
 * once. A position is a level and the places that lead to it. */
#ifndef AME_MAP_PART_H
#define AME_MAP_PART_H

#include "map/node.h"

enum ame__part_kind {
    AME__PART_NONE,
    AME__PART_ENTRY, /* one entry, perhaps of a position above */
    AME__PART_NODE
};

struct ame__part {
    union {
        struct ame__cell cell; /* the node */
        const uint64_t *entry;
    };
    enum ame__part_kind kind;
};

static inline struct ame__part ame__part_of_root(struct ame__cell root) {
    return (struct ame__part){.cell = root, .kind = root.value ? AME__PART_NODE : AME__PART_NONE};
}

/* One place further down. An entry stays what it is, be its own place another one. */
static inline struct ame__part ame__part_below(struct ame__part part, uint32_t place) {
    if (part.kind != AME__PART_NODE)
        return part;
    if (ame__nodes(part.cell) & ame__bit(place))
        return (struct ame__part){.cell = *ame__child(part.cell, place), .kind = AME__PART_NODE};
    if (ame__entries(part.cell) & ame__bit(place))
        return (struct ame__part){.entry = ame__entry_in(part.cell, place, ame__width(part.cell)),
                                  .kind = AME__PART_ENTRY};
    return (struct ame__part){.kind = AME__PART_NONE};
}

static inline bool ame__part_is_node(struct ame__part part, struct ame__cell node) {
    return part.kind == AME__PART_NODE && part.cell.key == node.key;
}

/* Without a branch. */
AME__ALWAYS_INLINE uint64_t ame__words_differ(const uint64_t *a, const uint64_t *b,
                                              uint32_t words) {
    uint64_t differ = 0;
    for (uint32_t i = 0; i < words; i++)
        differ |= a[i] ^ b[i];
    return differ;
}

/* Of two rows of cells at these places, the places where both are the same. */
AME__ALWAYS_INLINE uint32_t ame__same_cells(const uint64_t *a, uint32_t in_a, const uint64_t *b,
                                            uint32_t in_b, uint32_t words) {
    uint32_t same = 0;
    if (in_a == in_b) {
        for (uint32_t left = in_a; left; left &= left - 1, a += words, b += words)
            same |= left & -left & -(uint32_t)!ame__words_differ(a, b, words);
        return same;
    }
    for (uint32_t left = in_a & in_b; left; left &= left - 1) {
        uint32_t bit = left & -left;
        const uint64_t *x = a + words * ame__popcount(in_a & (bit - 1));
        const uint64_t *y = b + words * ame__popcount(in_b & (bit - 1));
        same |= bit & -(uint32_t)!ame__words_differ(x, y, words);
    }
    return same;
}

/* The places where both have the same node. */
static inline uint32_t ame__same_nodes(struct ame__cell one, struct ame__cell other) {
    return ame__same_cells((const uint64_t *)ame__cells(one), ame__nodes(one),
                           (const uint64_t *)ame__cells(other), ame__nodes(other), 2);
}

/* The places where both have an equal entry. */
static inline uint32_t ame__same_entries(struct ame__cell one, struct ame__cell other) {
    const uint64_t *a = ame__entries_of(one, 0).words, *b = ame__entries_of(other, 0).words;
    switch (ame__width(one)) {
    case 1:
        return ame__same_cells(a, ame__entries(one), b, ame__entries(other), 1);
    case 2:
        return ame__same_cells(a, ame__entries(one), b, ame__entries(other), 2);
    case 3:
        return ame__same_cells(a, ame__entries(one), b, ame__entries(other), 3);
    default:
        return ame__same_cells(a, ame__entries(one), b, ame__entries(other), 4);
    }
}

#endif
