/* edit.h - the nodes that a new version does not share with the old one.
 *
 * An edit goes in three steps, so that only the second can fail and has nothing
 * to undo but its own allocations:
 *   plan   which nodes are new, from the root down, and what each differs in
 *   memory for all of them is allocated (by the caller, see map.c)
 *   fill   the new nodes are written
 * Every new node is an old one that differs at one place: what is there becomes
 * nothing, an entry or a child. Nodes without a forerunner differ from an empty
 * node, or from one that holds just the entry that had to move down. */
#ifndef AME_MAP_EDIT_H
#define AME_MAP_EDIT_H

#include "map/find.h"

enum ame__becomes { AME__NOTHING, AME__ENTRY, AME__CHILD };

struct ame__change {
    const struct ame__node *old;
    uint32_t place; /* 0 to 31; in a collision node the slot's index, or one more than the last */
    enum ame__becomes becomes;
};

/* A node with one entry, for the entry that moves down a level. */
struct ame__lone_node {
    struct ame__node node;
    union {
        struct ame__slot slot;
        struct {
            struct ame__collision_count count;
            struct ame__slot slot;
        } collision;
    } content;
};

struct ame__edit {
    uint32_t count;         /* new nodes, one on each level from the root */
    struct ame__slot entry; /* what an entry that a change makes is: only the lowest does */
    struct ame__change changes[AME_MAP_MAX_DEPTH];
    struct ame__node *fresh[AME_MAP_MAX_DEPTH]; /* the memory, filled in by the caller */
    struct ame__lone_node displaced;            /* changes may point at it: don't copy an edit */
};

/* Plans `entry` into the place where `path` ends. `found` is the candidate with
 * the same key, or NULL. */
ame_pure void ame__plan_set(struct ame__edit *edit, const struct ame_map *map, uint64_t hash,
                            const struct ame__path *path, const struct ame__slot *found,
                            struct ame__slot entry);

/* Plans the removal of the candidate `found`. No new nodes: the map gets empty. */
ame_pure void ame__plan_remove(struct ame__edit *edit, uint64_t hash, const struct ame__path *path,
                               const struct ame__slot *found);

/* The size of the new node on `level`, in bytes. */
ame_pure size_t ame__fresh_size(const struct ame__edit *edit, uint32_t level);

/* Writes all new nodes, but for their reference counts. */
ame_pure void ame__fill(const struct ame__edit *edit);

#endif
