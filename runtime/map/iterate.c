#include "map/set.h"

/* Compiled with the plugin: the iterator is the caller's memory. */

_Static_assert(sizeof(struct ame_map_word) == sizeof(uint64_t) &&
                   offsetof(struct ame_map_typed_key, pointer) ==
                       offsetof(struct ame__box, pointer),
               "map.h has entries as they are");

static inline void begin_entries(ame_map_iterator *iterator, const void *entries, uint32_t count) {
    iterator->next = entries;
    iterator->end = iterator->next + (size_t)count * iterator->width;
}

/* What has no nodes below needs no level of its own; a list has one, by which it is known. */
static inline void enter(ame_map_iterator *iterator, int32_t depth, const struct ame__cell *cell) {
    struct ame__cell node = {cell->key, cell->value};
    struct ame__run entries = ame__entries_of(node, (uint32_t)depth);
    begin_entries(iterator, entries.words, entries.count);
    if (!ame__nodes(node))
        return;
    bool list = depth == AME__LIST_LEVEL;
    iterator->depth = depth;
    iterator->path[depth].next = ame__cells(node);
    iterator->path[depth].left = list ? 0 : ame__popcount(ame__nodes(node));
    if (!list && iterator->fetches)
        ame__fetch_below(node);
}

static inline void iterate(const ame_map *map, ame_map_iterator *iterator) {
    iterator->keys = map->keys.type;
    iterator->width = ame__width_of(&map->keys);
    iterator->fetches = ame__worth_fetching(map->size);
    iterator->depth = -1;
    iterator->next = iterator->end = NULL;
    if (map->size)
        enter(iterator, 0, &map->root);
}

static AME__NOINLINE bool next_of_any_kind(ame_map_iterator *iterator) {
    int32_t depth;
    while ((depth = iterator->depth) >= 0) {
        if (!iterator->path[depth].left) {
            iterator->depth = depth - 1;
            continue;
        }
        const struct ame__cell *cell = iterator->path[depth].next;
        iterator->path[depth].next = cell + 1;
        iterator->path[depth].left--;
        enter(iterator, depth + 1, cell);
        if (iterator->next != iterator->end)
            return true;
    }
    return false;
}

/* Most nodes are beside another one, and have nothing but entries. */
bool ame_map_next_node(ame_map_iterator *iterator) {
    int32_t depth = iterator->depth;
    if (depth < 0 || !iterator->path[depth].left)
        return next_of_any_kind(iterator);
    const struct ame__cell *cell = iterator->path[depth].next;
    struct ame__cell node = {cell->key, cell->value};
    if (ame__nodes(node)) /* which a list seems to have */
        return next_of_any_kind(iterator);
    iterator->path[depth].next = cell + 1;
    iterator->path[depth].left--;
    begin_entries(iterator, ame__cells(node), ame__popcount(ame__entries(node)));
    return true;
}

void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator) {
    ame__check_map(map, "ame_map_iterate");
    iterate(map, iterator);
}

void ame_set_iterate(const ame_set *set, ame_set_iterator *iterator) {
    iterate(ame__map_of(set, "ame_set_iterate"), &iterator->walk);
}
