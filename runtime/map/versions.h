/* versions.h - who frees a node, and when.
 *
 * Nodes have no counts. A version knows the version that it was made from, its parent,
 * and those that were made from it, its children; so versions that share nodes form
 * a tree. Nodes and boxes are made for one version and passed on to its children,
 * never to others: a merge takes entries of another version, not nodes. Hence
 *
 *   V1  The versions that hold a node form a connected part of the tree.
 *   V2  A node is at the same position of the trie in all versions that hold it.
 *   V3  A version that nobody holds any more leaves the tree when it has one child at
 *       most. What it shares with its neighbours, the parent and that child, stays;
 *       what it shares with neither is in no other version (V1), and is freed. The
 *       child becomes the parent's, so that V1 still holds.
 *   V4  Neighbours do not leave at the same time: who leaves looks at both.
 *
 * By V2 what two versions share is found by walking down both at once and comparing
 * addresses, which stops where they are equal: so leaving costs as much as there is
 * to free, after one set the path that it replaced.
 *
 * A version that nobody holds but that has two children or more waits for one of them
 * to leave: there are always fewer of these than of versions that are held. It keeps
 * what it alone still has.
 *
 * The tree's links and states are guarded by a lock (one of some, by the number of
 * the family). They are touched outside blocks only: a version that a block makes
 * is linked after the commit, and holds its parent by a reference until then. The
 * reference count of a version reaches zero when no block can reach it any more, so
 * what is freed no block still reads.
 *
 * Leaving is done in steps of bounded length. What is left of a large map waits in
 * a queue, and each later release does a step of it. */
#ifndef AME_MAP_VERSIONS_H
#define AME_MAP_VERSIONS_H

#include "map/part.h"

/* Puts a new version under its parent. Called outside blocks only. */
ame_pure void ame__link(ame_map *version);

/* The same after the block that made the version; gives the parent and the version a
 * reference back that the block has taken. */
void ame__link_after_block(void *version);

/* The ame_destroy_fn of versions. */
void ame__destroy_map(ame_ref *references);

/* Frees what is in `root` and in neither of the others, all at once. */
void ame__free_only_in(struct ame__keys keys, struct ame__cell root, struct ame__cell other);

/* Frees up to `nodes` nodes of what waits. Called outside blocks only. */
ame_pure size_t ame__reclaim(size_t nodes);

#endif
