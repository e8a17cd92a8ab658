/* Sets: random operations on many versions, each compared with an array of flags. */
#include "shape.h"
#include <ame/error.h>
#include <ame/set.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 500, VERSIONS = 16, STEPS = 12000 };

struct version {
    ame_set *set;
    bool has[KEYS];
};

static struct version versions[VERSIONS];
static char texts[KEYS][40];
static int64_t held[KEYS]; /* of typed keys */
static uint64_t random_state;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

/* Typed keys are pointers into `held`. */
static uint64_t hash_index(const void *key, uint64_t seed) {
    uint64_t index = (uint64_t)((const int64_t *)key - held);
    return (index / 3 + seed) * UINT64_C(0x9E3779B97F4A7C15); /* some share both rounds */
}
static bool same_index(const void *one, const void *other) {
    return one == other;
}
static void take(void *key) {
    ++*(int64_t *)key;
}
static void give_back(void *key) {
    --*(int64_t *)key;
}
static const struct ame_key_functions typed = {hash_index, same_index, take, give_back};

static ame_key key_of(enum ame_key_type type, int i) {
    if (type == AME_KEY_STRING)
        return ame_string_key(texts[i]);
    if (type == AME_KEY_TYPED)
        return ame_pointer_key(&held[i]);
    return ame_int_key(i % 2 ? -(int64_t)i : (int64_t)i << 40);
}

static int index_of(enum ame_key_type type, ame_key key) {
    for (int i = 0; i < KEYS; i++)
        if (type == AME_KEY_STRING ? !strcmp(texts[i], key.string)
                                   : key_of(type, i).integer == key.integer)
            return i;
    return -1;
}

static ame_set *empty_set(enum ame_key_type type) {
    return type == AME_KEY_TYPED ? ame_set_new_typed(&typed) : ame_set_new(type);
}

static void set_up(enum ame_key_type type) {
    random_state = (uint64_t)type + 1;
    for (int i = 0; i < KEYS; i++)
        snprintf(texts[i], sizeof texts[i], "%0*d", i % 3 == 0 ? 30 : i % 3 == 1 ? 23 : 4, i);
    for (int v = 0; v < VERSIONS; v++)
        versions[v] = (struct version){empty_set(type), {false}};
}

static void check_all(enum ame_key_type type, const struct version *v) {
    bool seen[KEYS] = {false};
    size_t size = 0;
    ame_set_iterator iterator;
    ame_key key;
    for (int i = 0; i < KEYS; i++) {
        cr_assert_eq(ame_set_contains(v->set, key_of(type, i)), v->has[i], "key %d", i);
        size += v->has[i];
    }
    cr_assert_eq(ame_set_size(v->set), size);
    cr_assert_eq(ame_set_key_type(v->set), type);
    ame_set_iterate(v->set, &iterator);
    while (ame_set_next(&iterator, &key)) {
        int i = index_of(type, key);
        cr_assert(i >= 0 && v->has[i] && !seen[i]);
        seen[i] = true;
        size--;
    }
    cr_assert_eq(size, 0);
}

static void replace(struct version *to, struct version *next) {
    cr_assert_not_null(next->set);
    ame_set_release(to->set);
    *to = *next;
}

static void change_one(enum ame_key_type type, struct version *to, const struct version *from,
                       int i, bool adds) {
    struct version next = *from;
    next.set =
        adds ? ame_set_add(from->set, key_of(type, i)) : ame_set_remove(from->set, key_of(type, i));
    next.has[i] = adds;
    replace(to, &next);
    cr_assert_eq(ame_set_contains(to->set, key_of(type, i)), adds);
}

static void change_many(enum ame_key_type type, struct version *to, const struct version *from) {
    struct version next = *from;
    ame_set_transient *transient = ame_set_transient_new(from->set);
    for (int changes = (int)draw(60); changes > 0; changes--) {
        int i = (int)draw(KEYS);
        bool adds = draw(2);
        cr_assert_eq(adds ? ame_set_transient_add(transient, key_of(type, i))
                          : ame_set_transient_remove(transient, key_of(type, i)),
                     AME_OK);
        next.has[i] = adds;
        cr_assert_eq(ame_set_transient_contains(transient, key_of(type, i)), adds);
    }
    if (draw(8) == 0) {
        ame_set_transient_drop(transient);
        return;
    }
    size_t size = ame_set_transient_size(transient);
    next.set = ame_set_transient_seal(transient);
    cr_assert_eq(ame_set_size(next.set), size);
    replace(to, &next);
}

static void join(struct version *to, const struct version *one, const struct version *other) {
    static ame_set *(*const functions[])(ame_set *, ame_set *) = {
        ame_set_union, ame_set_intersection, ame_set_without};
    struct version next;
    uint32_t which = draw(3);
    next.set = functions[which](one->set, other->set);
    for (int i = 0; i < KEYS; i++)
        next.has[i] = which == 0   ? one->has[i] || other->has[i]
                      : which == 1 ? one->has[i] && other->has[i]
                                   : one->has[i] && !other->has[i];
    replace(to, &next);
}

static int count_difference(ame_key key, bool added, void *context) {
    (void)key;
    ((int *)context)[added]++;
    return 0;
}

static void compare(const struct version *one, const struct version *other) {
    int expected[2] = {0, 0}, seen[2] = {0, 0};
    for (int i = 0; i < KEYS; i++) {
        expected[0] += one->has[i] && !other->has[i];
        expected[1] += !one->has[i] && other->has[i];
    }
    cr_assert_eq(ame_set_diff(one->set, other->set, count_difference, seen), 0);
    cr_assert(seen[0] == expected[0] && seen[1] == expected[1]);
    bool equal = !expected[0] && !expected[1];
    cr_assert_eq(ame_set_equal(one->set, other->set), equal);
    if (equal)
        cr_assert_eq(ame_set_hash(one->set), ame_set_hash(other->set));
    check_shape((const ame_map *)other->set);
}

static void run(enum ame_key_type type) {
    set_up(type);
    for (int step = 0; step < STEPS; step++) {
        struct version *from = &versions[draw(VERSIONS)], *other = &versions[draw(VERSIONS)];
        struct version *to = draw(2) ? from : &versions[draw(VERSIONS)];
        uint32_t chance = draw(100);
        if (chance < 94)
            change_one(type, to, from, (int)draw(KEYS), draw(10) < (step / 3000 % 2 ? 2u : 7u));
        else if (chance < 97)
            change_many(type, to, from);
        else
            join(to, from, other);
        if (step % 50 == 0)
            compare(from, other);
        if (step % 500 == 0)
            for (int v = 0; v < VERSIONS; v++)
                check_all(type, &versions[v]);
    }
    for (int v = 0; v < VERSIONS; v++) {
        check_all(type, &versions[v]);
        ame_set_release(versions[v].set);
    }
    while (ame_map_reclaim(1000))
        ;
    for (int i = 0; i < KEYS; i++)
        cr_assert_eq(held[i], 0, "key %d was given back as often as taken", i);
}

Test(set, model_int_keys) {
    run(AME_KEY_INT);
}
Test(set, model_pointer_keys) {
    run(AME_KEY_POINTER);
}
Test(set, model_string_keys) {
    run(AME_KEY_STRING);
}
Test(set, model_typed_keys) {
    run(AME_KEY_TYPED);
}

Test(set, what_makes_no_difference_gives_the_same_version) {
    ame_set *empty = ame_set_new(AME_KEY_INT);
    ame_set *one = ame_set_add(empty, ame_int_key(1));
    ame_set *same[] = {ame_set_add(one, ame_int_key(1)), ame_set_remove(one, ame_int_key(2)),
                       ame_set_union(one, empty), ame_set_without(one, empty)};
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(same[i], one);
        ame_set_release(same[i]);
    }
    ame_set_release(one);
    ame_set_release(empty);
}

Test(set, two_kinds_of_keys) {
    ame_set *ints = ame_set_new(AME_KEY_INT), *texts_only = ame_set_new(AME_KEY_STRING);
    int seen[2] = {0, 0};
    cr_assert_null(ame_set_new(AME_KEY_TYPED));
    cr_assert_null(ame_set_union(ints, texts_only));
    cr_assert_null(ame_set_intersection(ints, texts_only));
    cr_assert_null(ame_set_without(ints, texts_only));
    cr_assert_eq(ame_set_diff(ints, texts_only, count_difference, seen), AME_EINVAL);
    cr_assert_not(ame_set_equal(ints, texts_only));
    ame_set_release(ints);
    ame_set_release(texts_only);
    ame_set_release(NULL);
}
