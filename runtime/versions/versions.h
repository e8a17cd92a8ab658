/* versions.h - who frees a node of an immutable structure, and when.
 *
 * Nodes have no counts. A version knows the version that it was made from, its parent,
 * and those that were made from it, its children; so versions that share nodes form
 * a tree. What a version has is made for it and passed on to its children, never to
 * others: a merge takes entries of another version, not nodes. Hence
 *
 *   V1  The versions that hold a node form a connected part of the tree.
 *   V2  A node is at the same position of the structure in all versions that hold it.
 *   V3  A version that nobody holds any more leaves the tree when it has one child at
 *       most. What it shares with its neighbours, the parent and that child, stays;
 *       what it shares with neither is in no other version (V1), and is freed. The
 *       child becomes the parent's, so that V1 still holds.
 *   V4  Neighbours do not leave at the same time: who leaves looks at both.
 *
 * By V2 what two versions share is found by walking down both at once and comparing
 * addresses, which stops where they are equal: so leaving costs as much as there is
 * to free, after one change the path that it replaced.
 *
 * A version that nobody holds but that has two children or more waits for one of them
 * to leave: there are always fewer of these than of versions that are held. It keeps
 * what it alone still has.
 *
 *   V5  A version begins to leave under its own lock and its only child's; it is given up, and
 *       loses children, under its own; and it gets another parent, or another child in place of
 *       one, under the lock of the child that has left and that of the one that comes. So who has
 *       its lock knows that its parent is there and whether that leaves, and who has both that
 *       its only child is. The lock is its family's: that of the versions of one thread, since
 *       threads that change maps of their own should not meet.
 *
 * New children need no lock: who makes one holds the parent, so nobody looks at the parent's
 * children yet. Children do not know their brothers, which other threads may be at work on:
 * nobody needs a child before it is the only one.
 *
 * Links are touched outside blocks only: a version that a block makes is linked after the commit,
 * and holds its parent by a reference until then. The reference count of a version reaches zero
 * when no block can reach it any more, so what is freed no block still reads.
 *
 * The child of a fork finds all locks free. What a thread of the parent was just leaving stays, as
 * a version that waits; its neighbours wait with it.
 *
 * At 64 cores: each family's lock has a line, which stays with its thread. A version's first line is
 * written by each change that is made of it, and when that one leaves; so threads that all begin
 * with one version take that line from each other, once for each change.
 *
 * Leaving is done in steps of bounded length. What is left of a large version waits in
 * a queue, and each later release does a step of it.
 *
 * Each structure says how its versions are walked (struct ame__walker). */
#ifndef AME_VERSIONS_VERSIONS_H
#define AME_VERSIONS_VERSIONS_H

#include "base/atomics.h"
#include "base/compiler.h"
#include <ame/atomic.h>
#include <ame/count.h>
#include <ame/runtime.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AME__WALK_BYTES = 2560 };

/* The walk over what one version alone has. All functions run outside blocks. */
struct ame__walker {
    /* NULL, or: frees all that the version alone has, for one that differs at one position from
     * its child, or without a child from its parent. Takes the nodes off `*budget`. False: nothing
     * is done, the functions below are for that. */
    bool (*leave_way)(void *version, const void *parent, const void *child, size_t *budget);

    /* Begins in AME__WALK_BYTES at `walk`. Neighbours are NULL where there are none. */
    void (*begin)(void *walk, void *version, const void *parent, void *child);

    /* Frees up to `*budget` nodes, which it takes off there. True: all are free. */
    bool (*go_on)(void *walk, size_t *budget);

    size_t header_words; /* of a version; its memory is of ame__take_node */
};

struct ame__links {
    ame__word children, names_of_children; /* how many; the sum: so if it is one, its name */
    ame__word state;
    uint32_t family ame_immutable; /* whose lock guards it */
    bool one_edit;                 /* it differs from its parent at one position only */
    struct ame__version *parent;   /* NULL: shares no node with a version that is older */
};

/* A version begins with what changes. What lasts, and lookups read, lies at least a cache line
 * behind the count: who takes or gives references back, or makes a version of it, does not take
 * that from the caches of the others, wherever the version begins. */
struct ame__version {
    ame_ref references;
    struct ame__links links;
};

enum { AME__LASTING_AT = 64 };
struct ame__lasting {
    uint64_t seal ame_immutable; /* AME__LIVE or the like; AME__GIVEN_UP after the last release */
    const struct ame__walker *walker ame_immutable;
};

#define AME__GIVEN_UP UINT64_C(0x6e6f2d6d61702121)

static inline struct ame__lasting *ame__lasting_of(const struct ame__version *version) {
    return (struct ame__lasting *)((char *)version + AME__LASTING_AT);
}

/* Writes what all versions have, for one that is not in the tree yet. */
ame_pure void ame__links_fill(struct ame__version *version, struct ame__version *parent,
                              const struct ame__walker *walker, uint64_t seal, bool one_edit);

/* A version will be put under `parent`: what that writes to comes meanwhile, from the processor
 * that wrote there last. */
ame_pure void ame__expect_child(const struct ame__version *parent);

/* Puts a new version under its parent. Called outside blocks only. */
ame_pure void ame__link(struct ame__version *version);

/* The same after the block that made the version; gives the parent and the version a
 * reference back that the block has taken. */
void ame__link_after_block(void *version);

/* The ame_destroy_fn of versions. */
void ame__destroy_version(ame_ref *references);

/* Frees up to `nodes` nodes of what waits. SIZE_MAX: all, and the memory that is kept for new ones,
 * but for that of other threads. Called outside blocks only. */
ame_pure size_t ame__reclaim(size_t nodes);

/* Puts a new version that shares nodes with `parent` under it, in a block after the
 * commit. */
AME__ALWAYS_INLINE void ame__adopt(struct ame__version *parent, struct ame__version *version) {
    if (!ame_in_block()) {
        ame__link(version);
        return;
    }
    ame_ref_retain(&parent->references);
    ame_ref_retain(&version->references);
    ame_on_commit(ame__link_after_block, version);
}

#endif
