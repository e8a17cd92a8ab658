/* vector.c - the public functions of ame_vector. Compiled with the plugin: in blocks they run as
 * their twins, where malloc, free and the counts act with the block; what is in the memory is read
 * and written by pure code, as it never changes or nobody else has seen it.
 *
 * A vector of 71 elements: leaves 0 and 1 are full and in the trie, leaf 2 is the tail.
 *
 *     header  | size 71 | root | tail |
 *                           |      '-------> | 64 ... 70 |
 *                           v
 *     level 1         | leaf 0 | leaf 1 |
 *                          |        '------> | 32 ... 63 |
 *                          '---------------> | 0 ... 31 |
 *
 * set(40, x) copies leaf 1, level 1 and the header; set(70, x), push and pop the tail or nothing,
 * and the header. When the tail is full the next push hangs it into the trie; when it is empty a
 * pop takes the trie's last leaf for it. */
#include "vector/change.h"

static ame_vector *new_vector(const struct ame__content *content, ame_vector *parent) {
    ame_vector *vector = ame__take_node(AME__VECTOR_HEADER_WORDS);
    if (!vector)
        return NULL;
    ame__vector_fill(vector, parent, content);
    ame_ref_init(&vector->version.references);
    return vector;
}

ame_vector *ame_vector_new(void) {
    struct ame__content none = {0, NULL, NULL};
    return new_vector(&none, NULL);
}

ame_vector *ame_vector_retain(ame_vector *vector) {
    ame__check_vector(vector, "ame_vector_retain");
    ame_ref_retain(&vector->version.references);
    return vector;
}

void ame_vector_release(ame_vector *vector) {
    if (!vector)
        return;
    ame__check_vector(vector, "ame_vector_release");
    ame_ref_release(&vector->version.references, ame__destroy_version);
}

size_t ame_vector_size(const ame_vector *vector) {
    ame__check_vector(vector, "ame_vector_size");
    return ame__content_size(&vector->content);
}

bool ame_vector_get(const ame_vector *vector, size_t index, ame_value *value) {
    ame__check_vector(vector, "ame_vector_get");
    const struct ame__content *content = &vector->content;
    if (index >= ame__content_size(content))
        return false;
    if (value)
        value->integer = (int64_t)ame__vector_word(content, index);
    return true;
}

/* ---- new versions ---- */

AME__ALWAYS_INLINE ame_vector *make_version(ame_vector *vector, struct ame__vector_edit *edit,
                                            bool shares) {
    ame_vector *version = ame__take_node(AME__VECTOR_HEADER_WORDS);
    if (!version)
        return NULL;
    if (!ame__allocate_edit(edit)) {
        ame__give_node(version, AME__VECTOR_HEADER_WORDS);
        return NULL;
    }
    ame__fill_vector(edit);
    ame__vector_fill(version, shares ? vector : NULL, &edit->after);
    ame_ref_init(&version->version.references);
    if (shares)
        ame__adopt(&vector->version, &version->version);
    return version;
}

ame_vector *ame_vector_set(ame_vector *vector, size_t index, ame_value value) {
    ame__check_vector(vector, "ame_vector_set");
    const struct ame__content *content = &vector->content;
    struct ame__vector_edit edit;
    if (index >= ame__content_size(content))
        return NULL;
    if (ame__vector_word(content, index) == (uint64_t)value.integer)
        return ame_vector_retain(vector);
    ame__plan_vector_set(&edit, content, NULL, index, (uint64_t)value.integer);
    return make_version(vector, &edit, true);
}

ame_vector *ame_vector_push(ame_vector *vector, ame_value value) {
    ame__check_vector(vector, "ame_vector_push");
    const struct ame__content *content = &vector->content;
    struct ame__vector_edit edit;
    ame__plan_vector_push(&edit, content, NULL, (uint64_t)value.integer);
    return make_version(vector, &edit, ame__content_size(content));
}

ame_vector *ame_vector_pop(ame_vector *vector) {
    ame__check_vector(vector, "ame_vector_pop");
    const struct ame__content *content = &vector->content;
    struct ame__vector_edit edit;
    size_t size = ame__content_size(content);
    if (!size)
        return NULL;
    ame__plan_vector_pop(&edit, content, NULL);
    return make_version(vector, &edit, size > 1);
}

bool ame_vector_equal(const ame_vector *one, const ame_vector *other) {
    ame__check_vector(one, "ame_vector_equal");
    ame__check_vector(other, "ame_vector_equal");
    return ame__same_content(&one->content, &other->content);
}

/* ---- iteration ---- */

void ame_vector_iterate(const ame_vector *vector, size_t begin, size_t end,
                        ame_vector_iterator *iterator) {
    ame__check_vector(vector, "ame_vector_iterate");
    size_t size = ame__content_size(&vector->content);
    end = end < size ? end : size;
    iterator->vector = vector;
    iterator->index = begin;
    iterator->end = end;
    iterator->leaf = begin < end ? ame__vector_leaf(&vector->content, begin) : NULL;
}

bool ame_vector_next(ame_vector_iterator *iterator, ame_value *value) {
    size_t index = iterator->index;
    if (index >= iterator->end)
        return false;
    value->integer = (int64_t)ame__leaf_word(iterator->leaf, index);
    iterator->index = ++index;
    if (index % AME__VECTOR_WIDTH == 0 && index < iterator->end)
        iterator->leaf = ame__vector_leaf(&iterator->vector->content, index);
    return true;
}
