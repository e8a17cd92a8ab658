/* spot.h - the way to the one place where a hash may stand, for lookups. */
#ifndef AME_MAP_SPOT_H
#define AME_MAP_SPOT_H

#include "map/node.h"

/* The bits of all places above that of the hash are shifted out: so its own is the sign, and the
 * others are to be counted. */
AME__ALWAYS_INLINE uint32_t ame__up_to_place(uint32_t places, uint64_t hash) {
    return places << (~(uint32_t)hash & 31);
}

/* As numbers, since there may be nothing there. */
AME__ALWAYS_INLINE uint64_t ame__last_child(struct ame__cell node, uint32_t nodes) {
    return (uint64_t)ame__cells(node) + (ame__popcount(nodes) - UINT64_C(1)) * sizeof node;
}

AME__ALWAYS_INLINE uint64_t ame__last_entry(struct ame__cell node, uint32_t entries,
                                            uint32_t width) {
    return node.key - ame__width_bits(width) + ame__popcount(ame__nodes(node)) * sizeof node +
           (ame__popcount(entries) - UINT64_C(1)) * width * sizeof(uint64_t);
}

AME__ALWAYS_INLINE uint64_t ame__choose(uint32_t sign, uint64_t if_set, uint64_t otherwise) {
    return otherwise ^ ((if_set ^ otherwise) & (uint64_t)(int64_t)((int32_t)sign >> 31));
}

/* What stands at the place of a hash, where the way of round 0 ends. */
struct ame__spot {
    const uint64_t *entry;
    bool there;   /* else `entry` is anything that can be read */
    bool further; /* the way goes on past the last bit of round 0 */
};

/* What is not there compares with this. */
static const struct ame__entry ame__nothing;

/* The way on from a node on a level. `selects`: without a branch on whether there is an entry. */
AME__ALWAYS_INLINE struct ame__spot ame__find_spot_from(struct ame__cell node, uint32_t level,
                                                        uint64_t hash, uint32_t width,
                                                        bool selects) {
    uint32_t nodes = ame__up_to_place(ame__nodes(node), hash);
    while (nodes >> 31) {
        if (++level == AME__ROUND_LEVELS)
            return (struct ame__spot){ame__nothing.words, false, true};
        node = *(const struct ame__cell *)ame__last_child(node, nodes);
        nodes = ame__up_to_place(ame__nodes(node), hash >>= AME__LEVEL_BITS);
    }
    uint32_t entries = ame__up_to_place(ame__entries(node), hash);
    uint64_t entry = (uint64_t)ame__nothing.words;
    if (selects)
        entry = ame__choose(entries, ame__last_entry(node, entries, width), entry);
    else if (entries >> 31)
        entry = ame__last_entry(node, entries, width);
    return (struct ame__spot){(const uint64_t *)entry, entries >> 31, false};
}

static inline bool ame__is_small(size_t size) {
    enum { SMALL = 2048 };
    return size <= SMALL;
}

/* In a small map there is a node below the root for nearly all hashes, or for nearly none; on the
 * level after that it is a matter of chance whether there is a node, an entry or nothing, and
 * branches would be guessed wrong as often. So this is done without them. Large maps lose by it:
 * what such a branch asks for is in a cache mostly, long before the entry is. */
AME__ALWAYS_INLINE struct ame__spot ame__find_spot(const struct ame__cell *root, size_t size,
                                                   uint64_t hash, uint32_t width) {
    enum { FLAT = 160 };
    if (!ame__is_small(size))
        return ame__find_spot_from(*root, 0, hash, width, false);
    struct ame__cell node = *root;
    uint32_t level = 0, nodes = ame__up_to_place(ame__nodes(node), hash);
    const struct ame__cell *at = root;
    if (size > FLAT && nodes >> 31) {
        at = (const struct ame__cell *)ame__last_child(node, nodes);
        node = *at;
        level++;
        nodes = ame__up_to_place(ame__nodes(node), hash >>= AME__LEVEL_BITS);
    }
    node =
        *(const struct ame__cell *)ame__choose(nodes, ame__last_child(node, nodes), (uint64_t)at);
    return ame__find_spot_from(node, level + (nodes >> 31), hash >> AME__LEVEL_BITS * (nodes >> 31),
                               width, true);
}

#endif
