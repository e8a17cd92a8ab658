/* transient.h - the inside of a transient. It is one thread's own, so pure code reads and writes
 * it; what a block must heed stands in map/transient.c. */
#ifndef AME_VECTOR_TRANSIENT_H
#define AME_VECTOR_TRANSIENT_H

#include "vector/edit.h"

struct ame_vector_transient {
    ame_vector *base ame_immutable;    /* a reference */
    ame_vector *version ame_immutable; /* memory for what it becomes: sealing must not fail */
    uint64_t seal;                     /* AME__OPEN_VECTOR until it ends */
    struct ame__content content;
    size_t nodes_made;
    bool outside; /* not begun in a block that still runs */
    bool ended;   /* in the block that began it */
};

#define AME__OPEN_VECTOR UINT64_C(0x616d655f6f766563)

ame_pure void ame__vector_transient_fill(ame_vector_transient *transient, ame_vector *base,
                                         ame_vector *version);
ame_pure void ame__check_vector_transient(const ame_vector_transient *transient,
                                          const char *function);
ame_pure bool ame__vector_transient_is_outside(const ame_vector_transient *transient);
ame_pure size_t ame__vector_transient_nodes_made(const ame_vector_transient *transient);

/* Sets the element in place if the leaf is the transient's own. */
ame_pure bool ame__vector_set_in_place(ame_vector_transient *transient, size_t index,
                                       uint64_t value);

/* Pushes in place if the tail is the transient's own and has room. */
ame_pure bool ame__vector_push_in_place(ame_vector_transient *transient, uint64_t value);

/* Does the edit. */
ame_pure void ame__vector_transient_edit(ame_vector_transient *transient,
                                         struct ame__vector_edit *edit);

/* Writes the version's header. False: nothing was changed. `*shares`: the version is to be
 * put under the base. */
ame_pure bool ame__vector_transient_finish(ame_vector_transient *transient, bool *shares);

/* True: the memory of the transient itself is to be freed. */
ame_pure bool ame__vector_transient_end(ame_vector_transient *transient);

#endif
