/* transient.h - the inside of a transient. It is one thread's own, so pure code reads and
 * writes it; see transient.c for what a block must heed. */
#ifndef AME_MAP_TRANSIENT_H
#define AME_MAP_TRANSIENT_H

#include "map/edit.h"
#include "map/replaced.h"

struct ame_transient {
    ame_map *base ame_immutable;    /* a reference */
    ame_map *version ame_immutable; /* memory for what it becomes: sealing must not fail */
    uint64_t seal;                  /* AME__OPEN until it ends */
    size_t size;
    struct ame__cell root;
    struct ame__keys keys;
    size_t nodes_made;
    struct ame__replacing replacing;
    bool outside; /* not begun in a block that still runs */
    bool ended;   /* in the block that began it */
};

#define AME__OPEN UINT64_C(0x616d655f6f70656e)

ame_pure void ame__transient_fill(struct ame_transient *transient, ame_map *base, ame_map *version);
/* Whether it was begun outside the block that runs; ends the program if it is no transient. */
ame_pure bool ame__check_transient(const struct ame_transient *transient, const char *function);
ame_pure size_t ame__transient_count(const struct ame_transient *transient);
ame_pure size_t ame__transient_nodes_made(const struct ame_transient *transient);

/* How many nodes from the root down `path` are the transient's own. */
ame_pure uint32_t ame__own_levels(const struct ame_transient *transient,
                                  const struct ame__path *path, const struct ame__hashes *hashes);

/* Sets a key of one word without a plan: in nodes that are the transient's own, or, if the base has
 * the key, in copies of the base's. False: nothing was done, as it is no such key or node, as it
 * needs more than one new node, or any if it must not allocate (in blocks), or memory. */
ame_pure bool ame__set_own_word(struct ame_transient *transient, uint64_t key, uint64_t value,
                                bool allocates);

/* The same for a text, outside blocks. */
ame_pure bool ame__set_own_text(struct ame_transient *transient, const char *text, uint64_t value);

/* Sets the value in place if the node at the end of `path` is the transient's own. */
ame_pure bool ame__replace_value(const struct ame__path *path, const uint64_t *found,
                                 uint64_t value, uint32_t own);

/* Does the edit; `grows` is 1, 0 or -1. */
ame_pure void ame__transient_edit(struct ame_transient *transient, const struct ame__edit *edit,
                                  int grows);

/* What of the base the edit has replaced; outside blocks. In a block all is forgotten. */
ame_pure void ame__note_replaced_path(struct ame_transient *transient, const struct ame__path *path,
                                      uint32_t own);
ame_pure void ame__note_nothing(struct ame_transient *transient);

/* What of the entry's key stands outside the nodes, if the base does not have the very same;
 * or NULL. */
ame_pure void *ame__own_outside(const struct ame_transient *transient, const uint64_t *entry);

/* Writes the version's header. False: nothing was changed. `*shares`: the version is to be
 * put under the base. */
ame_pure bool ame__transient_finish(struct ame_transient *transient, bool *shares);

/* True: the memory of the transient itself is to be freed. */
ame_pure bool ame__transient_end(struct ame_transient *transient);

#endif
