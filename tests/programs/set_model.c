/* Everything that a block can do with sets, at random, against arrays: see model.h. */
#include "check.h"

enum { SLOTS = 5, MOST_STEPS = 6, KEYS = 200, BATCH = 80 };

typedef ame_set structure;

struct reference {
    size_t size;
    bool has[KEYS];
};

enum kind {
    ADD,
    REMOVE,
    COPY,
    CHANGE_IN_TRANSIENT,
    UNION,
    INTERSECTION,
    WITHOUT, /* those above make a version */
    READ,
    WALK,
    DROP_TRANSIENT,
    DIFFER,
    COMPARE,
    KINDS
};

struct step {
    int kind, to, from, other, third;
    uint64_t random;
};

/* ---- keys ---- */

static enum ame_key_type type;
static char texts[KEYS][40];
/* Nodes hold the second kind, and some of the third. */
static const char *const ends[] = {" with a long text behind it", "", " as long as just fits"};

static ame_key key_of(int i) {
    return type == AME_KEY_STRING ? ame_string_key(texts[i]) : ame_int_key(i * 7 - KEYS);
}

static int index_of(ame_key key) {
    int64_t i = 0;
    if (type == AME_KEY_STRING)
        for (const char *digit = key.string; *digit >= '0' && *digit <= '9'; digit++)
            i = i * 10 + *digit - '0';
    else
        i = (key.integer + KEYS) / 7;
    CHECK(i >= 0 && i < KEYS);
    return (int)i;
}

/* ---- what model.h needs ---- */

static ame_set *new_one(void) {
    return ame_set_new(type);
}
static ame_set *retain(ame_set *set) {
    return ame_set_retain(set);
}
static void release(ame_set *set) {
    ame_set_release(set);
}

static void check_all(ame_set *set, const struct reference *reference) {
    ame_set_iterator iterator;
    ame_key key;
    size_t entries = 0;
    CHECK(ame_set_size(set) == reference->size);
    ame_set_iterate(set, &iterator);
    for (; ame_set_next(&iterator, &key); entries++)
        CHECK(reference->has[index_of(key)]);
    CHECK(entries == reference->size);
}

/* ---- the model's side of a step ---- */

static void put_key(struct reference *reference, int i, bool there) {
    reference->size += (size_t)there - (size_t)reference->has[i];
    reference->has[i] = there;
}

/* The n-th change of a step: keys repeat, and are near each other in some steps. */
static int key_at(const struct step *step, int n) {
    uint64_t random = step->random + (uint64_t)n * 1000;
    return (int)(next_random(&random) % (step->random % 4 ? KEYS : 12));
}
static int changes_in(const struct step *step) {
    return 1 + (int)((step->random >> 16) % BATCH);
}
static bool removes_at(const struct step *step, int n) {
    return (step->random >> 24 & 3) == (uint64_t)n % 4;
}

static bool combined(const struct step *step, bool one, bool other) {
    return step->kind == UNION ? one || other : one && other == (step->kind == INTERSECTION);
}

static void model_step(const struct step *step, struct reference *state) {
    struct reference other = state[step->other], *to = &state[step->to];
    if (step->kind > WITHOUT)
        return;
    if (to != &state[step->from])
        *to = state[step->from];
    if (step->kind == ADD || step->kind == REMOVE)
        put_key(to, key_at(step, 0), step->kind == ADD);
    else if (step->kind == CHANGE_IN_TRANSIENT)
        for (int n = 0; n < changes_in(step); n++)
            put_key(to, key_at(step, n), !removes_at(step, n));
    else if (step->kind != COPY)
        for (int i = 0; i < KEYS; i++)
            put_key(to, i, combined(step, to->has[i], other.has[i]));
}

/* ---- the set's side ---- */

struct comparison {
    const struct reference *old, *changed;
    int differences;
};

static int differ(ame_key key, bool added, void *context) {
    struct comparison *comparison = context;
    int i = index_of(key);
    CHECK(comparison->old->has[i] == !added && comparison->changed->has[i] == added);
    comparison->differences++;
    return 0;
}

static void compare(const struct step *step, ame_set **sets, const struct reference *before) {
    struct comparison comparison = {&before[step->from], &before[step->other], 0};
    ame_set *from = sets[step->from], *other = sets[step->other];
    int expected = 0;
    for (int i = 0; i < KEYS; i++)
        expected += comparison.old->has[i] != comparison.changed->has[i];
    if (step->kind == DIFFER) {
        CHECK(!ame_set_diff(from, other, differ, &comparison));
        CHECK(comparison.differences == expected);
    } else {
        bool equal = ame_set_equal(from, other);
        CHECK(equal == !expected);
        CHECK(!equal || ame_set_hash(from) == ame_set_hash(other));
    }
}

static ame_set *change_in_transient(const struct step *step, ame_set *set) {
    ame_set_transient *transient = ame_set_transient_new(set);
    CHECK(transient);
    for (int n = 0; n < changes_in(step); n++) {
        ame_key key = key_of(key_at(step, n));
        CHECK(!(removes_at(step, n) ? ame_set_transient_remove(transient, key)
                                    : ame_set_transient_add(transient, key)));
        CHECK(ame_set_transient_contains(transient, key) == !removes_at(step, n));
    }
    if (step->kind == CHANGE_IN_TRANSIENT)
        return ame_set_transient_seal(transient);
    ame_set_transient_drop(transient);
    return NULL;
}

/* The version that the step makes, or NULL for one that only reads. */
static ame_set *made_by(const struct step *step, ame_set **sets) {
    ame_set *from = sets[step->from], *other = sets[step->other];
    ame_key key = key_of(key_at(step, 0));
    switch (step->kind) {
    case ADD:
        return ame_set_add(from, key);
    case REMOVE:
        return ame_set_remove(from, key);
    case COPY:
        return ame_set_retain(from);
    case CHANGE_IN_TRANSIENT:
    case DROP_TRANSIENT:
        return change_in_transient(step, from);
    case UNION:
        return ame_set_union(from, other);
    case INTERSECTION:
        return ame_set_intersection(from, other);
    case WITHOUT:
        return ame_set_without(from, other);
    default:
        return NULL;
    }
}

static void run_step(const struct step *step, ame_set **sets, const struct reference *before,
                     const struct reference *after) {
    ame_set *made = made_by(step, sets);
    if (made) {
        ame_set_release(sets[step->to]);
        sets[step->to] = made;
    }
    CHECK(ame_set_size(sets[step->to]) == after[step->to].size);
    for (int n = 0; n < (step->kind == READ ? KEYS : 3); n++) {
        int i = step->kind == READ ? n : key_at(step, n);
        CHECK(ame_set_contains(sets[step->to], key_of(i)) == after[step->to].has[i]);
    }
    if (step->kind == WALK)
        check_all(sets[step->from], &before[step->from]);
    else if (step->kind == DIFFER || step->kind == COMPARE)
        compare(step, sets, before);
}

#include "model.h"

int main(int argc, char **argv) {
    uint64_t seed = seed_of(argc, argv);
    static const enum ame_key_type types[] = {AME_KEY_INT, AME_KEY_STRING};
    for (int i = 0; i < KEYS; i++)
        snprintf(texts[i], sizeof texts[i], "%d%s", i, ends[i % 3]);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        type = types[i];
        run_model(1, STEPS(4000), seed + i);
        run_model(THREADS, STEPS(2500), seed + i + 10);
    }
    return finish(0);
}
