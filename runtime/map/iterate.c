#include "map/node.h"

/* Compiled with the plugin: the iterator is the caller's memory. */

/* The iterator holds, for the present node and each one above, the next cell and the places
 * from it on. In a list `used` is the number of cells. */
static inline void enter(ame_map_iterator *iterator, int32_t depth, struct ame__cell node) {
    const struct ame__cell *cells = ame__cells(node);
    uint32_t used = ame__used(node), nodes = ame__nodes(node);
    iterator->depth = depth;
    iterator->path[depth].cell = cells;
    iterator->path[depth].used = used;
    iterator->path[depth].nodes = depth == AME__LIST_LEVEL ? 0 : nodes;
    if (nodes)
        ame__fetch_below(cells, used, nodes);
}

void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator) {
    ame__check_map(map, "ame_map_iterate");
    iterator->keys = map->keys.type;
    enter(iterator, 0, ame__root(map));
}

bool ame_map_next(ame_map_iterator *iterator, ame_key *key, ame_value *value) {
    int32_t depth = iterator->depth;
    while (depth >= 0) {
        uint32_t used = iterator->path[depth].used;
        if (!used) {
            iterator->depth = --depth;
            continue;
        }
        const struct ame__cell *cell = iterator->path[depth].cell;
        bool list = depth == AME__LIST_LEVEL;
        bool node = used & -used & iterator->path[depth].nodes;
        struct ame__cell content = {cell->key, cell->value};
        iterator->path[depth].cell = cell + 1;
        iterator->path[depth].used = list ? used - 1 : used & (used - 1);
        if (node) {
            enter(iterator, ++depth, content);
            continue;
        }
        if (key)
            *key = ame__public_key(iterator->keys, content.key);
        if (value)
            value->integer = (int64_t)content.value;
        return true;
    }
    return false;
}
