/* edit.h - the nodes in which a map differs after one key was set or removed.
 *
 * An edit goes in three steps, so that only the second can fail and has nothing
 * to undo but its own allocations:
 *   plan   which nodes change, from the root down, and in what
 *   memory for those that are new is allocated (by the caller, see map.c)
 *   fill   the nodes are written
 * Every changed node is an old one that differs at one place: what is there becomes
 * nothing, an entry or a node. Nodes without a forerunner differ from an empty
 * node, or from one that holds just the entry that had to move down.
 *
 * A version must leave all old nodes alone; a transient may change those in place
 * that it has made itself. They are the upper part of each path, for a node that is
 * new has a new parent. */
#ifndef AME_MAP_EDIT_H
#define AME_MAP_EDIT_H

#include "map/find.h"

enum ame__becomes { AME__NOTHING, AME__ENTRY, AME__NODE };

struct ame__change {
    struct ame__cell old;
    enum ame__becomes becomes;
    uint64_t value;     /* of the node's own cell, then */
    size_t fresh_words; /* the memory that the node needs; 0: it is changed in place */
    uint32_t words_before, words_after;
    uint32_t from, was; /* the words of the place that differs: where they stand in the old node, */
    uint32_t to, is; /* and in the new one, elsewhere if an entry becomes a node or the reverse */
};

struct ame__edit {
    uint32_t own;            /* levels above this one may be changed in place */
    uint32_t first, count;   /* nodes change on the levels from the first one up to the count */
    struct ame__entry entry; /* what an entry that a change makes is: only the lowest does */
    bool outside;            /* it adds a key that stands outside the nodes */
    struct ame__change changes[AME_MAP_MAX_DEPTH];
    struct ame__cell *fresh[AME_MAP_MAX_DEPTH]; /* the memory, or NULL: in place */
    struct ame__entry displaced;                /* changes may point at it: don't copy an edit */
    uint32_t dropped_count;                     /* own nodes that are replaced or gone */
    void *dropped[AME_MAP_MAX_DEPTH];
    size_t dropped_words[AME_MAP_MAX_DEPTH];
};

/* Plans `entry` into the place where `path` ends. `found` is the candidate with
 * the same key, or NULL; then the entry's key is complete. */
ame_pure void ame__plan_set(struct ame__edit *edit, const struct ame__keys *keys,
                            struct ame__hashes *hashes, const struct ame__path *path,
                            const uint64_t *found, const struct ame__entry *entry, uint32_t own);

/* Plans the removal of the candidate `found`. No nodes: the map gets empty. */
ame_pure void ame__plan_remove(struct ame__edit *edit, const struct ame__hashes *hashes,
                               const struct ame__path *path, const uint64_t *found, uint32_t own);

/* Writes all nodes; returns the one on the first level, the new root if that is 0. */
ame_pure struct ame__cell ame__fill(const struct ame__edit *edit);

/* Writes the nodes of a new version and its header, but for the reference count.
 * `edited` is the hash of the key. */
ame_pure void ame__version_fill(ame_map *version, ame_map *parent, const struct ame__edit *edit,
                                uint64_t edited, size_t size);

#endif
