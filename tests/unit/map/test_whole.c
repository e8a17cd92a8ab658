/* Differences, equality, merging, updates and arrays, compared with plain arrays. */
#include "shape.h"
#include <ame/error.h>
#include <ame/map.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 3000 };

static char texts[KEYS][40];

static ame_key key_of(enum ame_key_type type, int i) {
    if (type == AME_KEY_INT)
        return ame_int_key(i);
    snprintf(texts[i], sizeof texts[i], i % 3 ? "%d" : "%d, for which nodes have no room", i);
    return ame_string_key(texts[i]);
}

static int index_of(enum ame_key_type type, ame_key key) {
    return type == AME_KEY_INT ? (int)key.integer : atoi(key.string);
}

/* 0 in `values`: the key is absent. */
static ame_map *map_of(enum ame_key_type type, const int64_t *values) {
    ame_map *empty = ame_map_new(type);
    ame_transient *transient = ame_transient_new(empty);
    for (int i = 0; i < KEYS; i++)
        if (values[i])
            cr_assert_eq(ame_transient_set(transient, key_of(type, i), ame_int_value(values[i])),
                         0);
    ame_map_release(empty);
    return ame_transient_seal(transient);
}

/* `count` random changes to the map and to the values. */
static ame_map *changed(enum ame_key_type type, ame_map *map, int64_t *values, int count) {
    ame_map_retain(map);
    for (int n = 0; n < count; n++) {
        int i = rand() % KEYS;
        values[i] = rand() % 3 ? rand() % 5 + 1 : 0;
        ame_map *next = values[i] ? ame_map_set(map, key_of(type, i), ame_int_value(values[i]))
                                  : ame_map_remove(map, key_of(type, i));
        ame_map_release(map);
        map = next;
    }
    return map;
}

static void check_content(enum ame_key_type type, const ame_map *map, const int64_t *values) {
    size_t size = 0;
    for (int i = 0; i < KEYS; i++) {
        ame_value value = {0};
        cr_assert_eq(ame_map_get(map, key_of(type, i), &value), values[i] != 0, "key %d", i);
        cr_assert_eq(value.integer, values[i], "key %d", i);
        size += values[i] != 0;
    }
    cr_assert_eq(ame_map_size(map), size);
}

struct expected {
    enum ame_key_type type;
    const int64_t *old, *new;
    bool seen[KEYS];
    int count;
};

static int see(const struct ame_map_difference *d, void *context) {
    struct expected *expected = context;
    int i = index_of(expected->type, d->key);
    cr_assert(i >= 0 && i < KEYS && !expected->seen[i]);
    cr_assert_neq(expected->old[i], expected->new[i]);
    cr_assert_eq(d->was_there, expected->old[i] != 0);
    cr_assert_eq(d->is_there, expected->new[i] != 0);
    cr_assert_eq(d->old_value.integer, expected->old[i]);
    cr_assert_eq(d->new_value.integer, expected->new[i]);
    expected->seen[i] = true;
    expected->count++;
    return 0;
}

static void check_difference(enum ame_key_type type, ame_map *old, const int64_t *old_values,
                             ame_map *new, const int64_t *new_values) {
    struct expected expected = {type, old_values, new_values, {false}, 0};
    int differ = 0;
    for (int i = 0; i < KEYS; i++)
        differ += old_values[i] != new_values[i];
    cr_assert_eq(ame_map_diff(old, new, see, &expected), 0);
    cr_assert_eq(expected.count, differ);
    cr_assert_eq(ame_map_equal(old, new), !differ);
    if (!differ)
        cr_assert_eq(ame_map_hash(old), ame_map_hash(new));
    else
        cr_assert_neq(ame_map_hash(old), ame_map_hash(new));
}

static void run_differences(enum ame_key_type type) {
    static int64_t old_values[KEYS], new_values[KEYS];
    for (int round = 0; round < 60; round++) {
        srand((unsigned)round);
        int filled = rand() % 101;
        for (int i = 0; i < KEYS; i++)
            old_values[i] = rand() % 100 < filled ? rand() % 5 + 1 : 0;
        memcpy(new_values, old_values, sizeof old_values);
        ame_map *old = map_of(type, old_values);
        ame_map *new = changed(type, old, new_values, round % 10 ? rand() % 50 : 5000);
        ame_map *apart = map_of(type, new_values);
        check_content(type, new, new_values);
        check_difference(type, old, old_values, new, new_values);
        check_difference(type, new, new_values, old, old_values);
        check_difference(type, old, old_values, apart, new_values);
        check_difference(type, apart, new_values, new, new_values);
        ame_map_release(old);
        ame_map_release(new);
        ame_map_release(apart);
    }
}

Test(map_whole, differences_int_keys) {
    run_differences(AME_KEY_INT);
}
Test(map_whole, differences_string_keys) {
    run_differences(AME_KEY_STRING);
}

static int stop_at_third(const struct ame_map_difference *d, void *context) {
    (void)d;
    return ++*(int *)context == 3 ? 77 : 0;
}

Test(map_whole, a_difference_can_be_left_early) {
    int64_t values[KEYS] = {1, 2, 3, 4, 5};
    ame_map *map = map_of(AME_KEY_INT, values), *empty = ame_map_new(AME_KEY_INT);
    int calls = 0;
    cr_assert_eq(ame_map_diff(empty, map, stop_at_third, &calls), 77);
    cr_assert_eq(calls, 3);
    ame_map *other = ame_map_new(AME_KEY_STRING);
    cr_assert_eq(ame_map_diff(empty, other, stop_at_third, &calls), AME_EINVAL);
    cr_assert_not(ame_map_equal(empty, other));
    ame_map_release(other);
    ame_map_release(empty);
    ame_map_release(map);
}

static double cpu_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int count_one(const struct ame_map_difference *difference, void *count) {
    (void)difference;
    ++*(int *)count;
    return 0;
}

/* Beside a walk over all entries, which takes a thousand times as long. The shortest of some tries,
 * as the thread may be interrupted. */
Test(map_whole, a_difference_takes_time_of_the_difference) {
    enum { MANY = 100000, TRIES = 20, LEAST = 20 };
    double shortest = 1, walk = 1;
    ame_map *empty = ame_map_new(AME_KEY_INT);
    ame_transient *transient = ame_transient_new(empty);
    for (int i = 0; i < MANY; i++)
        ame_transient_set(transient, ame_int_key(i), ame_int_value(i));
    ame_map *old = ame_transient_seal(transient);
    ame_map *changed = ame_map_set(old, ame_int_key(MANY / 2), ame_int_value(-1));
    for (int i = 0; i < TRIES; i++) {
        int differences = 0, entries = 0;
        ame_map_iterator iterator;
        double began = cpu_time();
        ame_map_diff(old, changed, count_one, &differences);
        double between = cpu_time();
        for (ame_map_iterate(old, &iterator); ame_map_next(&iterator, NULL, NULL);)
            entries++;
        double ended = cpu_time();
        cr_assert_eq(differences, 1);
        cr_assert_eq(entries, MANY);
        shortest = between - began < shortest ? between - began : shortest;
        walk = ended - between < walk ? ended - between : walk;
    }
    cr_assert_lt(LEAST * shortest, walk, "%g and %g seconds", shortest, walk);
    ame_map_release(changed);
    ame_map_release(old);
    ame_map_release(empty);
}

/* ---- merging ---- */

struct conflicts {
    enum ame_key_type type;
    int count;
    const int64_t *base, *ours, *theirs;
};

/* The sum of both; -100 removes, an even sum keeps ours. */
static enum ame_map_update resolve(const struct ame_map_difference *theirs, bool present,
                                   ame_value *value, void *context) {
    struct conflicts *conflicts = context;
    int i = index_of(conflicts->type, theirs->key);
    cr_assert_eq(theirs->old_value.integer, conflicts->base[i]);
    cr_assert_eq(theirs->new_value.integer, conflicts->theirs[i]);
    cr_assert_eq(present, conflicts->ours[i] != 0);
    cr_assert_eq(value->integer, conflicts->ours[i]);
    conflicts->count++;
    if (i % 3 == 0)
        return AME_MAP_KEEP;
    if (i % 3 == 1)
        return AME_MAP_REMOVE;
    value->integer = 1000 + i;
    return AME_MAP_SET;
}

static void run_merges(enum ame_key_type type) {
    static int64_t base[KEYS], ours[KEYS], theirs[KEYS], merged[KEYS];
    for (int round = 0; round < 30; round++) {
        srand((unsigned)round);
        for (int i = 0; i < KEYS; i++)
            base[i] = rand() % 5;
        memcpy(ours, base, sizeof base);
        memcpy(theirs, base, sizeof base);
        ame_map *b = map_of(type, base);
        ame_map *o = changed(type, b, ours, 1000), *t = changed(type, b, theirs, 1000);
        int expected = 0;
        for (int i = 0; i < KEYS; i++) {
            bool conflict = ours[i] != base[i] && theirs[i] != base[i] && ours[i] != theirs[i];
            merged[i] = theirs[i] == base[i] || conflict ? ours[i] : theirs[i];
            expected += conflict;
        }
        ame_map *m = ame_map_merge(b, o, t, NULL, NULL);
        check_content(type, m, merged);
        ame_map_release(m);
        for (int i = 0; i < KEYS; i++)
            if (ours[i] != base[i] && theirs[i] != base[i] && ours[i] != theirs[i] && i % 3)
                merged[i] = i % 3 == 1 ? 0 : 1000 + i;
        struct conflicts conflicts = {type, 0, base, ours, theirs};
        m = ame_map_merge(b, o, t, resolve, &conflicts);
        cr_assert_eq(conflicts.count, expected);
        check_content(type, o, ours);
        check_content(type, t, theirs);
        ame_map_release(t);
        ame_map_release(o);
        check_content(type, m, merged);
        ame_map_release(b);
        check_content(type, m, merged);
        ame_map_release(m);
    }
}

Test(map_whole, merges_int_keys) {
    run_merges(AME_KEY_INT);
}
Test(map_whole, merges_string_keys) {
    run_merges(AME_KEY_STRING);
}

/* ---- updates ---- */

static enum ame_map_update next_value(ame_key key, bool present, ame_value *value, void *context) {
    (void)key;
    cr_assert(present || value->integer == 0);
    value->integer += *(int *)context;
    return value->integer > 3 ? AME_MAP_REMOVE : AME_MAP_SET;
}

static enum ame_map_update keep_even(ame_key key, bool present, ame_value *value, void *context) {
    (void)present, (void)value, (void)context;
    return key.integer % 2 ? AME_MAP_REMOVE : AME_MAP_KEEP;
}

static enum ame_map_update negate(ame_key key, bool present, ame_value *value, void *context) {
    (void)key, (void)present, (void)context;
    value->integer = -value->integer;
    return AME_MAP_SET;
}

Test(map_whole, updates_of_one_key) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    int by = 2;
    ame_value value;
    ame_map *one = ame_map_update(map, ame_int_key(5), next_value, &by);
    cr_assert(ame_map_get(one, ame_int_key(5), &value) && value.integer == 2);
    by = 1;
    ame_map *two = ame_map_update(one, ame_int_key(5), next_value, &by);
    cr_assert(ame_map_get(two, ame_int_key(5), &value) && value.integer == 3);
    ame_map *none = ame_map_update(two, ame_int_key(5), next_value, &by);
    cr_assert_eq(ame_map_size(none), 0u);
    ame_map_release(map);
    ame_map_release(one);
    ame_map_release(two);
    ame_map_release(none);
}

Test(map_whole, updates_of_all_keys) {
    static int64_t values[KEYS];
    for (int i = 0; i < KEYS; i++)
        values[i] = i + 1;
    ame_map *map = map_of(AME_KEY_INT, values);
    ame_map *even = ame_map_update_all(map, keep_even, NULL);
    check_content(AME_KEY_INT, map, values);
    ame_map_release(map);
    for (int i = 1; i < KEYS; i += 2)
        values[i] = 0;
    check_content(AME_KEY_INT, even, values);
    ame_map *negative = ame_map_update_all(even, negate, NULL);
    ame_map_release(even);
    for (int i = 0; i < KEYS; i++)
        values[i] = -values[i];
    check_content(AME_KEY_INT, negative, values);
    ame_map_release(negative);
}

/* ---- arrays ---- */

static void run_arrays(enum ame_key_type type) {
    static ame_key keys[2 * KEYS];
    static ame_value values[2 * KEYS];
    static int64_t expected[KEYS];
    for (int count = 0; count <= 2 * KEYS; count += count < 40 ? 1 : 397) {
        memset(expected, 0, sizeof expected);
        for (int n = 0; n < count; n++) {
            int i = rand() % (count < 20 ? 5 : KEYS); /* some keys come twice */
            keys[n] = key_of(type, i);
            values[n] = ame_int_value(expected[i] = n + 1);
        }
        ame_map *empty = ame_map_new(type);
        ame_map *map = ame_map_set_all(empty, keys, values, (size_t)count);
        ame_map *same = map_of(type, expected);
        check_content(type, map, expected);
        cr_assert(ame_map_equal(map, same));
        for (int n = 0; n < count; n++)
            values[n] = ame_int_value(expected[index_of(type, keys[n])] = -n - 1);
        ame_map *again = ame_map_set_all(map, keys, values, (size_t)count);
        check_content(type, again, expected);
        ame_map_release(empty);
        ame_map_release(map);
        ame_map_release(same);
        ame_map_release(again);
    }
}

Test(map_whole, arrays_int_keys) {
    run_arrays(AME_KEY_INT);
}
Test(map_whole, arrays_string_keys) {
    run_arrays(AME_KEY_STRING);
}

/* Into maps with entries: as one key after the other, and old versions stay. */
static void run_arrays_into_maps(enum ame_key_type type) {
    enum { MOST = 3000, HELD = 5, ROUNDS = 400 };
    static ame_key keys[MOST];
    static ame_value values[MOST];
    ame_map *held[HELD];
    srand(9);
    for (int h = 0; h < HELD; h++)
        held[h] = ame_map_new(type);
    for (int round = 0; round < ROUNDS; round++) {
        ame_map *map = held[rand() % HELD], *one_by_one = ame_map_retain(map);
        int most = round % 50 ? 60 : MOST, count = 1 + rand() % most, range = 1 + rand() % KEYS;
        uint64_t before = ame_map_hash(map);
        for (int i = 0; i < count; i++) {
            keys[i] = key_of(type, rand() % range);
            values[i] = ame_int_value(rand() % 3);
            ame_map *next = ame_map_set(one_by_one, keys[i], values[i]);
            ame_map_release(one_by_one);
            one_by_one = next;
        }
        ame_map *together = ame_map_set_all(map, keys, values, (size_t)count);
        cr_assert_eq(ame_map_size(together), ame_map_size(one_by_one));
        cr_assert(ame_map_equal(together, one_by_one));
        cr_assert(same_shape(together->root, one_by_one->root, 0));
        check_shape(together);
        cr_assert_eq(ame_map_hash(map), before);
        ame_map *again = ame_map_set_all(together, keys, values, 0);
        cr_assert_eq(again, together);
        ame_map_release(again);
        ame_map_release(one_by_one);
        int h = rand() % HELD;
        ame_map_release(held[h]);
        held[h] = together;
        if (round % 80 == 79) { /* small again */
            ame_map_release(held[0]);
            held[0] = ame_map_new(type);
        }
    }
    ame_map *same = ame_map_set_all(held[1], NULL, NULL, 0);
    cr_assert_eq(same, held[1]);
    ame_map_release(same);
    for (int h = 0; h < HELD; h++)
        ame_map_release(held[h]);
}

Test(map_whole, arrays_of_int_keys_into_maps_that_have_entries) {
    run_arrays_into_maps(AME_KEY_INT);
}
Test(map_whole, arrays_of_string_keys_into_maps_that_have_entries) {
    run_arrays_into_maps(AME_KEY_STRING);
}

Test(map_whole, an_array_of_what_is_there_gives_the_same_version) {
    ame_key keys[] = {ame_int_key(1), ame_int_key(2), ame_int_key(3)};
    ame_value values[] = {ame_int_value(5), ame_int_value(6), ame_int_value(7)};
    ame_map *empty = ame_map_new(AME_KEY_INT), *map = ame_map_set_all(empty, keys, values, 3);
    ame_map *same = ame_map_set_all(map, keys + 1, values + 1, 2);
    cr_assert_eq(same, map);
    ame_map_release(same);
    ame_map_release(map);
    ame_map_release(empty);
}

Test(map_whole, a_transient_that_sets_what_is_there_is_the_old_version) {
    static const enum ame_key_type types[] = {AME_KEY_INT, AME_KEY_STRING};
    int64_t values[KEYS];
    for (int i = 0; i < KEYS; i++)
        values[i] = i + 1;
    for (int t = 0; t < 2; t++) {
        ame_map *map = map_of(types[t], values);
        ame_transient *transient = ame_transient_new(map);
        for (int i = 0; i < KEYS; i++)
            cr_assert_eq(
                ame_transient_set(transient, key_of(types[t], i), ame_int_value(values[i])), 0);
        ame_map *same = ame_transient_seal(transient);
        cr_assert_eq(same, map);
        ame_map_release(same);
        ame_map_release(map);
    }
}

Test(map_whole, a_transient_that_was_emptied_takes_keys_again) {
    for (enum ame_key_type type = AME_KEY_INT; type <= AME_KEY_STRING; type++) {
        ame_map *empty = ame_map_new(type);
        ame_map *map = ame_map_set(empty, key_of(type, 1), ame_int_value(1));
        ame_transient *transient = ame_transient_new(map);
        cr_assert_eq(ame_transient_remove(transient, key_of(type, 1)), AME_OK);
        for (int i = 2; i < KEYS; i++)
            cr_assert_eq(ame_transient_set(transient, key_of(type, i), ame_int_value(i)), AME_OK);
        ame_map *changed = ame_transient_seal(transient);
        check_shape(changed);
        cr_assert_eq(ame_map_size(changed), KEYS - 2u);
        cr_assert_not(ame_map_contains(changed, key_of(type, 1)));
        ame_map_release(changed);
        ame_map_release(map);
        ame_map_release(empty);
    }
}

Test(map_whole, many_lookups_at_once) {
    static int64_t content[KEYS];
    for (enum ame_key_type type = AME_KEY_INT; type <= AME_KEY_STRING; type++)
        for (int filled = 0; filled <= KEYS; filled += KEYS / 3) {
            ame_key keys[100];
            ame_value values[100];
            bool found[100];
            for (int i = 0; i < KEYS; i++)
                content[i] = i < filled ? i + 1 : 0;
            ame_map *map = map_of(type, content);
            for (size_t count = 0; count <= 100; count++) {
                size_t hits = 0;
                for (size_t i = 0; i < count; i++)
                    keys[i] = key_of(type, rand() % KEYS);
                size_t result = ame_map_get_many(map, keys, count, values, found);
                for (size_t i = 0; i < count; i++) {
                    int index = index_of(type, keys[i]);
                    cr_assert_eq(found[i], content[index] != 0);
                    cr_assert(!found[i] || values[i].integer == content[index]);
                    hits += found[i];
                }
                cr_assert_eq(result, hits);
            }
            ame_map_release(map);
        }
}
