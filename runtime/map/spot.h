/* spot.h - the way to the one place where a hash may stand, for lookups. */
#ifndef AME_MAP_SPOT_H
#define AME_MAP_SPOT_H

#include "map/node.h"

/* The bits of all places above that of the hash are shifted out: so its own is the sign, and the
 * others are to be counted. The hash has its bits turned round, as that is how far to shift. */
AME__ALWAYS_INLINE uint32_t ame__up_to_place(uint32_t places, uint64_t turned) {
    return places << ((uint32_t)turned & 31);
}

/* As numbers, since there may be nothing there. */
AME__ALWAYS_INLINE uint64_t ame__last_child(struct ame__cell node, uint32_t nodes, uint32_t width) {
    return node.key - ame__width_bits(width) + (ame__popcount(nodes) - UINT64_C(1)) * sizeof node;
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
    bool further; /* the way goes on, perhaps past the last bit of round 0 */
};

/* What is not there compares with this. */
static const struct ame__entry ame__nothing;

/* The way on from a node. `rest` is what is left of the hash; a number of four bits is taken for
 * its end, which is seldom wrong and saves counting levels. `selects`: without a branch on whether
 * there is an entry. In large maps the fewer instructions the faster, though all wait for memory:
 * the processor begins with the next key if both fit in what it can look ahead. */
AME__ALWAYS_INLINE struct ame__spot ame__find_spot_from(struct ame__cell node, uint64_t rest,
                                                        uint32_t width, bool selects) {
    enum { LAST_LEVEL = 16 };
    uint32_t nodes = ame__up_to_place(ame__nodes(node), rest);
    while (nodes >> 31) {
        rest >>= AME__LEVEL_BITS;
        if (AME__UNLIKELY(rest < LAST_LEVEL))
            return (struct ame__spot){ame__nothing.words, false, true};
        node = *(const struct ame__cell *)ame__last_child(node, nodes, width);
        nodes = ame__up_to_place(ame__nodes(node), rest);
    }
    uint32_t entries = ame__up_to_place(ame__entries(node), rest);
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
AME__ALWAYS_INLINE struct ame__spot ame__find_spot(const ame_map *map, uint64_t hash,
                                                   uint32_t width) {
    enum { FLAT = 160 };
    const struct ame__cell *root = &map->root;
    size_t size = map->size;
    uint64_t rest = ~hash;
    if (!ame__is_small(size))
        return ame__find_spot_from(*root, rest, width, false);
    struct ame__cell node = *root;
    uint32_t nodes = ame__up_to_place(ame__nodes(node), rest);
    const struct ame__cell *at = root;
    if (size > FLAT && nodes >> 31) {
        at = (const struct ame__cell *)ame__last_child(node, nodes, width);
        node = *at;
        nodes = ame__up_to_place(ame__nodes(node), rest >>= AME__LEVEL_BITS);
    }
    node = *(const struct ame__cell *)ame__choose(nodes, ame__last_child(node, nodes, width),
                                                  (uint64_t)at);
    return ame__find_spot_from(node, rest >> AME__LEVEL_BITS * (nodes >> 31), width, true);
}

#endif
