/* build.h - a map of many keys at once: from the root down, each node made once, at its
 * final size. */
#ifndef AME_MAP_BUILD_H
#define AME_MAP_BUILD_H

#include "map/node.h"

/* A version with the keys, which are words, of the kind of `empty`; the last of equal keys
 * counts. NULL: out of memory. Called outside blocks only. */
ame_pure ame_map *ame__build(ame_map *empty, const ame_key *keys, const ame_value *values,
                             size_t count);

#endif
