/* Maps in software blocks. The twins of the map's functions are called by name, as
 * the plugin's code would call them, from blocks made by hand. */
#include "shape.h"
#include <ame/abi.h>
#include <ame/runtime.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool twin_get(const ame_map *map, ame_key key, ame_value *value) __asm__("ame_twin.ame_map_get");
size_t twin_get_many(const ame_map *map, const ame_key *keys, size_t count, ame_value *values,
                     bool *found) __asm__("ame_twin.ame_map_get_many");
ame_map *twin_set(ame_map *map, ame_key key, ame_value value) __asm__("ame_twin.ame_map_set");
ame_map *twin_remove(ame_map *map, ame_key key) __asm__("ame_twin.ame_map_remove");
void twin_release(ame_map *map) __asm__("ame_twin.ame_map_release");
size_t twin_size(const ame_map *map) __asm__("ame_twin.ame_map_size");
void twin_iterate(const ame_map *map, ame_map_iterator *i) __asm__("ame_twin.ame_map_iterate");
bool twin_next_node(ame_map_iterator *i) __asm__("ame_twin.ame_map_next_node");

static void software_only(void) {
    setenv("AME_MODE", "stm", 1);
}

static void not_called(void *args) {
    (void)args;
    cr_assert_fail("the block ran serially");
}

/* Runs `twin` as a block and returns how many reads it recorded. */
static uint64_t run(void (*twin)(void *args), void *args) {
    struct ame_abi_block block = {.plain = not_called, .twin = twin, .place = (void *)twin};
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    ame_abi_run(&block, args);
    ame_get_statistics(&after);
    cr_assert_eq(after.commits_stm, before.commits_stm + 1);
    return after.reads_recorded - before.reads_recorded;
}

enum { ENTRIES = 20000 };

static ame_map *int_map(void) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < ENTRIES; i++) {
        ame_map *next = ame_map_set(map, ame_int_key(i), ame_int_value(-i));
        ame_map_release(map);
        map = next;
    }
    return map;
}

static void look_up_ints(void *args) {
    const ame_map *map = args;
    for (int i = 0; i < 2 * ENTRIES; i++) {
        ame_value value;
        bool found = twin_get(map, ame_int_key(i), &value);
        if (found != (i < ENTRIES) || (found && value.integer != -i))
            abort();
    }
    if (twin_size(map) != ENTRIES)
        abort();
}

Test(map_blocks, looking_up_ints_records_no_read, .init = software_only) {
    ame_map *map = int_map();
    cr_assert_eq(run(look_up_ints, map), 0u);
    ame_map_release(map);
}

/* ---- a map in a shared cell ---- */

static ame_map *cell;

static void look_up_through_cell(void *args) {
    int64_t entries = *(const int64_t *)args;
    const ame_map *map = (const ame_map *)ame_abi_read_u64(&cell);
    ame_value value;
    for (int64_t i = 0; i < 5; i++)
        if (!twin_get(map, ame_int_key(entries * i / 5), &value) || value.integer != 1)
            abort();
    if (twin_get(map, ame_int_key(entries), &value))
        abort();
}

Test(map_blocks, lookups_record_the_read_of_the_cell_whatever_the_size, .init = software_only) {
    for (int64_t entries = 10; entries <= 1000000; entries *= entries == 10 ? 100 : 1000) {
        ame_map *empty = ame_map_new(AME_KEY_INT);
        ame_transient *transient = ame_transient_new(empty);
        for (int64_t i = 0; i < entries; i++)
            ame_transient_set(transient, ame_int_key(i), ame_int_value(1));
        cell = ame_transient_seal(transient);
        cr_assert_eq(run(look_up_through_cell, &entries), 1u);
        ame_map_release(cell);
        ame_map_release(empty);
    }
}

static void set_through_cell(void *args) {
    (void)args;
    ame_map *old = (ame_map *)ame_abi_read_u64(&cell);
    ame_map *next = twin_set(old, ame_int_key(7), ame_int_value(8));
    if (!next)
        abort();
    ame_abi_write_u64(&cell, (uint64_t)next);
    twin_release(old);
}

Test(map_blocks, a_new_version_is_written_without_a_lock, .init = software_only) {
    struct ame_statistics before, after;
    cell = int_map();
    ame_get_statistics(&before);
    cr_assert_eq(run(set_through_cell, NULL), 1u, "reads");
    ame_get_statistics(&after);
    cr_assert_eq(after.writes_locked - before.writes_locked, 1u, "the cell's stripe");
    ame_value value;
    cr_assert(ame_map_get(cell, ame_int_key(7), &value));
    cr_assert_eq(value.integer, 8);
    ame_map_release(cell);
}

/* ---- strings ---- */

static char texts[3][600];

/* One by one, and in one call. */
static void look_up_texts(void *args) {
    ame_key keys[3];
    ame_value value, values[3];
    bool found[3];
    for (int i = 0; i < 3; i++) {
        keys[i] = ame_string_key(texts[i]);
        if (!twin_get(args, keys[i], &value) || value.integer != i)
            abort();
    }
    if (twin_get_many(args, keys, 3, values, found) != 3)
        abort();
    for (int i = 0; i < 3; i++)
        if (!found[i] || values[i].integer != i)
            abort();
}

Test(map_blocks, looking_up_strings_records_the_argument_only, .init = software_only) {
    ame_map *map = ame_map_new(AME_KEY_STRING);
    for (int i = 0; i < ENTRIES; i++) {
        char text[600];
        memset(text, 'a', sizeof text);
        snprintf(text + (i < 3 ? 240 * i : 0), 200, "%d", i);
        if (i < 3)
            strcpy(texts[i], text);
        ame_map *next = ame_map_set(map, ame_string_key(text), ame_int_value(i));
        ame_map_release(map);
        map = next;
    }
    cr_assert_leq(run(look_up_texts, map), sizeof texts / 64 + 1);
    ame_map_release(map);
}

/* ---- iteration ---- */

static void sum_up(void *args) {
    ame_map_iterator iterator;
    int64_t sum = 0;
    twin_iterate(*(ame_map **)args, &iterator);
    while (iterator.next != iterator.end || twin_next_node(&iterator)) {
        iterator.next += iterator.width;
        sum += (int64_t)iterator.next[-1].word;
    }
    if (sum != -(int64_t)ENTRIES * (ENTRIES - 1) / 2)
        abort();
}

Test(map_blocks, iterating_records_no_read_of_nodes, .init = software_only) {
    ame_map *map = int_map();
    cr_assert_leq(run(sum_up, &map), sizeof(ame_map_iterator) / 64 + 2, "the iterator's at most");
    ame_map_release(map);
}

/* ---- new versions, from many blocks at once ---- */

enum { THREADS = 4, ROUNDS = 1500 };

static ame_map *shared;

struct change {
    int64_t key;
    bool removes;
};

static void change_shared(void *args) {
    const struct change *change = args;
    ame_map *old = (ame_map *)ame_abi_read_u64(&shared);
    ame_map *next = change->removes ? twin_remove(old, ame_int_key(change->key))
                                    : twin_set(old, ame_int_key(change->key), ame_int_value(1));
    if (!next)
        abort();
    ame_abi_write_u64(&shared, (uint64_t)next);
    twin_release(old);
}

/* The same as written, for a block that has lost so often that it runs alone. */
static void change_shared_alone(void *args) {
    const struct change *change = args;
    ame_map *old = shared;
    shared = change->removes ? ame_map_remove(old, ame_int_key(change->key))
                             : ame_map_set(old, ame_int_key(change->key), ame_int_value(1));
    if (!shared)
        abort();
    ame_map_release(old);
}

/* Thread t owns the keys that are t modulo THREADS. It sets all, then removes
 * every second one. */
static void *change_many(void *args) {
    static struct ame_abi_block block = {.plain = change_shared_alone, .twin = change_shared};
    int64_t thread = (intptr_t)args;
    for (int64_t i = 0; i < ROUNDS; i++)
        ame_abi_run(&block, &(struct change){i * THREADS + thread, false});
    for (int64_t i = 0; i < ROUNDS; i += 2)
        ame_abi_run(&block, &(struct change){i * THREADS + thread, true});
    return NULL;
}

Test(map_blocks, changes_of_many_threads_add_up, .init = software_only) {
    pthread_t threads[THREADS];
    shared = ame_map_new(AME_KEY_INT);
    for (intptr_t t = 0; t < THREADS; t++)
        cr_assert_eq(pthread_create(&threads[t], NULL, change_many, (void *)t), 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    cr_assert_eq(ame_map_size(shared), (size_t)THREADS * ROUNDS / 2);
    for (int64_t i = 0; i < ROUNDS; i++)
        for (int64_t t = 0; t < THREADS; t++)
            cr_assert_eq(ame_map_get(shared, ame_int_key(i * THREADS + t), NULL), i % 2 == 1);
    check_shape(shared);
    /* One version is left, and no other one waits in its tree. */
    cr_assert_eq(ame_ref_read(&shared->version.references), 1);
    cr_assert_null(shared->version.links.parent);
    cr_assert_eq(shared->version.links.children, 0);
    ame_map_release(shared);
}
