/* shape.h - walks the nodes of a map and checks what map.c promises of them. */
#ifndef AME_TEST_SHAPE_H
#define AME_TEST_SHAPE_H

#include "map/node.h"

#include <criterion/criterion.h>
#include <string.h>

/* Returns the number of entries at and below `node`; the deepest level seen goes
 * to `*deepest`. */
static inline size_t check_node(struct ame__cell node, uint32_t level, uint32_t *deepest) {
    size_t count = ame__cell_count(node, level), entries = ame__entries_of(node, level).count;
    uint32_t nodes = ame__nodes(node);
    if (level > *deepest)
        *deepest = level;
    if (level == AME__LIST_LEVEL) {
        cr_assert_geq(count, 2u);
        return count;
    }
    cr_assert_eq(nodes & ame__entries(node), 0u, "a place is one or the other");
    if (level > 0)
        cr_assert(nodes || count >= 2, "a single entry belongs in the parent");
    for (uint32_t left = nodes; left; left &= left - 1) {
        struct ame__cell child = *ame__child(node, (uint32_t)__builtin_ctz(left));
        cr_assert_eq(ame__width(child), ame__width(node));
        entries += check_node(child, level + 1, deepest);
    }
    return entries;
}

/* Returns the deepest level. */
static inline uint32_t check_shape(const ame_map *map) {
    uint32_t deepest = 0;
    cr_assert_eq(map->root.value != 0, map->size != 0);
    if (map->size)
        cr_assert_eq(check_node(map->root, 0, &deepest), map->size);
    return deepest;
}

/* Of long texts each map may have a copy of its own. */
static inline bool same_entry(const uint64_t *a, const uint64_t *b, uint32_t width) {
    bool texts = width >= AME__TEXT_WORDS && ame__is_long(a) && ame__is_long(b);
    if (texts && strcmp((const char *)a[0], (const char *)b[0]))
        return false;
    for (uint32_t i = texts; i < width; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* Whether two tries have the same nodes with the same entries at the same places;
 * entries of lists in any order. */
static inline bool same_shape(struct ame__cell a, struct ame__cell b, uint32_t level) {
    if (a.value != b.value)
        return false;
    if (!a.value)
        return true;
    uint32_t nodes = level < AME__LIST_LEVEL ? ame__popcount(ame__nodes(a)) : 0;
    for (uint32_t i = 0; i < nodes; i++)
        if (!same_shape(ame__cells(a)[i], ame__cells(b)[i], level + 1))
            return false;
    struct ame__run left = ame__entries_of(a, level), right = ame__entries_of(b, level);
    for (uint32_t i = 0; i < left.count; i++) {
        bool found = false;
        for (uint32_t j = 0; j < left.count; j++)
            if (level == AME__LIST_LEVEL || i == j)
                found |= same_entry(left.words + i * left.width, right.words + j * right.width,
                                    left.width);
        if (!found)
            return false;
    }
    return true;
}

#endif
