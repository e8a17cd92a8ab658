/* set.h - a set is a map whose nodes have no room for values: what stands in front of its
 * functions. */
#ifndef AME_MAP_SET_H
#define AME_MAP_SET_H

#include "map/node.h"
#include <ame/set.h>

AME__ALWAYS_INLINE ame_map *ame__map_of(const ame_set *set, const char *function) {
    ame_map *map = (ame_map *)set;
    if (AME__UNLIKELY(!map || map->lasting.seal != AME__LIVE))
        ame__not_a_set(set, function);
    return map;
}

#endif
