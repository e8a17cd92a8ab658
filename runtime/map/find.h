/* find.h - the walk from the root to where a hash belongs. */
#ifndef AME_MAP_FIND_H
#define AME_MAP_FIND_H

#include "map/node.h"

/* The slots that may hold a key with the hash that was looked for: none, the one
 * at its place, or those of a collision node. The caller compares keys. */
struct ame__candidates {
    const struct ame__slot *slots;
    uint64_t count;
};

/* The nodes from the root to the end of the walk. */
struct ame__path {
    const struct ame__node *nodes[AME_MAP_MAX_DEPTH];
    int32_t last; /* index of the last node; -1: the map is empty */
    struct ame__candidates candidates;
};

/* The candidate with an int key, or NULL. */
ame_pure const struct ame__slot *ame__match_int(struct ame__candidates candidates, int64_t key);

/* The slot with an int key, or NULL. */
ame_pure const struct ame__slot *ame__find_int(const struct ame_map *map, int64_t key);

ame_pure struct ame__candidates ame__find(const struct ame_map *map, uint64_t hash);
ame_pure void ame__find_path(const struct ame_map *map, uint64_t hash, struct ame__path *path);

#endif
