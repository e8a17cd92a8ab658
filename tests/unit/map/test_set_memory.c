/* Sets: what an entry takes, and each allocation failing in turn. */
#include "live.h"
#include "shape.h"
#include <ame/error.h>
#include <ame/set.h>

#include <stdio.h>

enum { KEYS = 200, MANY = 100000 };

static ame_key key_of(enum ame_key_type type, int i) {
    static char text[400];
    if (type == AME_KEY_INT)
        return ame_int_key(i * 12345);
    snprintf(text, sizeof text, "%0*d", i % 4 == 1 ? 5 : i % 4 == 3 ? 23 : i % 4 ? 24 : 350, i);
    return ame_string_key(text);
}

static ame_set *full_set(enum ame_key_type type, int first, int count) {
    ame_set *empty = ame_set_new(type);
    ame_set_transient *transient = ame_set_transient_new(empty);
    ame_set_release(empty);
    for (int i = first; i < first + count; i++)
        cr_assert_eq(ame_set_transient_add(transient, key_of(type, i)), AME_OK);
    return ame_set_transient_seal(transient);
}

static size_t bytes_below(struct ame__cell node) {
    size_t bytes = ame__capacity(ame__words_of_node(node)) * sizeof(uint64_t);
    for (uint32_t nodes = ame__nodes(node); nodes; nodes &= nodes - 1)
        bytes += bytes_below(*ame__child(node, (uint32_t)__builtin_ctz(nodes)));
    return bytes;
}

Test(set_memory, an_entry_takes_two_thirds_of_what_it_takes_in_a_map) {
    ame_set *set = full_set(AME_KEY_INT, 0, MANY);
    ame_map *map = ame_map_new(AME_KEY_INT);
    ame_transient *transient = ame_transient_new(map);
    for (int i = 0; i < MANY; i++)
        ame_transient_set(transient, key_of(AME_KEY_INT, i), ame_int_value(i));
    ame_map_release(map);
    map = ame_transient_seal(transient);
    size_t of_set = bytes_below(((ame_map *)set)->root), of_map = bytes_below(map->root);
    cr_assert_lt(of_set * 100, of_map * 70, "%zu bytes against %zu", of_set, of_map);
    ame_map_release(map);
    ame_set_release(set);
}

typedef ame_set *change_fn(ame_set *set, ame_set *other, int i);

static ame_set *add(ame_set *set, ame_set *other, int i) {
    (void)other;
    return ame_set_add(set, key_of(ame_set_key_type(set), i));
}
static ame_set *drop(ame_set *set, ame_set *other, int i) {
    (void)other;
    return ame_set_remove(set, key_of(ame_set_key_type(set), i));
}
static ame_set *unite(ame_set *set, ame_set *other, int i) {
    (void)i;
    return ame_set_union(set, other);
}
static ame_set *take_out(ame_set *set, ame_set *other, int i) {
    return i % 2 ? ame_set_without(set, other) : ame_set_without(other, set);
}

/* Lets the change have 0, 1, 2 ... allocations until it succeeds. */
static void check_failures(change_fn *change, ame_set *set, ame_set *other, int i) {
    size_t size = ame_set_size(set);
    ame_set *next = NULL;
    for (long allowed = 0; !next; allowed++) {
        live = 0;
        allocations_left = allowed;
        counting = true;
        next = change(set, other, i);
        ame_set_release(next);
        ame_map_reclaim(SIZE_MAX);
        counting = false;
        cr_assert_eq((int64_t)live, 0);
        cr_assert_eq(ame_set_size(set), size);
        check_shape((ame_map *)set);
    }
}

static void check_out_of_memory(enum ame_key_type type) {
    ame_set *set = full_set(type, 0, KEYS), *other = full_set(type, KEYS / 2, KEYS);
    for (int i = 0; i < KEYS; i += 3) {
        check_failures(add, set, other, KEYS + i);
        check_failures(drop, set, other, i);
    }
    check_failures(unite, set, other, 0);
    check_failures(take_out, set, other, 0);
    check_failures(take_out, set, other, 1);
    for (int i = 0; i < 2 * KEYS; i++)
        cr_assert_eq(ame_set_contains(set, key_of(type, i)), i < KEYS);
    ame_set_release(set);
    ame_set_release(other);
}

Test(set_memory, failing_allocations_int_keys) {
    check_out_of_memory(AME_KEY_INT);
}
Test(set_memory, failing_allocations_string_keys) {
    check_out_of_memory(AME_KEY_STRING);
}
