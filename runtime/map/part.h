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
    struct ame__cell cell;
    enum ame__part_kind kind;
};

static inline struct ame__part ame__part_of_root(struct ame__cell root) {
    return (struct ame__part){root, root.value ? AME__PART_NODE : AME__PART_NONE};
}

/* One place further down. An entry stays what it is, be its own place another one. */
static inline struct ame__part ame__part_below(struct ame__part part, uint32_t place) {
    if (part.kind != AME__PART_NODE)
        return part;
    if (!(ame__used(part.cell) & ame__bit(place)))
        return (struct ame__part){{0, 0}, AME__PART_NONE};
    bool node = ame__nodes(part.cell) & ame__bit(place);
    return (struct ame__part){ame__content_at(part.cell, place),
                              node ? AME__PART_NODE : AME__PART_ENTRY};
}

static inline bool ame__part_is_node(struct ame__part part, struct ame__cell node) {
    return part.kind == AME__PART_NODE && part.cell.key == node.key;
}

/* The places where two nodes have the same cell: an equal entry, or the same node. */
static inline uint32_t ame__alike(struct ame__cell one, struct ame__cell other) {
    const struct ame__cell *a = ame__cells(one), *b = ame__cells(other);
    uint32_t alike = 0;
    if (one.value == other.value && !ame__in_set(one)) {
        /* Cell by cell, without branches. */
        for (uint32_t left = ame__used(one); left; left &= left - 1, a++, b++)
            alike |= left & -left & -(uint32_t)(((a->key ^ b->key) | (a->value ^ b->value)) == 0);
        return alike;
    }
    uint32_t common = ame__used(one) & ame__used(other) & ~(ame__nodes(one) ^ ame__nodes(other));
    for (; common; common &= common - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(common);
        struct ame__cell left = ame__content_at(one, place), right = ame__content_at(other, place);
        if (left.key == right.key && left.value == right.value)
            alike |= ame__bit(place);
    }
    return alike;
}

#endif
