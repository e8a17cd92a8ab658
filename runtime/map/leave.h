/* leave.h - what is freed when a version leaves its tree (versions/versions.h). */
#ifndef AME_MAP_LEAVE_H
#define AME_MAP_LEAVE_H

#include "map/part.h"

/* Nodes, and the keys that stand outside them. */
extern const struct ame__walker ame__map_walker;

/* Frees what is in `root` and in neither of the others, all at once. */
void ame__free_only_in(struct ame__keys keys, struct ame__cell root, struct ame__cell other);

#endif
