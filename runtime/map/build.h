/* build.h - many keys at once: from the root down, each node made once, at its final size; what
 * the keys do not touch stays that of the map. */
#ifndef AME_MAP_BUILD_H
#define AME_MAP_BUILD_H

#include "map/node.h"

/* A version of `map` with the keys, which are words; the last of equal keys counts. NULL: out
 * of memory. Called outside blocks only. */
ame_pure ame_map *ame__build(ame_map *map, const ame_key *keys, const ame_value *values,
                             size_t count);

#endif
