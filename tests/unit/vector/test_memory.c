/* Each allocation failing in turn, leaks, and the steps in which large vectors are freed. */
#include "../map/live.h"
#include "shape.h"
#include <ame/error.h>

#include <string.h>

static ame_vector *numbers(size_t count) {
    ame_value *values = malloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = ame_int_value((int64_t)i);
    ame_vector *empty = ame_vector_new(), *vector = ame_vector_push_all(empty, values, count);
    ame_vector_release(empty);
    free(values);
    return vector;
}

static void check_numbers(const ame_vector *vector, size_t count) {
    ame_value value;
    cr_assert_eq(ame_vector_size(vector), count);
    for (size_t i = 0; i < count; i++)
        cr_assert(ame_vector_get(vector, i, &value) && value.integer == (int64_t)i);
    check_shape(vector);
}

typedef ame_vector *change_fn(ame_vector *vector);

static ame_vector *push(ame_vector *vector) {
    return ame_vector_push(vector, ame_int_value(-1));
}
static ame_vector *set_first(ame_vector *vector) {
    return ame_vector_set(vector, 0, ame_int_value(-1));
}
static ame_vector *set_last(ame_vector *vector) {
    return ame_vector_set(vector, ame_vector_size(vector) - 1, ame_int_value(-1));
}
static ame_vector *push_many(ame_vector *vector) {
    static const ame_value values[1200];
    return ame_vector_push_all(vector, values, 1200);
}

static ame_vector *twice(ame_vector *vector) {
    return ame_vector_concat(vector, vector);
}
static ame_vector *first_half(ame_vector *vector) {
    return ame_vector_slice(vector, 0, ame_vector_size(vector) / 2);
}
static ame_vector *all_but_the_last(ame_vector *vector) {
    return ame_vector_slice(vector, 0, ame_vector_size(vector) - 1);
}
static ame_vector *middle(ame_vector *vector) {
    return ame_vector_slice(vector, 1, ame_vector_size(vector) - 1);
}

/* The transient must stay usable after a change that failed. */
static ame_vector *in_place(ame_vector *vector) {
    ame_vector_transient *transient = ame_vector_transient_new(vector);
    size_t size = ame_vector_size(vector);
    ame_value value;
    for (int i = 0; transient && i < 200; i++) {
        size_t there = ame_vector_transient_size(transient), index = (size_t)i * 37 % there;
        int error = i % 3 == 0   ? ame_vector_transient_push(transient, ame_int_value(i))
                    : i % 3 == 1 ? ame_vector_transient_set(transient, index, ame_int_value(i))
                                 : ame_vector_transient_pop(transient);
        cr_assert(error == AME_OK || error == AME_ENOMEM);
        if (error == AME_OK)
            continue;
        cr_assert_eq(ame_vector_transient_size(transient), there);
        cr_assert(ame_vector_transient_get(transient, there - 1, &value));
        long left = allocations_left;
        allocations_left = -1;
        cr_assert_eq(ame_vector_transient_push(transient, ame_int_value(i)), AME_OK);
        ame_vector *sealed = ame_vector_transient_seal(transient);
        check_shape(sealed);
        ame_vector_release(sealed);
        allocations_left = left;
        return NULL;
    }
    cr_assert_eq(ame_vector_size(vector), size);
    return transient ? ame_vector_transient_seal(transient) : NULL;
}

/* Lets the change have 0, 1, 2 ... allocations until it succeeds. */
static void check_failures(change_fn *change, size_t size) {
    ame_vector *vector = numbers(size), *next = NULL;
    for (long allowed = 0; !next; allowed++) {
        live = 0;
        allocations_left = allowed;
        counting = true;
        next = change(vector);
        ame_vector_release(next);
        ame_map_reclaim(SIZE_MAX);
        counting = false;
        cr_assert_eq((int64_t)live, 0, "%ld pieces after %ld, size %zu", (long)live, allowed, size);
        check_numbers(vector, size);
    }
    ame_vector_release(vector);
    ame_map_reclaim(SIZE_MAX);
}

static const size_t sizes[] = {1, 31, 32, 33, 64, 65, 1024, 1056, 1057, 33000};

Test(vector_memory, failing_allocations) {
    static change_fn *const changes[] = {
        push,      set_first, set_last,   in_place,         ame_vector_pop,
        push_many, twice,     first_half, all_but_the_last, middle};
    for (int c = 0; c < 10; c++)
        for (int s = 0; s < 10; s++)
            check_failures(changes[c], sizes[s]);
}

Test(vector_memory, no_memory_for_an_empty_one) {
    allocations_left = 0;
    counting = true;
    ame_vector *vector = ame_vector_new();
    counting = false;
    cr_assert_eq(vector == NULL, !AME__ASAN);
    ame_vector_release(vector);
}

/* Versions that branch off each other and are given back in mixed order. */
Test(vector_memory, no_leak) {
    enum { VERSIONS = 60 };
    ame_vector *versions[VERSIONS];
    srand(5);
    for (int s = 0; s < 10; s++) {
        allocations_left = -1;
        live = 0;
        counting = true;
        versions[0] = numbers(sizes[s]);
        for (int v = 1; v < VERSIONS; v++) {
            ame_vector *from = versions[rand() % v];
            size_t size = ame_vector_size(from);
            int chance = size ? rand() % 4 : 0;
            if (chance == 3)
                versions[v] = push_many(from);
            else if (chance == 2)
                versions[v] = ame_vector_set(from, (size_t)rand() % size, ame_int_value(-v));
            else
                versions[v] = chance ? ame_vector_pop(from) : push(from);
        }
        for (int v = 0; v < VERSIONS; v++)
            ame_vector_release(versions[v * 7 % VERSIONS]);
        ame_map_reclaim(SIZE_MAX);
        counting = false;
        cr_assert_eq((int64_t)live, 0);
    }
}

Test(vector_memory, a_large_one_is_freed_in_steps) {
    if (AME__ASAN) /* where nothing is counted */
        return;
    ame_vector *large = numbers(100000), *small = numbers(1);
    live = 0;
    counting = true;
    ame_vector_release(large);
    int64_t at_once = -(int64_t)live;
    cr_assert(at_once > 10 && at_once < 1000, "%ld pieces", (long)at_once);
    for (int i = 0; i < 100; i++)
        ame_vector_release(ame_vector_push(small, ame_int_value(i)));
    cr_assert_leq(-(int64_t)live, 100000 / 32 + 110);
    cr_assert_geq(-(int64_t)live, 100000 / 32, "later releases free the rest");
    counting = false;
    ame_vector_release(small);
}
