/* build.h - many keys at once: from the root down, each node made once, at its final size; what
 * the keys do not touch stays that of the map. */
#ifndef AME_MAP_BUILD_H
#define AME_MAP_BUILD_H

#include "map/node.h"

/* A version of `map`, whose keys are words or texts, with the keys; the last of equal keys counts.
 * NULL: out of memory, or `*collides`: two keys agree in all of a hash, which only a transient
 * tells apart. Called outside blocks only. */
ame_pure ame_map *ame__build(ame_map *map, const ame_key *keys, const ame_value *values,
                             size_t count, bool *collides);

#endif
