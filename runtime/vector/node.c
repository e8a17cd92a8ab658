#include "vector/node.h"
#include "base/diag.h"

#include <string.h>

uint64_t *ame__vector_node_below(const struct ame__content *content, const uint64_t *above,
                                 uint32_t level, size_t k) {
    size_t leaves = ame__leaves(content);
    if (level == 0 && k == leaves)
        return content->tail;
    if (!ame__has_node(leaves, level, k))
        return NULL;
    if (above)
        return (uint64_t *)above[k % AME__VECTOR_WIDTH];
    return level == ame__height(leaves) ? content->root : NULL;
}

uint64_t *ame__vector_node(const struct ame__content *content, uint32_t level, size_t k) {
    size_t leaves = ame__leaves(content);
    uint64_t *node = content->root;
    if (level == 0 && k == leaves)
        return content->tail;
    uint32_t height = ame__height(leaves);
    if (level > height || !ame__has_node(leaves, level, k))
        return NULL;
    for (uint32_t above = height; above > level; above--)
        node = (uint64_t *)node[ame__node_index(k, above - 1 - level) % AME__VECTOR_WIDTH];
    return node;
}

const uint64_t *ame__vector_leaf(const struct ame__content *content, size_t index) {
    size_t leaf = index >> AME__VECTOR_BITS, leaves = ame__leaves(content);
    const uint64_t *node = content->root;
    if (leaf == leaves)
        return content->tail;
    for (uint32_t level = ame__height(leaves); level > 0; level--)
        node = (const uint64_t *)node[ame__slot(leaf, level)];
    return node;
}

uint64_t ame__vector_word(const struct ame__content *content, size_t index) {
    return ame__vector_leaf(content, index)[index % AME__VECTOR_WIDTH];
}

uint64_t ame__leaf_word(const void *leaf, size_t index) {
    return ((const uint64_t *)leaf)[index % AME__VECTOR_WIDTH];
}

size_t ame__content_size(const struct ame__content *content) {
    return content->size;
}

static bool same_nodes(const uint64_t *one, const uint64_t *other, uint32_t level, size_t k,
                       size_t leaves) {
    if (one == other)
        return true;
    if (level == 0)
        return !memcmp(one, other, AME__VECTOR_WIDTH * sizeof *one);
    uint32_t children = ame__children(leaves, level, k);
    for (uint32_t i = 0; i < children; i++)
        if (!same_nodes((const uint64_t *)one[i], (const uint64_t *)other[i], level - 1,
                        k * AME__VECTOR_WIDTH + i, leaves))
            return false;
    return true;
}

/* The same size means the same shape (T1). */
bool ame__same_content(const struct ame__content *one, const struct ame__content *other) {
    size_t size = one->size, leaves = ame__leaves(one);
    if (size != other->size)
        return false;
    if (one->tail != other->tail &&
        memcmp(one->tail, other->tail, (size - leaves * AME__VECTOR_WIDTH) * sizeof *one->tail))
        return false;
    return !leaves || same_nodes(one->root, other->root, ame__height(leaves), 0, leaves);
}

void ame__vector_fill(ame_vector *vector, ame_vector *parent, const struct ame__content *content) {
    vector->content = *content;
    ame__links_fill(&vector->version, parent ? &parent->version : NULL, &ame__vector_walker,
                    AME__LIVE_VECTOR, false);
}

AME__COLD void ame__not_a_vector(const ame_vector *vector, const char *function) {
    if (!vector)
        ame__die("%s: the vector is NULL; ame_vector_new makes an empty one", function);
    ame__die("%s: %p is no vector, or one that was released; keep a reference while it is used",
             function, (const void *)vector);
}
