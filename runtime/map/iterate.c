#include "map/set.h"

/* Compiled with the plugin: the iterator is the caller's memory. */

/* The iterator holds, for the present node and each one above, the next cell and the places
 * from it on. In a list `used` is the number of cells. */
static inline void enter(ame_map_iterator *iterator, int32_t depth, struct ame__cell node) {
    uint32_t used = ame__used(node), nodes = ame__nodes(node);
    iterator->depth = depth;
    iterator->path[depth].cell = ame__cells(node);
    iterator->path[depth].used = used;
    iterator->path[depth].nodes = depth == AME__LIST_LEVEL ? 0 : nodes;
    if (nodes)
        ame__fetch_below(node);
}

AME__ALWAYS_INLINE void iterate(const ame_map *map, ame_map_iterator *iterator) {
    iterator->keys = map->keys.type;
    enter(iterator, 0, ame__root(map));
}

AME__ALWAYS_INLINE bool next(ame_map_iterator *iterator, bool in_set, ame_key *key,
                             ame_value *value) {
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
        bool one_word = in_set && !node && !list;
        struct ame__cell content = {cell->key, one_word ? 0 : cell->value};
        iterator->path[depth].cell = (const uint64_t *)cell + (one_word ? 1 : 2);
        iterator->path[depth].used = list ? used - 1 : used & (used - 1);
        if (node) {
            enter(iterator, ++depth, content);
            continue;
        }
        if (key) {
            key->integer = (int64_t)content.key;
            if (AME__UNLIKELY(ame__boxed(iterator->keys)))
                *key = ame__public_key(iterator->keys, content.key);
        }
        if (value)
            value->integer = (int64_t)content.value;
        return true;
    }
    return false;
}

void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator) {
    ame__check_map(map, "ame_map_iterate");
    iterate(map, iterator);
}

bool ame_map_next(ame_map_iterator *iterator, ame_key *key, ame_value *value) {
    return next(iterator, false, key, value);
}

void ame_set_iterate(const ame_set *set, ame_set_iterator *iterator) {
    iterate(ame__map_of(set, "ame_set_iterate"), &iterator->walk);
}

bool ame_set_next(ame_set_iterator *iterator, ame_key *key) {
    return next(&iterator->walk, true, key, NULL);
}
