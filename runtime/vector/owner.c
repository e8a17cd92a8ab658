/* owner.c - what a transient owns: the pure part of transient.c. */
#include "base/diag.h"
#include "vector/transient.h"

void ame__vector_transient_fill(ame_vector_transient *transient, ame_vector *base,
                                ame_vector *version) {
    *transient = (ame_vector_transient){
        .base = base, .version = version, .seal = AME__OPEN_VECTOR, .content = base->content};
}

static AME__COLD void not_open(const ame_vector_transient *transient, const char *function) {
    ame__die("%s: %p is no transient, or one that was sealed or dropped; begin another one",
             function, (const void *)transient);
}

void ame__check_vector_transient(const ame_vector_transient *transient, const char *function) {
    if (AME__UNLIKELY(!transient || transient->seal != AME__OPEN_VECTOR))
        not_open(transient, function);
}

bool ame__vector_transient_is_outside(const ame_vector_transient *transient) {
    return transient->outside;
}

size_t ame__vector_transient_nodes_made(const ame_vector_transient *transient) {
    return transient->nodes_made;
}

bool ame__vector_set_in_place(ame_vector_transient *transient, size_t index, uint64_t value) {
    uint64_t *leaf = (uint64_t *)ame__vector_leaf(&transient->content, index);
    uint64_t *word = &leaf[index % AME__VECTOR_WIDTH];
    if (*word == value)
        return true;
    if (leaf == ame__vector_node(&transient->base->content, 0, index >> AME__VECTOR_BITS))
        return false;
    *word = value;
    return true;
}

bool ame__vector_push_in_place(ame_vector_transient *transient, uint64_t value) {
    struct ame__content *content = &transient->content;
    size_t leaves = ame__leaves(content), used = content->size - leaves * AME__VECTOR_WIDTH;
    if (!used || used == AME__VECTOR_WIDTH ||
        content->tail == ame__vector_node(&transient->base->content, 0, leaves))
        return false;
    content->tail[used] = value;
    content->size++;
    return true;
}

void ame__vector_transient_edit(ame_vector_transient *transient, struct ame__vector_edit *edit) {
    ame__fill_vector(edit);
    transient->content = edit->after;
    transient->nodes_made += edit->changes[0].words != 0;
    for (uint32_t level = edit->lowest; level < edit->count; level++)
        transient->nodes_made += edit->changes[level].words != 0;
}

bool ame__vector_transient_finish(ame_vector_transient *transient, bool *shares) {
    const struct ame__content *content = &transient->content, *base = &transient->base->content;
    *shares = content->size && base->size;
    if (content->size == base->size && content->root == base->root && content->tail == base->tail)
        return false;
    ame__vector_fill(transient->version, *shares ? transient->base : NULL, content);
    return true;
}

bool ame__vector_transient_end(ame_vector_transient *transient) {
    transient->seal = 0;
    transient->ended = true;
    return transient->outside;
}
