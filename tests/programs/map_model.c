/* Everything that a block can do with maps, at random, against arrays: see model.h. */
#include "number_key.h"

enum { SLOTS = 5, MOST_STEPS = 6, KEYS = 160, BATCH = 60 };

typedef ame_map structure;

struct reference {
    size_t size;
    int16_t values[KEYS]; /* 0: the key is not there */
};

enum kind {
    SET,
    REMOVE,
    UPDATE,
    READ,
    READ_MANY,
    WALK,
    COPY,
    SET_ALL,
    UPDATE_ALL,
    CHANGE_IN_TRANSIENT,
    DROP_TRANSIENT,
    MERGE,
    DIFFER,
    COMPARE,
    CLEAR,
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

static struct number numbers[KEYS];

static ame_key key_of(int i) {
    if (type == AME_KEY_STRING)
        return ame_string_key(texts[i]);
    return type == AME_KEY_INT ? ame_int_key(i * 7 - KEYS) : ame_pointer_key(&numbers[i]);
}

static int index_of(ame_key key) {
    int64_t i = 0;
    if (type == AME_KEY_STRING)
        for (const char *digit = key.string; *digit >= '0' && *digit <= '9'; digit++)
            i = i * 10 + *digit - '0';
    else if (type == AME_KEY_INT)
        i = (key.integer + KEYS) / 7;
    else
        i = ((const struct number *)key.pointer)->number;
    CHECK(i >= 0 && i < KEYS);
    return (int)i;
}

/* ---- what model.h needs ---- */

static ame_map *new_one(void) {
    return type == AME_KEY_TYPED ? ame_map_new_typed(&number_functions) : ame_map_new(type);
}
static ame_map *retain(ame_map *map) {
    return ame_map_retain(map);
}
static void release(ame_map *map) {
    ame_map_release(map);
}

static void check_all(ame_map *map, const struct reference *reference) {
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    size_t entries = 0;
    CHECK(ame_map_size(map) == reference->size);
    ame_map_iterate(map, &iterator);
    /* As many as there should be, each right and no key twice: a walk that meets one twice
     * leaves out another, which READ finds. */
    for (; ame_map_next(&iterator, &key, &value); entries++)
        CHECK(value.integer && value.integer == reference->values[index_of(key)]);
    CHECK(entries == reference->size);
}

static void check_key(ame_map *map, const struct reference *reference, int i) {
    ame_value value = {.integer = -1};
    bool there = ame_map_get(map, key_of(i), &value);
    CHECK(there == (reference->values[i] != 0));
    CHECK(value.integer == (there ? reference->values[i] : -1));
    CHECK(ame_map_contains(map, key_of(i)) == there);
}

/* ---- the model's side of a step ---- */

static void put_value(struct reference *reference, int i, int value) {
    reference->size += (size_t)!!value - (size_t)!!reference->values[i];
    reference->values[i] = (int16_t)value;
}

/* The n-th change of a step: keys repeat, and are near each other in some steps. */
static int key_at(const struct step *step, int n) {
    uint64_t random = step->random + (uint64_t)n * 1000;
    return (int)(next_random(&random) % (step->random % 4 ? KEYS : 12));
}
static int value_at(const struct step *step, int n) {
    return 1 + (int)(((step->random >> 8) + (uint64_t)n * 5) % 9);
}
static int changes_in(const struct step *step) {
    return 1 + (int)((step->random >> 16) % BATCH);
}
static bool removes_at(const struct step *step, int n) {
    return (step->random >> 24 & 3) == (uint64_t)n % 4;
}

/* 0: the key goes. */
static int updated(int old, int seed) {
    return (old + seed) % 3 == 0 ? 0 : (old + seed) % 3 == 1 && old < 9 ? old + 1 : old;
}

static int merged(const struct step *step, int base, int ours, int theirs) {
    if (theirs == base || ours == theirs)
        return ours;
    if (ours == base)
        return theirs;
    return step->random & 1 && theirs > ours ? theirs : ours;
}

static void model_merge(const struct step *step, struct reference *state) {
    struct reference base = state[step->other], ours = state[step->from];
    struct reference theirs = state[step->third];
    state[step->to] = ours;
    for (int i = 0; i < KEYS; i++)
        put_value(&state[step->to], i,
                  merged(step, base.values[i], ours.values[i], theirs.values[i]));
}

static void model_step(const struct step *step, struct reference *state) {
    struct reference *to = &state[step->to];
    if (step->kind == MERGE) {
        model_merge(step, state);
        return;
    }
    if (step->kind == CLEAR && step->random % 4 == 0)
        *to = (struct reference){0};
    if (step->kind > CHANGE_IN_TRANSIENT || (step->kind >= READ && step->kind <= WALK))
        return;
    if (to != &state[step->from])
        *to = state[step->from];
    int key = key_at(step, 0), seed = value_at(step, 0);
    if (step->kind == SET)
        put_value(to, key, seed);
    else if (step->kind == REMOVE)
        put_value(to, key, 0);
    else if (step->kind == UPDATE)
        put_value(to, key, updated(to->values[key], seed));
    else if (step->kind == UPDATE_ALL)
        for (int i = 0; i < KEYS; i++)
            put_value(to, i, to->values[i] ? updated(to->values[i], seed) : 0);
    else if (step->kind != COPY)
        for (int n = 0; n < changes_in(step); n++)
            put_value(to, key_at(step, n),
                      step->kind == SET_ALL || !removes_at(step, n) ? value_at(step, n) : 0);
}

/* ---- the map's side ---- */

struct update {
    const struct step *step;
    const struct reference *before;
};

static enum ame_map_update update(ame_key key, bool present, ame_value *value, void *context) {
    const struct update *of = context;
    int old = of->before->values[index_of(key)];
    CHECK(present == (old != 0) && value->integer == old);
    int now = updated(old, value_at(of->step, 0));
    if (now == old)
        return AME_MAP_KEEP;
    value->integer = now;
    return now ? AME_MAP_SET : AME_MAP_REMOVE;
}

static enum ame_map_update resolve(const struct ame_map_difference *theirs, bool present,
                                   ame_value *value, void *context) {
    int ours = present ? (int)value->integer : 0, other = (int)theirs->new_value.integer;
    const struct update *of = context;
    CHECK(ours == of->before[of->step->from].values[index_of(theirs->key)]);
    CHECK(other == of->before[of->step->third].values[index_of(theirs->key)]);
    if (other <= ours)
        return AME_MAP_KEEP;
    value->integer = other;
    return AME_MAP_SET;
}

struct comparison {
    const struct reference *old, *changed;
    int differences;
};

static int differ(const struct ame_map_difference *difference, void *context) {
    struct comparison *comparison = context;
    int i = index_of(difference->key);
    int old = comparison->old->values[i], changed = comparison->changed->values[i];
    CHECK(old != changed);
    CHECK(difference->was_there == (old != 0) && difference->old_value.integer == old);
    CHECK(difference->is_there == (changed != 0) && difference->new_value.integer == changed);
    comparison->differences++;
    return 0;
}

static void compare(const struct step *step, ame_map **maps, const struct reference *before) {
    struct comparison comparison = {&before[step->from], &before[step->other], 0};
    int expected = 0;
    for (int i = 0; i < KEYS; i++)
        expected += comparison.old->values[i] != comparison.changed->values[i];
    if (step->kind == DIFFER) {
        CHECK(!ame_map_diff(maps[step->from], maps[step->other], differ, &comparison));
        CHECK(comparison.differences == expected);
    } else {
        bool equal = ame_map_equal(maps[step->from], maps[step->other]);
        CHECK(equal == !expected);
        if (equal)
            CHECK(ame_map_hash(maps[step->from]) == ame_map_hash(maps[step->other]));
    }
}

static ame_map *change_in_transient(const struct step *step, ame_map *map) {
    ame_transient *transient = ame_transient_new(map);
    CHECK(transient);
    for (int n = 0; n < changes_in(step); n++) {
        ame_key key = key_of(key_at(step, n));
        if (n == 5) /* another version, which shares with the transient's base */
            ame_map_release(ame_map_set(map, key, ame_int_value(99)));
        ame_value value = ame_int_value(value_at(step, n)), found;
        if (removes_at(step, n)) {
            bool there = ame_transient_get(transient, key, NULL);
            CHECK(ame_transient_remove(transient, key) == (there ? AME_OK : AME_ENOENT));
        } else {
            CHECK(!ame_transient_set(transient, key, value));
            CHECK(ame_transient_get(transient, key, &found) && found.integer == value.integer);
        }
    }
    if (step->kind == CHANGE_IN_TRANSIENT)
        return ame_transient_seal(transient);
    ame_transient_drop(transient);
    return NULL;
}

static void gather(const struct step *step, ame_key *keys, ame_value *values) {
    for (int n = 0; n < changes_in(step); n++) {
        keys[n] = key_of(key_at(step, n));
        values[n] = ame_int_value(value_at(step, n));
    }
}

static void read_many(const struct step *step, ame_map *map, const struct reference *reference) {
    ame_key keys[BATCH];
    ame_value values[BATCH];
    bool found[BATCH];
    size_t count = (size_t)changes_in(step), there = 0;
    gather(step, keys, values);
    CHECK(ame_map_get_many(map, keys, count, values, found) <= count);
    for (size_t n = 0; n < count; n++) {
        int expected = reference->values[key_at(step, (int)n)];
        CHECK(found[n] == (expected != 0) && (!found[n] || values[n].integer == expected));
        there += found[n];
    }
    CHECK(ame_map_get_many(map, keys, count, values, found) == there);
}

static ame_map *set_all(const struct step *step, ame_map *map) {
    ame_key keys[BATCH];
    ame_value values[BATCH];
    gather(step, keys, values);
    return ame_map_set_all(map, keys, values, (size_t)changes_in(step));
}

/* The version that the step makes, or NULL for one that only reads. */
static ame_map *made_by(const struct step *step, ame_map **maps, const struct reference *before) {
    struct update context = {step, step->kind == MERGE ? before : &before[step->from]};
    ame_map *from = maps[step->from];
    ame_key key = key_of(key_at(step, 0));
    switch (step->kind) {
    case SET:
        return ame_map_set(from, key, ame_int_value(value_at(step, 0)));
    case REMOVE:
        return ame_map_remove(from, key);
    case UPDATE:
        return ame_map_update(from, key, update, &context);
    case UPDATE_ALL:
        return ame_map_update_all(from, update, &context);
    case SET_ALL:
        return set_all(step, from);
    case COPY:
        return ame_map_retain(from);
    case MERGE:
        return ame_map_merge(maps[step->other], from, maps[step->third],
                             step->random & 1 ? resolve : NULL, &context);
    case CHANGE_IN_TRANSIENT:
    case DROP_TRANSIENT:
        return change_in_transient(step, from);
    case CLEAR:
        return step->random % 4 ? NULL : new_one();
    default:
        return NULL;
    }
}

static void run_step(const struct step *step, ame_map **maps, const struct reference *before,
                     const struct reference *after) {
    ame_map *made = made_by(step, maps, before);
    if (made) {
        ame_map_release(maps[step->to]);
        maps[step->to] = made;
    }
    CHECK(ame_map_size(maps[step->to]) == after[step->to].size);
    for (int n = 0; n < 3; n++)
        check_key(maps[step->to], &after[step->to], key_at(step, n));
    if (step->kind == WALK)
        check_all(maps[step->from], &before[step->from]);
    else if (step->kind == READ_MANY)
        read_many(step, maps[step->from], &before[step->from]);
    else if (step->kind == READ)
        for (int n = 0; n < KEYS; n++)
            check_key(maps[step->from], &before[step->from], n);
    else if (step->kind == DIFFER || step->kind == COMPARE)
        compare(step, maps, before);
}

#include "model.h"

int main(int argc, char **argv) {
    uint64_t seed = seed_of(argc, argv);
    static const enum ame_key_type types[] = {AME_KEY_INT, AME_KEY_STRING, AME_KEY_TYPED};
    for (int i = 0; i < KEYS; i++) {
        numbers[i].number = i;
        snprintf(texts[i], sizeof texts[i], "%d%s", i, ends[i % 3]);
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        type = types[i];
        run_model(1, STEPS(4000), seed + i);
        run_model(THREADS, STEPS(2500), seed + i + 10);
    }
    for (int i = 0; i < KEYS; i++)
        CHECK(ame_counter_read(&numbers[i].holders) == 0);
    return finish(0);
}
