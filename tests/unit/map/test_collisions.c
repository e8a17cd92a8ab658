/* Keys whose hashes agree in some or all bits. This program has hash functions of
 * its own, which the linker takes instead of the library's. */
#include "map/hash.h"
#include "shape.h"
#include <ame/set.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t kept_bits[2] = {UINT64_MAX, UINT64_MAX}; /* of a plain mix, in each round */

static uint64_t weak(uint64_t x, uint64_t round) {
    x = (x ^ round << 40) * 0x9E3779B97F4A7C15;
    return (x ^ x >> 29) & kept_bits[round];
}

uint64_t ame__hash_int(int64_t key, uint64_t round) {
    return weak((uint64_t)key, round);
}

uint64_t ame__hash_typed(const struct ame_key_functions *functions, const void *key,
                         uint64_t round) {
    return weak(functions->hash(key, 0), round);
}

uint64_t ame__hash_short(uint64_t first, uint64_t second, uint64_t third, uint64_t round) {
    uint64_t words[AME__TEXT_WORDS] = {first, second, third};
    return ame__hash_chunk((const char *)words, sizeof words, round);
}

/* Chunks after the first do not tell the round: these tests have none that long but for
 * keys that differ at their end, and a round of such keys is as good as another. */
uint64_t ame__hash_chunk(const char *bytes, size_t size, uint64_t previous) {
    uint64_t sum = previous;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + (unsigned char)bytes[i];
    return weak(sum, previous == 1);
}

enum { KEYS = 40 };

static ame_key key_of(enum ame_key_type type, int i) {
    static const int lengths[] = {4, 300, 23, 24}; /* in a node or not; more than one chunk */
    static char text[320];
    if (type == AME_KEY_INT)
        return ame_int_key(i);
    snprintf(text, sizeof text, "%0*d", lengths[i % 4], i);
    return ame_string_key(text);
}

static void check_together(enum ame_key_type type, const ame_map *map, const int64_t *values) {
    static char texts[KEYS][320];
    ame_key keys[KEYS];
    ame_value got[KEYS];
    bool found[KEYS];
    for (int i = 0; i < KEYS; i++) {
        keys[i] = key_of(type, i);
        if (type == AME_KEY_STRING)
            keys[i].string = strcpy(texts[i], keys[i].string);
    }
    cr_assert_eq(ame_map_get_many(map, keys, KEYS, got, found), ame_map_size(map));
    for (int i = 0; i < KEYS; i++)
        cr_assert(found[i] == (values[i] != 0) && (!found[i] || got[i].integer == values[i]));
}

static void check(enum ame_key_type type, const ame_map *map, const int64_t *values) {
    size_t size = 0;
    for (int i = 0; i < KEYS; i++) {
        ame_value value = {.integer = 0};
        cr_assert_eq(ame_map_get(map, key_of(type, i), &value), values[i] != 0);
        cr_assert_eq(value.integer, values[i]);
        size += values[i] != 0;
    }
    cr_assert_eq(ame_map_size(map), size);
    check_together(type, map, values);
    check_shape(map);
    ame_map_iterator iterator;
    ame_map_iterate(map, &iterator);
    while (ame_map_next(&iterator, NULL, NULL))
        size--;
    cr_assert_eq(size, 0u);
}

/* Random sets and removes with the given bits of the hash; afterwards all goes. */
static void run(enum ame_key_type type, uint64_t bits, uint64_t second_bits) {
    int64_t values[KEYS] = {0};
    ame_map *map = ame_map_new(type);
    kept_bits[0] = bits;
    kept_bits[1] = second_bits;
    srand(3);
    for (int step = 0; step < 2000; step++) {
        int i = rand() % KEYS;
        bool removes = rand() % 100 < (step / 300 % 2 ? 70 : 30);
        int64_t value = removes ? 0 : 1 + rand() % 4;
        ame_map *next = removes ? ame_map_remove(map, key_of(type, i))
                                : ame_map_set(map, key_of(type, i), ame_int_value(value));
        if (step % 10 == 0)
            check(type, map, values);
        values[i] = value;
        ame_map_release(map);
        map = next;
        check(type, map, values);
    }
    for (int i = 0; i < KEYS; i++) {
        ame_map *next = ame_map_remove(map, key_of(type, i));
        ame_map_release(map);
        map = next;
        values[i] = 0;
        check(type, map, values);
    }
    cr_assert_eq(map->root.value, 0u);
    ame_map_release(map);
}

static void check_set(enum ame_key_type type, const ame_set *set, const bool *has) {
    ame_set_iterator iterator;
    size_t size = 0;
    for (int i = 0; i < KEYS; i++) {
        cr_assert_eq(ame_set_contains(set, key_of(type, i)), has[i]);
        size += has[i];
    }
    cr_assert_eq(ame_set_size(set), size);
    check_shape((const ame_map *)set);
    ame_set_iterate(set, &iterator);
    while (ame_set_next(&iterator, NULL))
        size--;
    cr_assert_eq(size, 0u);
}

/* The same for a set, some changes at a time. */
static void run_set(enum ame_key_type type, uint64_t bits, uint64_t second_bits) {
    bool has[KEYS] = {false};
    ame_set *set = ame_set_new(type);
    kept_bits[0] = bits;
    kept_bits[1] = second_bits;
    srand(4);
    for (int step = 0; step < 600; step++) {
        ame_set_transient *transient = ame_set_transient_new(set);
        for (int changes = rand() % 3; changes >= 0; changes--) {
            int i = rand() % KEYS;
            has[i] = rand() % 100 < (step / 150 % 2 ? 30 : 70);
            cr_assert_eq(has[i] ? ame_set_transient_add(transient, key_of(type, i))
                                : ame_set_transient_remove(transient, key_of(type, i)),
                         0);
        }
        ame_set_release(set);
        set = ame_set_transient_seal(transient);
        check_set(type, set, has);
    }
    for (int i = 0; i < KEYS; i++) {
        ame_set *next = ame_set_remove(set, key_of(type, i));
        ame_set_release(set);
        set = next;
        has[i] = false;
        check_set(type, set, has);
    }
    ame_set_release(set);
}

/* Many texts at once, into maps of any size: as one after the other. */
static void run_arrays(uint64_t bits, uint64_t second_bits) {
    static char texts[KEYS][320];
    ame_key keys[KEYS];
    ame_value set[KEYS];
    int64_t values[KEYS] = {0};
    ame_map *map = ame_map_new(AME_KEY_STRING);
    kept_bits[0] = bits;
    kept_bits[1] = second_bits;
    srand(5);
    for (int round = 0; round < 60; round++) {
        int count = 1 + rand() % (round % 2 ? KEYS : 3);
        for (int n = 0; n < count; n++) {
            int i = rand() % KEYS;
            keys[n].string = strcpy(texts[n], key_of(AME_KEY_STRING, i).string);
            set[n] = ame_int_value(values[i] = 1 + rand() % 4);
        }
        ame_map *next = ame_map_set_all(map, keys, set, (size_t)count);
        ame_map_release(map);
        map = next;
        check(AME_KEY_STRING, map, values);
        for (int i = 0; i < KEYS && round % 10 == 9; i += 1 + rand() % 3) {
            next = ame_map_remove(map, key_of(AME_KEY_STRING, i));
            ame_map_release(map);
            map = next;
            values[i] = 0;
        }
        check(AME_KEY_STRING, map, values);
    }
    ame_map_release(map);
}

/* No bit, one, some at either end, all but one, all. */
static const uint64_t masks[] = {0,
                                 1,
                                 UINT64_C(1) << 63,
                                 UINT64_C(3) << 59,
                                 UINT64_C(0xF) << 60,
                                 0x1F,
                                 0x8000000000000421,
                                 ~UINT64_C(1),
                                 UINT64_MAX >> 4,
                                 UINT64_MAX};

static void run_all(enum ame_key_type type) {
    size_t count = sizeof masks / sizeof *masks;
    for (size_t i = 0; i < count; i++) {
        run(type, masks[i], masks[i]);
        run(type, 0, masks[i]);
        run(type, masks[i], 0);
        run_set(type, masks[i], masks[i]);
        run_set(type, masks[i], 0);
    }
}

Test(map_collisions, int_keys) {
    run_all(AME_KEY_INT);
}

Test(map_collisions, string_keys) {
    run_all(AME_KEY_STRING);
}

Test(map_collisions, arrays_of_string_keys) {
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        run_arrays(masks[i], masks[i]);
        run_arrays(0, masks[i]);
        run_arrays(masks[i], 0);
    }
}

Test(map_collisions, the_trie_gets_as_deep_as_the_hash_is_long) {
    ame_map *map = ame_map_new(AME_KEY_INT), *next;
    kept_bits[0] = UINT64_C(1) << 63; /* two hashes, which differ on the last level of round 0 */
    uint64_t seen = 0;
    int64_t keys[2] = {0};
    for (int64_t key = 0; seen != 3; key++) {
        unsigned top = ame__hash_int(key, 0) != 0;
        if (!(seen & 1u << top))
            keys[top] = key;
        seen |= 1u << top;
    }
    for (int i = 0; i < 2; i++) {
        next = ame_map_set(map, ame_int_key(keys[i]), ame_int_value(i));
        ame_map_release(map);
        map = next;
    }
    cr_assert_eq(check_shape(map), 12u);
    kept_bits[0] = kept_bits[1] = 0;
    ame_map_release(map);
    map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 2; i++) {
        next = ame_map_set(map, ame_int_key(i), ame_int_value(i));
        ame_map_release(map);
        map = next;
    }
    cr_assert_eq(check_shape(map), 26u);
    next = ame_map_remove(map, ame_int_key(0));
    cr_assert_eq(check_shape(next), 0u, "the last entry comes all the way up");
    ame_map_release(next);
    ame_map_release(map);
}

Test(map_collisions, a_key_that_begins_with_another_one) {
    static const char *const texts[] = {"abc", "ab", "abcd", "a", ""};
    ame_map *map = ame_map_new(AME_KEY_STRING), *next;
    kept_bits[0] = kept_bits[1] = 0;
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++)
            cr_assert_eq(ame_map_get(map, ame_string_key(texts[j]), NULL), j < i);
        next = ame_map_set(map, ame_string_key(texts[i]), ame_int_value(i));
        ame_map_release(map);
        map = next;
    }
    cr_assert_eq(ame_map_size(map), 5u);
    ame_map_release(map);
}

Test(map_collisions, a_key_that_looks_like_the_address_of_another_one) {
    ame_map *empty = ame_map_new(AME_KEY_STRING);
    kept_bits[0] = kept_bits[1] = 0;
    ame_map *map =
        ame_map_set(empty, ame_string_key("a key that stands outside the nodes"), ame_int_value(1));
    ame_map_iterator iterator;
    ame_key key;
    ame_map_iterate(map, &iterator);
    cr_assert(ame_map_next(&iterator, &key, NULL));
    char address[sizeof key + 1] = "";
    memcpy(address, &key, sizeof key);
    cr_assert_not(ame_map_get(map, ame_string_key(address), NULL));
    ame_map *two = ame_map_set(map, ame_string_key(address), ame_int_value(2));
    cr_assert_eq(ame_map_size(two), 2u);
    ame_map *one = ame_map_remove(two, ame_string_key(address));
    cr_assert(ame_map_equal(one, map));
    ame_map_release(map);
    ame_map_release(two);
    cr_assert(ame_map_get(one, ame_string_key("a key that stands outside the nodes"), NULL));
    ame_map_release(one);
    ame_map_release(empty);
}

/* One hash for 100,000 keys, as of an attacker who knows it: the other round bounds the
 * depth, the memory and the time. */
Test(map_collisions, many_keys_with_one_hash) {
    enum { MANY = 100000 };
    char text[32];
    kept_bits[0] = 0;
    ame_map *empty = ame_map_new(AME_KEY_STRING);
    ame_transient *transient = ame_transient_new(empty);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "key %d", i);
        cr_assert_eq(ame_transient_set(transient, ame_string_key(text), ame_int_value(i)), 0);
    }
    ame_map *map = ame_transient_seal(transient);
    cr_assert_eq(ame_map_size(map), (size_t)MANY);
    cr_assert_leq(check_shape(map), 13u + 8u);
    for (int i = 0; i < MANY; i++) {
        ame_value value;
        snprintf(text, sizeof text, "key %d", i);
        cr_assert(ame_map_get(map, ame_string_key(text), &value));
        cr_assert_eq(value.integer, i);
        if (i % 10 == 0) {
            ame_map *next = ame_map_remove(map, ame_string_key(text));
            ame_map_release(map);
            map = next;
        }
    }
    cr_assert_eq(ame_map_size(map), (size_t)MANY * 9 / 10);
    ame_map_release(map);
    ame_map_release(empty);
}
