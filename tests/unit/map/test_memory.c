/* Out of memory at each allocation in turn, and nothing leaks. This program
 * counts the allocations of the thread that runs the test. */
#include "base/compiler.h"
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread bool counting;
static __thread long live;             /* allocated less freed, while counting */
static __thread long allocations_left; /* negative: no limit */

#if !AME__ASAN /* which has a malloc of its own and finds leaks by itself */
void *__libc_malloc(size_t size);
void __libc_free(void *memory);

void *malloc(size_t size) {
    if (counting && allocations_left == 0)
        return NULL;
    if (counting && allocations_left > 0)
        allocations_left--;
    void *memory = __libc_malloc(size);
    live += counting && memory;
    return memory;
}

void free(void *memory) {
    live -= counting && memory;
    __libc_free(memory);
}
#endif

enum { KEYS = 300 };

static ame_key key_of(enum ame_key_type type, int i) {
    static char text[400];
    if (type == AME_KEY_INT)
        return ame_int_key(i * 12345);
    snprintf(text, sizeof text, "%0*d", i % 2 ? 5 : 350, i);
    return ame_string_key(text);
}

static ame_map *full_map(enum ame_key_type type) {
    ame_map *map = ame_map_new(type);
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
            cr_assert_eq(live, 0);
        cr_assert_eq(ame_map_size(map), size);
        check_shape(map);
        if (!next)
            continue;
        counting = true;
        ame_map_release(next);
        counting = false;
        cr_assert_eq(live, 0, "the new version's own nodes, and only they, go with it");
        return (int)allowed;
    }
}

static void check_out_of_memory(enum ame_key_type type) {
    ame_map *map = full_map(type);
    for (int i = 0; i < KEYS + 50; i++) {
        int failures = failures_of(map, i, false);
        if (!AME__ASAN)
            cr_assert_geq(failures, type == AME_KEY_STRING && i >= KEYS ? 3 : 2);
        if (i < KEYS)
            failures_of(map, i, true);
    }
    for (int i = 0; i < KEYS; i++) {
        ame_value value;
        cr_assert(ame_map_get(map, key_of(type, i), &value));
        cr_assert_eq(value.integer, i + 1);
    }
    ame_map_release(map);
}

Test(map_memory, failing_allocations_int_keys) {
    check_out_of_memory(AME_KEY_INT);
}
Test(map_memory, failing_allocations_string_keys) {
    check_out_of_memory(AME_KEY_STRING);
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
    cr_assert_eq(live, 0);
}

Test(map_memory, no_leak_int_keys) {
    check_no_leak(AME_KEY_INT);
}
Test(map_memory, no_leak_string_keys) {
    check_no_leak(AME_KEY_STRING);
}
