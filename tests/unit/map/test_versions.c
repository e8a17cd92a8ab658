/* Who frees what: trees of versions that are made and given back in any order, by one thread
 * and by several. Each version is compared with a plain array for as long as it is held, and
 * in the end nothing is left. */
#include "live.h"
#include "shape.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { KEYS = 200, VERSIONS = 40 };

struct version {
    ame_map *map; /* NULL: none is held */
    size_t size;
    int64_t values[KEYS]; /* 0: absent */
};

static __thread uint64_t random_state;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

/* ---- typed keys that count who holds them ---- */

static int64_t numbers[KEYS];
static ame__word holders[KEYS];

static uint64_t hash_number(const void *key, uint64_t seed) {
    /* Weak on purpose: only 16 hashes in each round. */
    return (uint64_t)(*(const int64_t *)key + (int64_t)seed) * 0x9E3779B97F4A7C15 >> 60 << 20;
}
static bool equal_numbers(const void *one, const void *other) {
    return *(const int64_t *)one == *(const int64_t *)other;
}
static void retain_number(void *key) {
    ame__add_full(&holders[(int64_t *)key - numbers], 1);
}
static void release_number(void *key) {
    ame__add_full(&holders[(int64_t *)key - numbers], (uint64_t)-1);
}

static const struct ame_key_functions counted = {hash_number, equal_numbers, retain_number,
                                                 release_number};

static ame_map *new_map(enum ame_key_type type) {
    for (int i = 0; i < KEYS; i++)
        numbers[i] = i;
    return type == AME_KEY_TYPED ? ame_map_new_typed(&counted) : ame_map_new(type);
}

static ame_key key_of(enum ame_key_type type, int i) {
    static __thread char text[32];
    switch (type) {
    case AME_KEY_INT:
        return ame_int_key(i * 77);
    case AME_KEY_STRING:
        /* In nodes, and outside them. */
        snprintf(text, sizeof text, i % 3 ? "key %d" : "key %d, a longer one", i);
        return ame_string_key(text);
    case AME_KEY_POINTER:
        return ame_pointer_key(&numbers[i]);
    default:
        return ame_pointer_key(&numbers[i]);
    }
}

/* ---- steps ---- */

static void check(enum ame_key_type type, const struct version *v) {
    ame_map_iterator iterator;
    size_t count = 0;
    cr_assert_eq(ame_map_size(v->map), v->size);
    for (int i = 0; i < KEYS; i++) {
        ame_value value = {0};
        cr_assert_eq(ame_map_get(v->map, key_of(type, i), &value), v->values[i] != 0);
        cr_assert_eq(value.integer, v->values[i]);
    }
    ame_map_iterate(v->map, &iterator);
    while (ame_map_next(&iterator, NULL, NULL))
        count++;
    cr_assert_eq(count, v->size);
}

static void note(struct version *v, int i, int64_t value) {
    v->size += (value != 0) - (v->values[i] != 0);
    v->values[i] = value;
}

static ame_map *change_one(enum ame_key_type type, struct version *v, ame_map *map) {
    int i = (int)draw(KEYS);
    int64_t value = draw(3) ? 1 + (int64_t)draw(4) : 0;
    note(v, i, value);
    return value ? ame_map_set(map, key_of(type, i), ame_int_value(value))
                 : ame_map_remove(map, key_of(type, i));
}

static ame_map *change_many(enum ame_key_type type, struct version *v, ame_map *map) {
    ame_transient *transient = ame_transient_new(map);
    struct version before = *v;
    for (uint32_t left = draw(60); left > 0; left--) {
        int i = (int)draw(KEYS);
        ame_value there;
        cr_assert_eq(ame_transient_get(transient, key_of(type, i), &there), v->values[i] != 0);
        if (draw(2)) {
            note(v, i, 1 + (int64_t)draw(4));
            cr_assert_eq(ame_transient_set(transient, key_of(type, i), ame_int_value(v->values[i])),
                         0);
        } else {
            int expected = v->values[i] ? 0 : -3; /* AME_ENOENT */
            note(v, i, 0);
            cr_assert_eq(ame_transient_remove(transient, key_of(type, i)), expected);
        }
        cr_assert_eq(ame_transient_size(transient), v->size);
    }
    if (draw(4))
        return ame_transient_seal(transient);
    ame_transient_drop(transient);
    *v = before;
    return ame_map_retain(map);
}

/* A new version of any one that is held, or of none, takes a place of its own or that of
 * another one. Now and then many are given back at once, in any order. */
static void step(enum ame_key_type type, struct version *versions) {
    struct version *from = &versions[draw(VERSIONS)], *to = &versions[draw(VERSIONS)];
    struct version next = {.map = NULL};
    if (from->map)
        next = *from;
    ame_map *map = from->map ? ame_map_retain(from->map) : new_map(type);
    next.map = draw(3) ? change_one(type, &next, map) : change_many(type, &next, map);
    ame_map_release(map);
    check_shape(next.map);
    ame_map_release(to->map);
    *to = next;
    if (draw(100) == 0)
        for (int v = 0; v < VERSIONS; v++)
            if (draw(3)) {
                ame_map_release(versions[v].map);
                versions[v].map = NULL;
            }
}

static void run(enum ame_key_type type, uint64_t seed, int steps) {
    static __thread struct version versions[VERSIONS];
    random_state = seed;
    counting = true;
    for (int i = 0; i < steps; i++) {
        step(type, versions);
        if (i % 50 == 0)
            for (int v = 0; v < VERSIONS; v++)
                if (versions[v].map)
                    check(type, &versions[v]);
    }
    for (int v = 0; v < VERSIONS; v++) {
        ame_map_release(versions[v].map);
        versions[v].map = NULL;
    }
    ame_map_reclaim(SIZE_MAX);
    counting = false;
}

static void check_nothing_left(void) {
    cr_assert_eq((int64_t)ame__load_relaxed(&live), 0);
    for (int i = 0; i < KEYS; i++)
        cr_assert_eq((int64_t)ame__load_relaxed(&holders[i]), 0);
}

enum { STEPS = AME__ASAN ? 3000 : 12000 };

Test(map_versions, int_keys) {
    run(AME_KEY_INT, 1, STEPS);
    check_nothing_left();
}
Test(map_versions, string_keys) {
    run(AME_KEY_STRING, 2, STEPS);
    check_nothing_left();
}
Test(map_versions, pointer_keys) {
    run(AME_KEY_POINTER, 3, STEPS);
    check_nothing_left();
}
Test(map_versions, typed_keys) {
    run(AME_KEY_TYPED, 4, STEPS);
    check_nothing_left();
}

/* ---- several threads work on versions of one tree ---- */

enum { THREADS = 4, SLOTS = 16 };

static struct slot {
    pthread_mutex_t lock;
    struct version version;
} slots[SLOTS];

struct job {
    pthread_t thread;
    enum ame_key_type type;
    uint64_t seed;
};

static struct version take(enum ame_key_type type, struct slot *slot) {
    pthread_mutex_lock(&slot->lock);
    struct version version = slot->version;
    if (version.map)
        ame_map_retain(version.map);
    pthread_mutex_unlock(&slot->lock);
    if (!version.map)
        version = (struct version){.map = new_map(type)};
    return version;
}

static void put(struct slot *slot, struct version version) {
    pthread_mutex_lock(&slot->lock);
    ame_map *old = slot->version.map;
    slot->version = version;
    pthread_mutex_unlock(&slot->lock);
    ame_map_release(old);
}

static void *work(void *argument) {
    const struct job *job = argument;
    random_state = job->seed;
    counting = true;
    for (int i = 0; i < STEPS; i++) {
        struct version version = take(job->type, &slots[draw(SLOTS)]), next = version;
        next.map = draw(8) ? change_one(job->type, &next, version.map)
                           : change_many(job->type, &next, version.map);
        if (i % 50 == 0) {
            check(job->type, &version);
            check(job->type, &next);
        }
        if (i % 64 == 0)
            put(&slots[draw(SLOTS)], (struct version){.map = NULL});
        ame_map_release(version.map);
        put(&slots[draw(SLOTS)], next);
    }
    counting = false;
    return NULL;
}

static void run_threads(enum ame_key_type type) {
    struct job jobs[THREADS];
    for (int i = 0; i < SLOTS; i++)
        pthread_mutex_init(&slots[i].lock, NULL);
    ame_map_release(new_map(type)); /* fills in the numbers */
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.type = type, .seed = (uint64_t)i + 10};
        cr_assert_eq(pthread_create(&jobs[i].thread, NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(jobs[i].thread, NULL);
    counting = true;
    for (int i = 0; i < SLOTS; i++) {
        if (slots[i].version.map)
            check(type, &slots[i].version);
        put(&slots[i], (struct version){.map = NULL});
    }
    ame_map_reclaim(SIZE_MAX);
    counting = false;
    check_nothing_left();
}

Test(map_versions, int_keys_in_threads) {
    run_threads(AME_KEY_INT);
}
Test(map_versions, string_keys_in_threads) {
    run_threads(AME_KEY_STRING);
}
Test(map_versions, typed_keys_in_threads) {
    run_threads(AME_KEY_TYPED);
}

/* ---- what is freed, and when ---- */

static ame_map *big_map(size_t entries) {
    ame_map *empty = ame_map_new(AME_KEY_INT);
    ame_transient *transient = ame_transient_new(empty);
    for (size_t i = 0; i < entries; i++)
        ame_transient_set(transient, ame_int_key((int64_t)i), ame_int_value(1));
    ame_map_release(empty);
    return ame_transient_seal(transient);
}

Test(map_versions, a_snapshot_goes_when_it_is_released) {
    enum { ENTRIES = 5000 };
    counting = true;
    ame_map *map = big_map(ENTRIES), *snapshot = ame_map_retain(map);
    int64_t one = (int64_t)live;
    for (int i = 0; i < ENTRIES; i++) {
        ame_map *next = ame_map_set(map, ame_int_key(i), ame_int_value(2));
        ame_map_release(map);
        map = next;
    }
    int64_t two = (int64_t)live;
    ame_map_release(snapshot);
    ame_map_reclaim(SIZE_MAX);
    counting = false;
    if (!AME__ASAN) {
        cr_assert_leq(two, 2 * one + 10, "versions between the two are gone");
        cr_assert_eq((int64_t)live, one, "and so is the snapshot");
    }
    ame_map_release(map);
}

Test(map_versions, the_release_of_a_large_map_is_done_in_steps) {
    counting = true;
    ame_map *small = big_map(10), *map = big_map(200000);
    int64_t all = (int64_t)live, before = all;
    int last_steps = 10; /* there may be something left of the large map when little is alive */
    ame_map_release(map);
    for (int i = 0; i < 2000 && (AME__ASAN || (int64_t)live > 40 || last_steps-- > 0); i++) {
        int64_t now = (int64_t)live;
        cr_assert_leq(before - now, 1000);
        before = now;
        ame_map *next = ame_map_set(small, ame_int_key(i % 10), ame_int_value(i + 5));
        ame_map_release(small);
        small = next;
    }
    if (!AME__ASAN) {
        cr_assert_leq((int64_t)live, 40, "later releases free the rest");
        cr_assert_gt(all, 20000);
    }
    cr_assert_eq(ame_map_reclaim(SIZE_MAX), 0u);
    ame_map_release(small);
    counting = false;
    cr_assert_eq((int64_t)live, 0);
}

Test(map_versions, reclaim_frees_what_it_is_asked_to) {
    ame_map_release(big_map(100000));
    cr_assert_eq(ame_map_reclaim(100), 100u);
    cr_assert_gt(ame_map_reclaim(SIZE_MAX), 10000u);
    cr_assert_eq(ame_map_reclaim(100), 0u);
}
