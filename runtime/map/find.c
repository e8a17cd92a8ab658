#include "map/find.h"
#include "map/hash.h"

#include <stddef.h>

static const struct ame__candidates no_candidates = {NULL, 0};

/* The one walk; `path` is NULL where only the candidates matter. */
static inline struct ame__candidates walk(const struct ame_map *map, uint64_t hash,
                                          struct ame__path *path) {
    const struct ame__node *node = map->root;
    if (!node)
        return no_candidates;
    for (uint32_t level = 0; level < AME__BITMAP_LEVELS; level++) {
        if (path)
            path->nodes[++path->last] = node;
        uint32_t bit = UINT32_C(1) << ame__place(hash, level);
        uint32_t child_map = node->child_map;
        if (child_map & bit) {
            node = ame__children(node)[ame__popcount(child_map & (bit - 1))].node;
            continue;
        }
        uint32_t entry_map = node->entry_map;
        if (!(entry_map & bit))
            return no_candidates;
        const struct ame__slot *slots = ame__slots_after(node, ame__popcount(child_map));
        return (struct ame__candidates){slots + ame__popcount(entry_map & (bit - 1)), 1};
    }
    if (path)
        path->nodes[++path->last] = node;
    return (struct ame__candidates){ame__slots(node), ame__entry_count(node)};
}

struct ame__candidates ame__find(const struct ame_map *map, uint64_t hash) {
    return walk(map, hash, NULL);
}

void ame__find_path(const struct ame_map *map, uint64_t hash, struct ame__path *path) {
    path->last = -1;
    path->candidates = walk(map, hash, path);
}

const struct ame__slot *ame__match_int(struct ame__candidates candidates, int64_t key) {
    for (uint64_t i = 0; i < candidates.count; i++)
        if (candidates.slots[i].key == (uint64_t)key)
            return &candidates.slots[i];
    return NULL;
}

const struct ame__slot *ame__find_int(const struct ame_map *map, int64_t key) {
    return ame__match_int(walk(map, ame__hash_int(key), NULL), key);
}
