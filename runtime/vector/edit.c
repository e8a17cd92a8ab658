#include "vector/edit.h"

#include <string.h>

/* The nodes on the way to a leaf, and which of them are the transient's own. */
struct path {
    uint64_t *nodes[AME__VECTOR_LEVELS + 1];
    bool own[AME__VECTOR_LEVELS + 1];
};

static void find_path(struct path *path, const struct ame__content *content,
                      const struct ame__content *base, size_t leaf) {
    uint32_t height = ame__height(ame__leaves(content));
    const uint64_t *above = NULL, *base_above = NULL;
    for (uint32_t level = height + 1; level-- > 0;) {
        size_t k = ame__node_index(leaf, level);
        uint64_t *node = ame__vector_node_below(content, above, level, k);
        path->nodes[level] = node;
        path->own[level] = false;
        above = node;
        if (!base)
            continue;
        base_above = level == height ? ame__vector_node(base, level, k)
                                     : ame__vector_node_below(base, base_above, level, k);
        path->own[level] = node && node != base_above;
    }
}

static void begin(struct ame__vector_edit *edit, const struct ame__content *content) {
    edit->after = *content;
    edit->lowest = edit->count = 1;
    edit->changes_leaf = edit->leaf_is_tail = false;
    edit->dropped_count = 0;
    edit->changes[0].words = 0;
}

/* What a node is to have room for: a transient's grow in place. */
static size_t room_for(uint32_t words, const struct ame__content *base) {
    return base ? AME__VECTOR_WIDTH : (words + 3) & ~(size_t)3;
}

static void plan_leaf(struct ame__vector_edit *edit, const uint64_t *old, uint32_t copied,
                      uint32_t slot, size_t words, uint64_t value) {
    edit->changes_leaf = true;
    edit->value = value;
    edit->changes[0] = (struct ame__vector_change){old, copied, slot, words, NULL};
}

/* Inner nodes are planned from the lowest changed one up. */
static void plan_inner(struct ame__vector_edit *edit, const uint64_t *old, uint32_t copied,
                       uint32_t slot, size_t words) {
    edit->changes[edit->count++] = (struct ame__vector_change){old, copied, slot, words, NULL};
}

static void drop_own(struct ame__vector_edit *edit, const struct path *path, uint32_t level) {
    if (path->own[level])
        edit->dropped[edit->dropped_count++] = path->nodes[level];
}

void ame__plan_vector_set(struct ame__vector_edit *edit, const struct ame__content *content,
                          const struct ame__content *base, size_t index, uint64_t value) {
    size_t leaf = index >> AME__VECTOR_BITS, leaves = ame__leaves(content);
    uint32_t slot = index % AME__VECTOR_WIDTH, height = ame__height(leaves);
    struct path path;
    find_path(&path, content, base, leaf);
    begin(edit, content);
    edit->leaf_is_tail = leaf == leaves;
    uint32_t used =
        leaf == leaves ? (uint32_t)(content->size - leaves * AME__VECTOR_WIDTH) : AME__VECTOR_WIDTH;
    plan_leaf(edit, path.nodes[0], used, slot, path.own[0] ? 0 : room_for(used, base), value);
    if (edit->leaf_is_tail)
        return;
    for (uint32_t level = 1; level <= height; level++) {
        uint32_t children = ame__children(leaves, level, ame__node_index(leaf, level));
        plan_inner(edit, path.nodes[level], children, ame__slot(leaf, level),
                   path.own[level] ? 0 : room_for(children, base));
    }
}

/* The full tail becomes a leaf of the trie. */
static void plan_growth(struct ame__vector_edit *edit, const struct ame__content *content,
                        const struct ame__content *base) {
    size_t leaves = ame__leaves(content);
    uint32_t before = ame__height(leaves), after = ame__height(leaves + 1);
    struct path path;
    find_path(&path, content, base, leaves);
    edit->child = (uint64_t)content->tail;
    for (uint32_t level = 1; level <= after; level++) {
        uint32_t slot = ame__slot(leaves, level);
        const uint64_t *old = NULL;
        bool own = false;
        if (level > before && before) {
            old = (const uint64_t *)&content->root; /* the first child of the new root */
        } else if (level <= before && path.nodes[level]) {
            old = path.nodes[level];
            own = path.own[level];
        }
        plan_inner(edit, old, slot, slot, own ? 0 : room_for(slot + 1, base));
    }
}

void ame__plan_vector_push(struct ame__vector_edit *edit, const struct ame__content *content,
                           const struct ame__content *base, uint64_t value) {
    size_t leaves = ame__leaves(content);
    uint32_t used = (uint32_t)(content->size - leaves * AME__VECTOR_WIDTH);
    begin(edit, content);
    edit->after.size++;
    edit->leaf_is_tail = true;
    if (used == AME__VECTOR_WIDTH) {
        plan_growth(edit, content, base);
        plan_leaf(edit, NULL, 0, 0, room_for(1, base), value);
        return;
    }
    bool own = base && content->tail && content->tail != ame__vector_node(base, 0, leaves);
    plan_leaf(edit, content->tail, used, used, own ? 0 : room_for(used + 1, base), value);
}

/* The trie's last leaf becomes the tail. */
static void plan_shrinking(struct ame__vector_edit *edit, const struct ame__content *content,
                           const struct ame__content *base, const struct path *path) {
    size_t leaf = ame__leaves(content) - 1;
    uint32_t before = ame__height(leaf + 1), after = ame__height(leaf), level = 1;
    edit->after.tail = path->nodes[0];
    for (; level <= before && ame__slot(leaf, level) == 0; level++)
        drop_own(edit, path, level); /* it leads to nothing else */
    if (after < before) {
        edit->after.root = after ? (uint64_t *)content->root[0] : NULL;
        if (level <= before)
            drop_own(edit, path, before);
        return;
    }
    edit->lowest = edit->count = level;
    for (; level <= after; level++) {
        uint32_t last = ame__slot(leaf, level);
        bool loses_child = level == edit->lowest;
        uint32_t children = loses_child ? last : last + 1;
        plan_inner(edit, path->nodes[level], children, loses_child ? AME__NO_SLOT : last,
                   path->own[level] ? 0 : room_for(children, base));
    }
}

void ame__plan_vector_pop(struct ame__vector_edit *edit, const struct ame__content *content,
                          const struct ame__content *base) {
    size_t leaves = ame__leaves(content);
    begin(edit, content);
    edit->after.size--;
    if (content->size - leaves * AME__VECTOR_WIDTH > 1)
        return; /* the tail has one word more than is used */
    if (base && content->tail != ame__vector_node(base, 0, leaves))
        edit->dropped[edit->dropped_count++] = content->tail;
    edit->after.tail = NULL;
    if (!leaves)
        return;
    struct path path;
    find_path(&path, content, base, leaves - 1);
    plan_shrinking(edit, content, base, &path);
}

/* ---- filling ---- */

static uint64_t *written(const struct ame__vector_change *change, uint64_t word) {
    uint64_t *node = change->fresh ? change->fresh : (uint64_t *)change->old;
    if (change->fresh && change->copied)
        memcpy(node, change->old, change->copied * sizeof *node);
    if (change->slot != AME__NO_SLOT)
        node[change->slot] = word;
    return node;
}

void ame__fill_vector(struct ame__vector_edit *edit) {
    if (edit->changes_leaf) {
        uint64_t *leaf = written(&edit->changes[0], edit->value);
        if (edit->leaf_is_tail)
            edit->after.tail = leaf;
        else
            edit->child = (uint64_t)leaf;
    }
    for (uint32_t level = edit->lowest; level < edit->count; level++)
        edit->child = (uint64_t)written(&edit->changes[level], edit->child);
    if (edit->lowest < edit->count)
        edit->after.root = (uint64_t *)edit->child;
}
