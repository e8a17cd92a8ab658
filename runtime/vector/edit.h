/* edit.h - the nodes in which a vector differs after one element was set, pushed or popped: planned
 * by pure code, allocated by the caller, filled in by pure code, so that only the second step can
 * fail and has nothing to undo but its own allocations.
 *
 * A version leaves all old nodes alone. A transient changes those in place that it has made
 * itself: those that its base has not at the same position. They have room for 32 words. */
#ifndef AME_VECTOR_EDIT_H
#define AME_VECTOR_EDIT_H

#include "vector/node.h"

struct ame__vector_change {
    const uint64_t *old; /* copied from there, */
    uint32_t copied;     /* so many words; */
    uint32_t slot;       /* then this word is set, if not AME__NO_SLOT */
    size_t words;        /* to allocate; 0: in place */
    uint64_t *fresh;
};

enum { AME__NO_SLOT = UINT32_MAX };

struct ame__vector_edit {
    struct ame__content after;
    uint64_t value; /* of the changed element */
    uint64_t child; /* what the lowest of the inner nodes gets */
    bool changes_leaf, leaf_is_tail;
    uint32_t lowest,
        count; /* inner nodes that change are on these levels; none if they are equal */
    struct ame__vector_change changes[AME__VECTOR_LEVELS + 1];
    uint32_t dropped_count; /* the transient's own nodes that are gone */
    uint64_t *dropped[AME__VECTOR_LEVELS + 1];
};

/* `base`: what a transient began with, or NULL. The index is below the size; for pop, that is
 * not 0. */
ame_pure void ame__plan_vector_set(struct ame__vector_edit *edit,
                                   const struct ame__content *content,
                                   const struct ame__content *base, size_t index, uint64_t value);
ame_pure void ame__plan_vector_push(struct ame__vector_edit *edit,
                                    const struct ame__content *content,
                                    const struct ame__content *base, uint64_t value);
ame_pure void ame__plan_vector_pop(struct ame__vector_edit *edit,
                                   const struct ame__content *content,
                                   const struct ame__content *base);

/* Writes all nodes, and completes edit->after. */
ame_pure void ame__fill_vector(struct ame__vector_edit *edit);

#endif
