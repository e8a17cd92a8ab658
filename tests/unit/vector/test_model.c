/* Random operations on many versions at once, each compared with a plain array. */
#include "shape.h"
#include <ame/error.h>

#include <stdlib.h>
#include <string.h>

enum { VERSIONS = 10, STEPS = 4000, LARGEST = 36000 };

struct version {
    ame_vector *vector;
    size_t size;
    int64_t *values;
};

static struct version versions[VERSIONS];
static uint64_t random_state = 7;
static int64_t next_value = 1;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

/* Where the tail fills up, where the trie gets its first node, a level more, another one. */
static size_t some_size(void) {
    static const size_t around[] = {0, 1, 32, 64, 1024, 1056, 1088, 2080, 32768, 32800, 33824};
    size_t size = around[draw(11)];
    return draw(3) ? size + draw(3) - (size > 2 ? draw(3) : 0) : draw(2000);
}

static void check_all(const struct version *v) {
    ame_vector_iterator iterator;
    ame_value value;
    size_t begin = draw((uint32_t)v->size + 2), end = begin + draw((uint32_t)v->size + 40);
    check_shape(v->vector);
    cr_assert_eq(ame_vector_size(v->vector), v->size);
    ame_vector_iterate(v->vector, begin, end, &iterator);
    for (size_t i = begin; i < end && i < v->size; i++)
        cr_assert(ame_vector_next(&iterator, &value) && value.integer == v->values[i]);
    cr_assert_not(ame_vector_next(&iterator, &value));
    for (size_t i = 0; i < v->size; i++)
        cr_assert(ame_vector_get(v->vector, i, &value) && value.integer == v->values[i]);
    cr_assert_not(ame_vector_get(v->vector, v->size, &value));
}

static void check_some(const struct version *v) {
    ame_value value;
    cr_assert_eq(ame_vector_size(v->vector), v->size);
    for (int looks = 0; looks < 8 && v->size; looks++) {
        size_t i = looks < 2 ? v->size - 1 : draw((uint32_t)v->size);
        cr_assert(ame_vector_get(v->vector, i, &value) && value.integer == v->values[i]);
    }
}

/* A version made of `from`, with an array of its own. */
static struct version copy(const struct version *from, size_t room) {
    struct version next = {NULL, from->size, malloc((room + 1) * sizeof(int64_t))};
    memcpy(next.values, from->values, from->size * sizeof(int64_t));
    return next;
}

static struct version change_one(const struct version *from) {
    struct version next = copy(from, from->size + 1);
    uint32_t chance = draw(from->size ? 3 : 1);
    if (chance == 0) {
        next.values[next.size++] = next_value;
        next.vector = ame_vector_push(from->vector, ame_int_value(next_value++));
    } else if (chance == 1) {
        next.size--;
        next.vector = ame_vector_pop(from->vector);
    } else {
        size_t i = draw((uint32_t)from->size);
        next.values[i] = next_value;
        next.vector = ame_vector_set(from->vector, i, ame_int_value(next_value++));
    }
    return next;
}

static struct version resize(const struct version *from, size_t size) {
    struct version next = copy(from, size > from->size ? size : from->size);
    for (size_t i = from->size; i < size; i++)
        next.values[i] = next_value++;
    if (size >= from->size) {
        next.vector = ame_vector_push_all(from->vector, (const ame_value *)next.values + from->size,
                                          size - from->size);
    } else {
        ame_vector_transient *transient = ame_vector_transient_new(from->vector);
        while (ame_vector_transient_size(transient) > size)
            cr_assert_eq(ame_vector_transient_pop(transient), AME_OK);
        next.vector = ame_vector_transient_seal(transient);
    }
    next.size = size;
    return next;
}

static struct version concat(const struct version *from, const struct version *back) {
    struct version next = copy(from, from->size + back->size);
    memcpy(next.values + from->size, back->values, back->size * sizeof(int64_t));
    next.size += back->size;
    next.vector = ame_vector_concat(from->vector, back->vector);
    return next;
}

/* Of the whole, of an end, of the beginning, of something in between, or of nothing. */
static struct version slice(const struct version *from) {
    size_t begin = draw(2) ? 0 : draw((uint32_t)from->size + 2);
    size_t end = draw(3) ? draw((uint32_t)from->size + 40) : from->size - draw(3);
    size_t size = from->size, stop = end < size ? end : size;
    struct version next = {ame_vector_slice(from->vector, begin, end), 0,
                           calloc(size + 1, sizeof(int64_t))};
    for (size_t i = begin; i < stop; i++)
        next.values[next.size++] = from->values[i];
    return next;
}

/* In place, up and down over the ends of leaves and levels. */
static struct version change_many(const struct version *from) {
    struct version next = copy(from, LARGEST + 5000);
    ame_vector_transient *transient = ame_vector_transient_new(from->vector);
    for (uint32_t runs = 1 + draw(6); runs > 0; runs--) {
        uint32_t kind = draw(3), length = draw(90);
        for (; length > 0; length--) {
            ame_value value = ame_int_value(next_value++);
            size_t i = next.size ? draw((uint32_t)next.size) : 0;
            if (kind == 0) {
                cr_assert_eq(ame_vector_transient_push(transient, value), AME_OK);
                next.values[next.size++] = value.integer;
            } else if (kind == 1) {
                int expected = next.size ? AME_OK : AME_ENOENT;
                cr_assert_eq(ame_vector_transient_pop(transient), expected);
                next.size -= next.size != 0;
            } else {
                int expected = next.size ? AME_OK : AME_ENOENT;
                cr_assert_eq(ame_vector_transient_set(transient, i, value), expected);
                if (next.size)
                    next.values[i] = value.integer;
            }
        }
        ame_value value;
        size_t i = next.size ? draw((uint32_t)next.size) : 0;
        cr_assert_eq(ame_vector_transient_get(transient, i, &value), next.size != 0);
        if (next.size)
            cr_assert_eq(value.integer, next.values[i]);
    }
    cr_assert_eq(ame_vector_transient_size(transient), next.size);
    if (draw(6)) {
        next.vector = ame_vector_transient_seal(transient);
        return next;
    }
    ame_vector_transient_drop(transient);
    free(next.values);
    next = copy(from, from->size);
    next.vector = ame_vector_retain(from->vector);
    return next;
}

static void put(struct version *to, struct version next) {
    cr_assert_not_null(next.vector);
    ame_vector_release(to->vector);
    free(to->values);
    *to = next;
    check_some(to);
}

/* The next version comes from any old one and takes any other's place, itself included. */
Test(vector_model, versions_against_arrays, .timeout = 200) {
    for (int v = 0; v < VERSIONS; v++)
        versions[v] = (struct version){ame_vector_new(), 0, calloc(1, sizeof(int64_t))};
    for (int step = 0; step < STEPS; step++) {
        struct version *from = &versions[draw(VERSIONS)];
        struct version *to = draw(2) ? from : &versions[draw(VERSIONS)];
        uint32_t chance = draw(100);
        if (chance < 60)
            put(to, change_one(from));
        else if (chance < 90)
            put(to, change_many(from));
        else if (chance < 94)
            put(to, concat(from, &versions[draw(VERSIONS)]));
        else if (chance < 97)
            put(to, slice(from));
        else
            put(to, resize(from, some_size()));
        if (to->size > LARGEST)
            put(to, resize(to, some_size()));
        if (step % 400 == 0)
            for (int v = 0; v < VERSIONS; v++)
                check_all(&versions[v]);
        else if (step % 10 == 0)
            check_all(to);
    }
    for (int v = 0; v < VERSIONS; v++) {
        check_all(&versions[v]);
        ame_vector_release(versions[v].vector);
        free(versions[v].values);
    }
    ame_map_reclaim(SIZE_MAX);
}

/* ---- basics ---- */

Test(vector, an_empty_one) {
    ame_vector *empty = ame_vector_new();
    ame_value value;
    cr_assert_eq(ame_vector_size(empty), 0);
    cr_assert_not(ame_vector_get(empty, 0, &value));
    cr_assert_null(ame_vector_pop(empty));
    cr_assert_null(ame_vector_set(empty, 0, ame_int_value(1)));
    ame_vector_release(empty);
    ame_vector_release(NULL);
}

static ame_vector *numbers(size_t count) {
    ame_vector *vector = ame_vector_new();
    for (size_t i = 0; i < count; i++) {
        ame_vector *next = ame_vector_push(vector, ame_int_value((int64_t)i));
        ame_vector_release(vector);
        vector = next;
    }
    return vector;
}

Test(vector, what_makes_no_difference_gives_the_same_version) {
    ame_vector *vector = numbers(100);
    ame_vector *same = ame_vector_set(vector, 50, ame_int_value(50));
    cr_assert_eq(same, vector);
    ame_vector_release(same);
    same = ame_vector_transient_seal(ame_vector_transient_new(vector));
    cr_assert_eq(same, vector);
    ame_vector_release(same);
    ame_vector_release(vector);
}

Test(vector, equality_is_of_elements) {
    static const size_t sizes[] = {0, 1, 32, 33, 1056, 1057, 2000};
    for (int s = 0; s < 7; s++) {
        size_t size = sizes[s];
        ame_vector *one = numbers(size), *other = numbers(size), *longer = numbers(size + 1);
        cr_assert(ame_vector_equal(one, other) && ame_vector_equal(one, one));
        cr_assert_not(ame_vector_equal(one, longer));
        for (size_t i = 0; i < size; i += size / 7 + 1) {
            ame_vector *changed = ame_vector_set(one, i, ame_int_value(-1));
            cr_assert_not(ame_vector_equal(one, changed));
            cr_assert_not(ame_vector_equal(changed, other));
            ame_vector_release(changed);
        }
        ame_vector_release(one);
        ame_vector_release(other);
        ame_vector_release(longer);
    }
}

/* A set replaces the path and nothing else; a pop only the header. */
Test(vector, versions_share_what_they_can) {
    ame_vector *vector = numbers(5000), *changed = ame_vector_set(vector, 40, ame_int_value(-1));
    for (size_t k = 0; k < ame__leaves(&vector->content); k++)
        cr_assert_eq(ame__vector_node(&vector->content, 0, k) ==
                         ame__vector_node(&changed->content, 0, k),
                     k != 1);
    ame_vector *shorter = ame_vector_pop(vector);
    cr_assert(shorter->content.root == vector->content.root &&
              shorter->content.tail == vector->content.tail);
    ame_vector_release(changed);
    ame_vector_release(shorter);
    ame_vector_release(vector);
}
