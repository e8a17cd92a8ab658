/* replaced.h - the nodes that a version has and the next one has not, noted down as a batch of
 * changes replaces them. Where the version is given back while it has no other neighbour, they are
 * all that it has alone: they are freed without a walk that compares the two. Without the list, for
 * want of memory or as a block made the change, there is that walk. Eight bytes for each node,
 * which is a small part of what it takes itself. */
#ifndef AME_MAP_REPLACED_H
#define AME_MAP_REPLACED_H

#include "map/node.h"

struct ame__replacing {
    struct ame__replaced list;
    size_t capacity;
    bool incomplete; /* the list is empty and stays so */
};

/* Outside blocks. */
void ame__note_replaced(struct ame__replacing *replacing, struct ame__cell *node, size_t words);
void ame__forget_replaced(struct ame__replacing *replacing);

/* Frees up to `*budget` of the nodes, which it takes off there, and in the end the list. True: that
 * is done. */
bool ame__free_replaced(struct ame__replaced *replaced, size_t *budget);

#endif
