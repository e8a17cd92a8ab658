/* whole.c - functions of many elements, by a transient that only they see. Compiled with the
 * plugin. */
#include "vector/change.h"
#include <ame/error.h>

static ame_vector *seal_or_drop(ame_vector_transient *result, int error) {
    if (result && !error)
        return ame_vector_transient_seal(result);
    ame_vector_transient_drop(result);
    return NULL;
}

ame_vector *ame_vector_push_all(ame_vector *vector, const ame_value *values, size_t count) {
    ame_vector_transient *result = ame_vector_transient_new(vector);
    int error = 0;
    for (size_t i = 0; result && i < count && !error; i++)
        error = ame_vector_transient_push(result, values[i]);
    return seal_or_drop(result, error);
}

static ame_vector *with_range(ame_vector *vector, const ame_vector *from, size_t begin,
                              size_t end) {
    ame_vector_transient *result = ame_vector_transient_new(vector);
    ame_vector_iterator iterator;
    ame_value value;
    int error = 0;
    ame_vector_iterate(from, begin, end, &iterator);
    while (result && !error && ame_vector_next(&iterator, &value))
        error = ame_vector_transient_push(result, value);
    return seal_or_drop(result, error);
}

ame_vector *ame_vector_concat(ame_vector *front, ame_vector *back) {
    ame__check_vector(front, "ame_vector_concat");
    ame__check_vector(back, "ame_vector_concat");
    size_t size = ame_vector_size(back);
    return ame_vector_size(front) ? with_range(front, back, 0, size) : ame_vector_retain(back);
}

static ame_vector *without_last(ame_vector *vector, size_t count) {
    ame_vector_transient *result = ame_vector_transient_new(vector);
    int error = 0;
    for (; result && count && !error; count--)
        error = ame_vector_transient_pop(result);
    return seal_or_drop(result, error);
}

ame_vector *ame_vector_slice(ame_vector *vector, size_t begin, size_t end) {
    ame__check_vector(vector, "ame_vector_slice");
    size_t size = ame_vector_size(vector);
    end = end < size ? end : size;
    begin = begin < end ? begin : end;
    if (!begin && size - end <= end)
        return without_last(vector, size - end);
    ame_vector *empty = ame_vector_new();
    ame_vector *slice = empty ? with_range(empty, vector, begin, end) : NULL;
    ame_vector_release(empty);
    return slice;
}
