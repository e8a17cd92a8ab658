/* Out of memory at each allocation in turn, and nothing leaks. */
#include "live.h"
#include "shape.h"
#include <ame/error.h>

#include <stdio.h>
#include <string.h>

enum { KEYS = 300 };

/* Whether the key needs memory of its own. */
static bool is_long(enum ame_key_type type, int i) {
    return type == AME_KEY_TYPED || (type == AME_KEY_STRING && i % 2 == 0);
}

/* ---- keys of a type of our own ---- */

static int numbers[3 * KEYS];
static long held; /* keys, by maps */

static uint64_t hash_number(const void *key, uint64_t seed) {
    return ((uint64_t)(*(const int *)key) + seed) * UINT64_C(0x9E3779B97F4A7C15);
}

static bool same_number(const void *one, const void *other) {
    return *(const int *)one == *(const int *)other;
}

static void hold(void *key) {
    (void)key;
    held++;
}

static void let_go(void *key) {
    (void)key;
    held--;
}

static const struct ame_key_functions number_keys = {hash_number, same_number, hold, let_go};

static ame_key number_key(int i) {
    numbers[i] = i;
    return (ame_key){.pointer = &numbers[i]};
}

static ame_map *new_map(enum ame_key_type type) {
    return type == AME_KEY_TYPED ? ame_map_new_typed(&number_keys) : ame_map_new(type);
}

static ame_key key_of(enum ame_key_type type, int i) {
    static char text[400];
    if (type == AME_KEY_INT)
        return ame_int_key(i * 12345);
    if (type == AME_KEY_TYPED)
        return number_key(i);
    snprintf(text, sizeof text, "%0*d", i % 4 == 1 ? 5 : i % 4 == 3 ? 23 : i % 4 ? 24 : 350, i);
    return ame_string_key(text);
}

static ame_map *full_map(enum ame_key_type type) {
    ame_map *map = new_map(type);
    for (int i = 0; i < KEYS; i++) {
        ame_map *next = ame_map_set(map, key_of(type, i), ame_int_value(i + 1));
        ame_map_release(map);
        map = next;
    }
    return map;
}

static ame_map *change(ame_map *map, int i, bool removes) {
    ame_key key = key_of(ame_map_key_type(map), i);
    return removes ? ame_map_remove(map, key) : ame_map_set(map, key, ame_int_value(-1));
}

/* Lets the change have 0, 1, 2 ... allocations until it succeeds. Every failure
 * must leave no memory behind and the old version whole. */
static int failures_of(ame_map *map, int i, bool removes) {
    size_t size = ame_map_size(map);
    for (long allowed = 0;; allowed++) {
        live = 0;
        allocations_left = allowed;
        counting = true;
        ame_map *next = change(map, i, removes);
        counting = false;
        if (!next)
            cr_assert_eq((int64_t)live, 0);
        cr_assert_eq(ame_map_size(map), size);
        check_shape(map);
        if (!next)
            continue;
        counting = true;
        ame_map_release(next);
        counting = false;
        cr_assert_eq((int64_t)live, 0, "the new version's own nodes, and only they, go with it");
        return (int)allowed;
    }
}

static void check_out_of_memory(enum ame_key_type type) {
    ame_map *map = full_map(type);
    for (int i = 0; i < KEYS + 50; i++) {
        int failures = failures_of(map, i, false);
        if (!AME__ASAN)
            cr_assert_geq(failures, is_long(type, i) && i >= KEYS ? 3 : 2);
        if (i < KEYS)
            failures_of(map, i, true);
    }
    for (int i = 0; i < KEYS; i++) {
        ame_value value;
        cr_assert(ame_map_get(map, key_of(type, i), &value));
        cr_assert_eq(value.integer, i + 1);
    }
    ame_map_release(map);
    cr_assert_eq(held, 0);
}

Test(map_memory, failing_allocations_int_keys) {
    check_out_of_memory(AME_KEY_INT);
}
Test(map_memory, failing_allocations_string_keys) {
    check_out_of_memory(AME_KEY_STRING);
}
Test(map_memory, failing_allocations_typed_keys) {
    check_out_of_memory(AME_KEY_TYPED);
}

Test(map_memory, no_memory_for_an_empty_map) {
    allocations_left = 0;
    counting = true;
    ame_map *map = ame_map_new(AME_KEY_INT);
    counting = false;
    cr_assert_eq(map == NULL, !AME__ASAN);
    ame_map_release(map);
}

/* Versions that branch off each other and are given back in mixed order. */
static void check_no_leak(enum ame_key_type type) {
    enum { VERSIONS = 40 };
    ame_map *versions[VERSIONS];
    allocations_left = -1;
    live = 0;
    counting = true;
    versions[0] = full_map(type);
    srand(5);
    for (int v = 1; v < VERSIONS; v++)
        versions[v] = change(versions[rand() % v], rand() % (KEYS + 20), rand() % 2);
    for (int v = 0; v < VERSIONS; v++)
        ame_map_release(versions[v * 7 % VERSIONS]);
    counting = false;
    cr_assert_eq((int64_t)live, 0);
}

Test(map_memory, no_leak_int_keys) {
    check_no_leak(AME_KEY_INT);
}
Test(map_memory, no_leak_string_keys) {
    check_no_leak(AME_KEY_STRING);
}

/* One short key: a version and its root. */
Test(map_memory, short_strings_need_no_memory_of_their_own) {
    if (AME__ASAN) /* nothing is counted */
        return;
    ame_map *empty = ame_map_new(AME_KEY_STRING);
    live = 0;
    counting = true;
    ame_map *map = ame_map_set(empty, ame_string_key("12345678901234567890123"), ame_int_value(1));
    counting = false;
    cr_assert_eq((int64_t)live, 2);
    live = 0;
    counting = true;
    ame_map *two = ame_map_set(map, ame_string_key("123456789012345678901234"), ame_int_value(1));
    counting = false;
    cr_assert_geq((int64_t)live, 3);
    ame_map_release(map);
    ame_map_release(two);
    ame_map_release(empty);
}

/* Versions with long keys between such as have none: only the former look for what to free. */
static void check_long_keys_come_and_go(const int order[4]) {
    live = 0;
    counting = true;
    ame_map *empty = ame_map_new(AME_KEY_STRING), *versions[4];
    versions[0] = ame_map_set(empty, key_of(AME_KEY_STRING, 1), ame_int_value(1));
    versions[1] = ame_map_set(versions[0], key_of(AME_KEY_STRING, 2), ame_int_value(2));
    ame_transient *transient = ame_transient_new(versions[1]);
    cr_assert_eq(ame_transient_remove(transient, key_of(AME_KEY_STRING, 2)), AME_OK);
    cr_assert_eq(ame_transient_set(transient, key_of(AME_KEY_STRING, 3), ame_int_value(3)), AME_OK);
    versions[2] = ame_transient_seal(transient);
    transient = ame_transient_new(versions[2]);
    cr_assert_eq(ame_transient_set(transient, key_of(AME_KEY_STRING, 4), ame_int_value(4)), AME_OK);
    cr_assert_eq(ame_transient_set(transient, key_of(AME_KEY_STRING, 6), ame_int_value(6)), AME_OK);
    cr_assert_eq(ame_transient_remove(transient, key_of(AME_KEY_STRING, 6)), AME_OK);
    versions[3] = ame_transient_seal(transient);
    for (int i = 0; i < 4; i++) {
        for (int v = i; v < 4; v++)
            cr_assert_eq(ame_map_contains(versions[order[v]], key_of(AME_KEY_STRING, 2)),
                         order[v] == 1);
        ame_map_release(versions[order[i]]);
    }
    ame_map_release(empty);
    counting = false;
    cr_assert_eq((int64_t)live, 0);
}

Test(map_memory, long_strings_that_come_and_go) {
    check_long_keys_come_and_go((const int[]){0, 1, 2, 3});
    check_long_keys_come_and_go((const int[]){3, 2, 1, 0});
    check_long_keys_come_and_go((const int[]){1, 0, 3, 2});
    check_long_keys_come_and_go((const int[]){2, 0, 1, 3});
}

/* ---- functions of many keys: each fails at its first, second ... allocation ---- */

static int removed_or_kept;

static enum ame_map_update drop_some(ame_key key, bool present, ame_value *value, void *context) {
    (void)key, (void)present, (void)context;
    value->integer += 5;
    return removed_or_kept++ % 3 ? AME_MAP_SET : AME_MAP_REMOVE;
}

struct maps {
    ame_map *base, *ours, *theirs;
    ame_key keys[KEYS];
    ame_value values[KEYS];
    char texts[KEYS][400];
};

static ame_map *update_all(struct maps *maps) {
    removed_or_kept = 0;
    return ame_map_update_all(maps->ours, drop_some, NULL);
}
static ame_map *merge(struct maps *maps) {
    return ame_map_merge(maps->base, maps->ours, maps->theirs, NULL, NULL);
}
static ame_map *set_all(struct maps *maps) {
    return ame_map_set_all(maps->ours, maps->keys, maps->values, KEYS);
}
static ame_map *set_all_in_empty(struct maps *maps) {
    ame_map *empty = new_map(ame_map_key_type(maps->ours));
    ame_map *map = empty ? ame_map_set_all(empty, maps->keys, maps->values, KEYS) : NULL;
    ame_map_release(empty);
    return map;
}

/* The transient must stay usable after a change that failed. */
static ame_map *transient(struct maps *maps) {
    ame_transient *t = ame_transient_new(maps->ours);
    for (int i = 0; t && i < KEYS; i++) {
        size_t size = ame_transient_size(t);
        int error = i % 2 ? ame_transient_set(t, maps->keys[i], maps->values[i])
                          : ame_transient_remove(t, key_of(ame_map_key_type(maps->ours), i));
        if (error == AME_ENOMEM) {
            cr_assert_eq(ame_transient_size(t), size);
            long left = allocations_left;
            allocations_left = -1;
            cr_assert_eq(ame_transient_set(t, maps->keys[i], maps->values[i]), 0);
            ame_map *map = ame_transient_seal(t);
            check_shape(map);
            ame_map_release(map);
            allocations_left = left;
            return NULL;
        }
        cr_assert_eq(error, 0);
    }
    return t ? ame_transient_seal(t) : NULL;
}

static const char long_start[] = "more than a node has room for: ";

static void check_failures(enum ame_key_type type, ame_map *(*function)(struct maps *maps)) {
    static struct maps maps;
    maps.base = full_map(type);
    maps.ours = change(maps.base, 3, true);
    ame_map *theirs = change(maps.base, 7, false);
    maps.theirs = change(theirs, 8, true);
    for (int i = 0; i < KEYS; i++) {
        snprintf(maps.texts[i], sizeof maps.texts[i], "%sn%d", i % 3 ? "" : long_start, i);
        maps.keys[i] = type == AME_KEY_INT     ? ame_int_key(-i - 1)
                       : type == AME_KEY_TYPED ? number_key(2 * KEYS + i)
                                               : ame_string_key(maps.texts[i]);
        if (i % 5 == 4) { /* some are there */
            maps.keys[i] = key_of(type, i);
            if (type == AME_KEY_STRING)
                maps.keys[i].string = strcpy(maps.texts[i], maps.keys[i].string);
        }
        maps.values[i] = ame_int_value(i);
    }
    size_t size = ame_map_size(maps.ours);
    ame_map *result = NULL;
    for (long allowed = 0; !result; allowed++) {
        live = 0;
        allocations_left = allowed;
        counting = true;
        result = function(&maps);
        if (result)
            check_shape(result);
        ame_map_release(result);
        ame_map_reclaim(SIZE_MAX);
        counting = false;
        cr_assert_eq((int64_t)live, 0);
        cr_assert_eq(ame_map_size(maps.ours), size);
        check_shape(maps.ours);
    }
    ame_map_release(maps.base);
    ame_map_release(maps.ours);
    ame_map_release(maps.theirs);
    ame_map_release(theirs);
    ame_map_reclaim(SIZE_MAX);
    cr_assert_eq(held, 0);
}

Test(map_memory, failing_functions_int_keys) {
    check_failures(AME_KEY_INT, update_all);
    check_failures(AME_KEY_INT, merge);
    check_failures(AME_KEY_INT, set_all);
    check_failures(AME_KEY_INT, set_all_in_empty);
    check_failures(AME_KEY_INT, transient);
}
Test(map_memory, failing_functions_string_keys) {
    check_failures(AME_KEY_STRING, update_all);
    check_failures(AME_KEY_STRING, merge);
    check_failures(AME_KEY_STRING, set_all);
    check_failures(AME_KEY_STRING, set_all_in_empty);
    check_failures(AME_KEY_STRING, transient);
}
Test(map_memory, failing_functions_typed_keys) {
    check_failures(AME_KEY_TYPED, update_all);
    check_failures(AME_KEY_TYPED, merge);
    check_failures(AME_KEY_TYPED, set_all);
    check_failures(AME_KEY_TYPED, set_all_in_empty);
    check_failures(AME_KEY_TYPED, transient);
}
