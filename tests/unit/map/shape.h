/* shape.h - walks the nodes of a map and checks what map.c promises of them. */
#ifndef AME_TEST_SHAPE_H
#define AME_TEST_SHAPE_H

#include "map/node.h"

#include <criterion/criterion.h>

/* Returns the number of entries at and below `node`; the deepest level seen goes
 * to `*deepest`. */
static inline size_t check_node(const struct ame__node *node, uint32_t level, uint32_t *deepest) {
    size_t entries = ame__entry_count(node);
    uint32_t children = ame__child_count(node);
    if (level > *deepest)
        *deepest = level;
    cr_assert_eq(node->entry_map & node->child_map, 0u);
    cr_assert_eq(ame__is_collision(node), level == AME__BITMAP_LEVELS);
    if (ame__is_collision(node))
        cr_assert_geq(entries, 2u);
    if (level > 0)
        cr_assert(children || entries >= 2, "a single entry belongs in the parent");
    for (uint32_t i = 0; i < children; i++)
        entries += check_node(ame__children(node)[i].node, level + 1, deepest);
    return entries;
}

/* Returns the deepest level. */
static inline uint32_t check_shape(const ame_map *map) {
    uint32_t deepest = 0;
    cr_assert_eq(map->root != NULL, map->size != 0);
    if (map->root)
        cr_assert_eq(check_node(map->root, 0, &deepest), map->size);
    return deepest;
}

/* Whether two tries have the same nodes with the same entries at the same places;
 * entries of collision nodes in any order. */
static inline bool same_shape(const struct ame__node *a, const struct ame__node *b) {
    if (!a || !b)
        return a == b;
    uint32_t entries = ame__entry_count(a);
    uint32_t children = ame__child_count(a);
    if (a->entry_map != b->entry_map || a->child_map != b->child_map ||
        entries != ame__entry_count(b))
        return false;
    for (uint32_t i = 0; i < entries; i++) {
        bool found = false;
        for (uint32_t j = 0; j < entries; j++)
            if (ame__is_collision(a) || i == j)
                found |= ame__slots(a)[i].key == ame__slots(b)[j].key &&
                         ame__slots(a)[i].value == ame__slots(b)[j].value;
        if (!found)
            return false;
    }
    for (uint32_t i = 0; i < children; i++)
        if (!same_shape(ame__children(a)[i].node, ame__children(b)[i].node))
            return false;
    return true;
}

#endif
