/* shape.h - walks the nodes of a vector and checks what node.h promises of them. */
#ifndef TESTS_UNIT_VECTOR_SHAPE_H
#define TESTS_UNIT_VECTOR_SHAPE_H

#include "vector/node.h"

#include <criterion/criterion.h>

/* Returns the number of leaves below the node. */
static inline size_t check_inner(const struct ame__content *content, const uint64_t *node,
                                 uint32_t level, size_t k) {
    size_t leaves = ame__leaves(content), below = 0;
    uint32_t children = ame__children(leaves, level, k);
    cr_assert_eq(ame__vector_node(content, level, k), node);
    cr_assert(children >= 1 && children <= AME__VECTOR_WIDTH);
    for (uint32_t i = 0; i < children; i++) {
        const uint64_t *child = (const uint64_t *)node[i];
        size_t child_k = k * AME__VECTOR_WIDTH + i;
        cr_assert_not_null(child);
        below += level > 1 ? check_inner(content, child, level - 1, child_k) : 1;
        cr_assert_eq(ame__vector_node_below(content, node, level - 1, child_k), child);
    }
    return below;
}

static inline void check_shape(const ame_vector *vector) {
    const struct ame__content *content = &vector->content;
    size_t leaves = ame__leaves(content);
    cr_assert_eq(content->tail != NULL, content->size != 0);
    cr_assert_eq(content->root != NULL, leaves != 0);
    if (leaves)
        cr_assert_eq(check_inner(content, content->root, ame__height(leaves), 0), leaves);
}

#endif
