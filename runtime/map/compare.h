/* compare.h - in which keys two maps differ, in time of the difference: what they share is
 * skipped where both have the same node. Pure code; the walk is a local of the caller. */
#ifndef AME_MAP_COMPARE_H
#define AME_MAP_COMPARE_H

#include "map/part.h"

/* An entry of one map, of the other, or of both with two values. NULL: it is not there. */
struct ame__difference {
    const uint64_t *old, *new;
};

struct ame__comparison {
    struct ame__keys keys;
    bool fetches;
    int32_t depth; /* -1: at the end */
    bool pending;  /* the last difference was the removal of one of two keys; this is the other */
    struct ame__difference second;
    struct {
        struct ame__part old, new;
        uint32_t entries; /* places where two nodes each have one; they come first */
        uint64_t left;    /* other places; in a list the number of cells of both */
    } levels[AME_MAP_MAX_DEPTH];
};

/* Both maps have the same kind of keys. `old` NULL: an empty map. */
ame_pure void ame__compare(struct ame__comparison *comparison, const ame_map *old,
                           const ame_map *new);
ame_pure bool ame__next_difference(struct ame__comparison *comparison,
                                   struct ame__difference *difference);

ame_pure bool ame__same_keys(const ame_map *one, const ame_map *other);

/* The difference as users see it. */
ame_pure void ame__public_difference(const struct ame__comparison *comparison,
                                     const struct ame__difference *difference,
                                     struct ame_map_difference *result);

ame_pure uint64_t ame__content_hash(const ame_map *map);

#endif
