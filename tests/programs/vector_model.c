/* Everything that a block can do with vectors, at random, against arrays: see model.h. */
#include "check.h"

enum { SLOTS = 5, MOST_STEPS = 6, LONGEST = 1200, BATCH = 70 };

typedef ame_vector structure;

struct reference {
    size_t size;
    int16_t values[LONGEST];
};

enum kind {
    PUSH,
    POP,
    SET,
    COPY,
    PUSH_ALL,
    CONCAT,
    SLICE,
    CHANGE_IN_TRANSIENT, /* those above make a version, where it would not be too long */
    DROP_TRANSIENT,
    READ,
    WALK,
    COMPARE,
    KINDS
};

struct step {
    int kind, to, from, other, third;
    uint64_t random;
};

/* ---- what model.h needs ---- */

static ame_vector *new_one(void) {
    return ame_vector_new();
}
static ame_vector *retain(ame_vector *vector) {
    return ame_vector_retain(vector);
}
static void release(ame_vector *vector) {
    ame_vector_release(vector);
}

static void check_part(ame_vector *vector, const struct reference *reference, size_t begin,
                       size_t end) {
    ame_vector_iterator iterator;
    ame_value value;
    size_t i = begin;
    ame_vector_iterate(vector, begin, end, &iterator);
    for (; ame_vector_next(&iterator, &value); i++)
        CHECK(i < reference->size && value.integer == reference->values[i]);
    size_t last = end < reference->size ? end : reference->size;
    CHECK(i == (last < begin ? begin : last));
}

static void check_all(ame_vector *vector, const struct reference *reference) {
    CHECK(ame_vector_size(vector) == reference->size);
    check_part(vector, reference, 0, SIZE_MAX);
}

static void check_index(ame_vector *vector, const struct reference *reference, size_t i) {
    ame_value value = {.integer = -1};
    CHECK(ame_vector_get(vector, i, &value) == (i < reference->size));
    CHECK(value.integer == (i < reference->size ? reference->values[i] : -1));
}

/* ---- the model's side of a step ---- */

static int value_at(const struct step *step, size_t n) {
    return (int)(((step->random >> 8) + n * 5) % 90);
}
static size_t changes_in(const struct step *step) {
    return 1 + (step->random >> 16) % BATCH;
}
static size_t index_in(const struct step *step, size_t n, size_t size) {
    return (step->random >> 20) * (n + 1) % (size + 1); /* one of them lies beyond the end */
}

enum change { CHANGE_PUSH, CHANGE_POP, CHANGE_SET };

static enum change change_at(const struct step *step, size_t n) {
    uint64_t chance = (step->random >> 40) + n * 7;
    return step->random & 1 ? (enum change)(chance % 3) : chance % 4 ? CHANGE_PUSH : CHANGE_POP;
}

static bool fits(const struct step *step, const struct reference *state) {
    size_t size = state[step->from].size;
    switch (step->kind) {
    case POP:
        return size > 0;
    case SET:
        return index_in(step, 0, size) < size;
    case CONCAT:
        return size + state[step->other].size <= LONGEST;
    case PUSH:
    case PUSH_ALL:
    case CHANGE_IN_TRANSIENT:
        return size + changes_in(step) <= LONGEST;
    default:
        return step->kind < CHANGE_IN_TRANSIENT;
    }
}

static void append(struct reference *to, const int16_t *values, size_t count) {
    memcpy(to->values + to->size, values, count * sizeof *values);
    to->size += count;
}

static void model_change(const struct step *step, size_t n, struct reference *to) {
    size_t index = index_in(step, n, to->size);
    enum change change = change_at(step, n);
    if (change == CHANGE_PUSH)
        append(to, &(int16_t){(int16_t)value_at(step, n)}, 1);
    else if (change == CHANGE_POP)
        to->size -= to->size > 0;
    else if (index < to->size)
        to->values[index] = (int16_t)value_at(step, n);
}

static void model_slice(const struct step *step, struct reference *to) {
    size_t begin = step->random & 1 ? 0 : index_in(step, 0, to->size);
    size_t end = index_in(step, 1, to->size);
    to->size = end > begin ? end - begin : 0;
    memmove(to->values, to->values + begin, to->size * sizeof *to->values);
}

static void model_step(const struct step *step, struct reference *state) {
    struct reference other = state[step->other], *to = &state[step->to];
    if (!fits(step, state))
        return;
    if (to != &state[step->from])
        *to = state[step->from];
    if (step->kind == PUSH)
        append(to, &(int16_t){(int16_t)value_at(step, 0)}, 1);
    else if (step->kind == POP)
        to->size--;
    else if (step->kind == SET)
        to->values[index_in(step, 0, to->size)] = (int16_t)value_at(step, 0);
    else if (step->kind == CONCAT)
        append(to, other.values, other.size);
    else if (step->kind == SLICE)
        model_slice(step, to);
    else if (step->kind == PUSH_ALL)
        for (size_t n = 0; n < changes_in(step); n++)
            append(to, &(int16_t){(int16_t)value_at(step, n)}, 1);
    else if (step->kind == CHANGE_IN_TRANSIENT)
        for (size_t n = 0; n < changes_in(step); n++)
            model_change(step, n, to);
}

/* ---- the vector's side ---- */

static void change(const struct step *step, size_t n, ame_vector_transient *transient) {
    ame_value value = ame_int_value(value_at(step, n)), found;
    size_t size = ame_vector_transient_size(transient), index = index_in(step, n, size);
    switch (change_at(step, n)) {
    case CHANGE_PUSH:
        CHECK(!ame_vector_transient_push(transient, value));
        CHECK(ame_vector_transient_size(transient) == size + 1);
        break;
    case CHANGE_POP:
        CHECK(ame_vector_transient_pop(transient) == (size ? AME_OK : AME_ENOENT));
        break;
    case CHANGE_SET:
        CHECK(ame_vector_transient_set(transient, index, value) ==
              (index < size ? AME_OK : AME_ENOENT));
        CHECK(ame_vector_transient_get(transient, index, &found) == (index < size));
        CHECK(index >= size || found.integer == value.integer);
    }
}

static ame_vector *change_in_transient(const struct step *step, ame_vector *vector) {
    ame_vector_transient *transient = ame_vector_transient_new(vector);
    CHECK(transient);
    for (size_t n = 0; n < changes_in(step); n++)
        change(step, n, transient);
    if (step->kind == CHANGE_IN_TRANSIENT)
        return ame_vector_transient_seal(transient);
    ame_vector_transient_drop(transient);
    return NULL;
}

static ame_vector *push_all(const struct step *step, ame_vector *vector) {
    ame_value values[BATCH];
    for (size_t n = 0; n < changes_in(step); n++)
        values[n] = ame_int_value(value_at(step, n));
    return ame_vector_push_all(vector, values, changes_in(step));
}

static ame_vector *made_by(const struct step *step, ame_vector **vectors) {
    ame_vector *from = vectors[step->from];
    size_t size = ame_vector_size(from);
    ame_value value = ame_int_value(value_at(step, 0));
    switch (step->kind) {
    case PUSH:
        return ame_vector_push(from, value);
    case POP:
        return ame_vector_pop(from);
    case SET:
        return ame_vector_set(from, index_in(step, 0, size), value);
    case COPY:
        return ame_vector_retain(from);
    case PUSH_ALL:
        return push_all(step, from);
    case CONCAT:
        return ame_vector_concat(from, vectors[step->other]);
    case SLICE:
        return ame_vector_slice(from, step->random & 1 ? 0 : index_in(step, 0, size),
                                index_in(step, 1, size));
    default:
        return change_in_transient(step, from);
    }
}

static void look(const struct step *step, ame_vector **vectors, const struct reference *before) {
    const struct reference *from = &before[step->from], *other = &before[step->other];
    size_t begin = index_in(step, 0, from->size);
    if (step->kind == WALK)
        check_part(vectors[step->from], from, begin, begin + changes_in(step));
    else if (step->kind == READ)
        for (size_t i = 0; i <= from->size; i++)
            check_index(vectors[step->from], from, i);
    else if (step->kind == COMPARE)
        CHECK(ame_vector_equal(vectors[step->from], vectors[step->other]) ==
              (from->size == other->size &&
               !memcmp(from->values, other->values, from->size * sizeof *from->values)));
    else if (step->kind == DROP_TRANSIENT)
        change_in_transient(step, vectors[step->from]);
    else if (step->kind == POP && !from->size)
        CHECK(!ame_vector_pop(vectors[step->from]));
}

static void run_step(const struct step *step, ame_vector **vectors, const struct reference *before,
                     const struct reference *after) {
    if (fits(step, before)) {
        ame_vector *made = made_by(step, vectors);
        CHECK(made);
        ame_vector_release(vectors[step->to]);
        vectors[step->to] = made;
    } else {
        look(step, vectors, before);
    }
    CHECK(ame_vector_size(vectors[step->to]) == after[step->to].size);
    for (size_t n = 0; n < 4; n++)
        check_index(vectors[step->to], &after[step->to], index_in(step, n, after[step->to].size));
}

#include "model.h"

int main(int argc, char **argv) {
    uint64_t seed = seed_of(argc, argv);
    run_model(1, STEPS(6000), seed);
    run_model(THREADS, STEPS(4000), seed + 10);
    return finish(0);
}
