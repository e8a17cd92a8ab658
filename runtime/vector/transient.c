/* transient.c - vectors under construction. Compiled with the plugin. Why changes in place need no
 * log, and when a block runs alone for them: map/transient.c. */
#include "vector/transient.h"
#include "vector/change.h"
#include <ame/error.h>

#include <stdlib.h>

/* Where the block that began it has committed; outside blocks, at once. */
static void is_committed(void *argument) {
    ame_vector_transient *transient = argument;
    if (transient->ended)
        free(transient);
    else
        transient->outside = true;
}

ame_vector_transient *ame_vector_transient_new(ame_vector *vector) {
    ame__check_vector(vector, "ame_vector_transient_new");
    ame_vector_transient *transient = malloc(sizeof *transient);
    ame_vector *version = ame__take_node(AME__VECTOR_HEADER_WORDS);
    if (!transient || !version) {
        free(transient);
        ame__drop_node(version);
        return NULL;
    }
    ame__vector_transient_fill(transient, ame_vector_retain(vector), version);
    ame_on_commit(is_committed, transient);
    return transient;
}

AME__ALWAYS_INLINE void may_use(const ame_vector_transient *transient, const char *function) {
    ame__check_vector_transient(transient, function);
    if (ame__vector_transient_is_outside(transient) && ame_in_block())
        ame_irrevocable();
}

/* Memory for what is planned, and the change. */
AME__ALWAYS_INLINE int change(ame_vector_transient *transient, struct ame__vector_edit *edit) {
    if (!ame__allocate_edit(edit))
        return AME_ENOMEM;
    ame__vector_transient_edit(transient, edit);
    uint32_t dropped = edit->dropped_count;
    for (uint32_t i = 0; i < dropped; i++)
        ame__drop_node(edit->dropped[i]);
    return AME_OK;
}

size_t ame_vector_transient_size(const ame_vector_transient *transient) {
    ame__check_vector_transient(transient, "ame_vector_transient_size");
    return ame__content_size(&transient->content);
}

bool ame_vector_transient_get(const ame_vector_transient *transient, size_t index,
                              ame_value *value) {
    may_use(transient, "ame_vector_transient_get");
    if (index >= ame__content_size(&transient->content))
        return false;
    if (value)
        value->integer = (int64_t)ame__vector_word(&transient->content, index);
    return true;
}

int ame_vector_transient_set(ame_vector_transient *transient, size_t index, ame_value value) {
    may_use(transient, "ame_vector_transient_set");
    struct ame__vector_edit edit;
    if (index >= ame__content_size(&transient->content))
        return AME_ENOENT;
    if (ame__vector_set_in_place(transient, index, (uint64_t)value.integer))
        return AME_OK;
    ame__plan_vector_set(&edit, &transient->content, &transient->base->content, index,
                         (uint64_t)value.integer);
    return change(transient, &edit);
}

int ame_vector_transient_push(ame_vector_transient *transient, ame_value value) {
    may_use(transient, "ame_vector_transient_push");
    struct ame__vector_edit edit;
    if (ame__vector_push_in_place(transient, (uint64_t)value.integer))
        return AME_OK;
    ame__plan_vector_push(&edit, &transient->content, &transient->base->content,
                          (uint64_t)value.integer);
    return change(transient, &edit);
}

int ame_vector_transient_pop(ame_vector_transient *transient) {
    may_use(transient, "ame_vector_transient_pop");
    struct ame__vector_edit edit;
    if (!ame__content_size(&transient->content))
        return AME_ENOENT;
    ame__plan_vector_pop(&edit, &transient->content, &transient->base->content);
    return change(transient, &edit);
}

ame_vector *ame_vector_transient_seal(ame_vector_transient *transient) {
    may_use(transient, "ame_vector_transient_seal");
    ame_vector *base = transient->base, *version = transient->version;
    size_t made = 2 * ame__vector_transient_nodes_made(transient);
    bool shares;
    if (ame__vector_transient_finish(transient, &shares)) {
        ame_ref_init(&version->version.references);
        if (shares)
            ame__adopt(&base->version, &version->version);
        ame_vector_release(base);
    } else {
        ame__give_node(version, AME__VECTOR_HEADER_WORDS);
        version = base;
    }
    if (ame__vector_transient_end(transient))
        free(transient);
    ame_map_reclaim(made); /* who makes nodes frees as many that wait */
    return version;
}

static void drop(void *argument) {
    ame_vector_transient *transient = argument;
    ame__vector_free_only_in(&transient->content, &transient->base->content);
    ame_vector_release(transient->base);
    ame__give_node(transient->version, AME__VECTOR_HEADER_WORDS);
    ame__vector_transient_end(transient);
    free(transient);
}

void ame_vector_transient_drop(ame_vector_transient *transient) {
    if (!transient)
        return;
    ame__check_vector_transient(transient, "ame_vector_transient_drop");
    ame_on_commit(drop, transient);
}
