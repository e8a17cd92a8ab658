#include "map/node.h"

/* Compiled with the plugin: the iterator is the caller's memory. */

/* A node's own entries come first, then its children from left to right. The
 * iterator holds the entries left in the present node and, for it and each node
 * above, the children left. */
static inline void enter(ame_map_iterator *iterator, int32_t depth, const struct ame__node *node) {
    struct ame__contents contents = ame__contents(node);
    iterator->depth = depth;
    iterator->path[depth].child = contents.children;
    iterator->path[depth].children_end = contents.children + contents.child_count;
    iterator->entry = contents.slots;
    iterator->entries_end = contents.slots + contents.entry_count;
}

void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator) {
    const struct ame__node *root = map->root;
    iterator->depth = -1;
    iterator->entry = NULL;
    iterator->entries_end = NULL;
    if (root)
        enter(iterator, 0, root);
}

/* Goes on to the next node in order; false: there is none. */
static bool enter_next(ame_map_iterator *iterator) {
    for (int32_t depth = iterator->depth; depth >= 0; iterator->depth = --depth) {
        const struct ame__child *child = iterator->path[depth].child;
        const struct ame__child *end = iterator->path[depth].children_end;
        if (child == end)
            continue;
        iterator->path[depth].child = child + 1;
        if (child + 1 != end)
            __builtin_prefetch(child[1].node); /* on its way while this one is walked */
        enter(iterator, depth + 1, child->node);
        return true;
    }
    return false;
}

bool ame_map_next(ame_map_iterator *iterator, ame_key *key, ame_value *value) {
    const struct ame__slot *slot;
    while ((slot = iterator->entry) == iterator->entries_end)
        if (!enter_next(iterator))
            return false;
    iterator->entry = slot + 1;
    if (key)
        *key = ame__public_key(slot->key);
    if (value)
        value->integer = (int64_t)slot->value;
    return true;
}
