/* Random operations on many versions at once, each compared with a plain array. */
#include <ame/map.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 600, VERSIONS = 24, STEPS = 30000, LONGEST = 800 };

struct version {
    ame_map *map;
    size_t size;
    int64_t values[KEYS]; /* 0: absent */
};

static uint64_t random_state;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

static char texts[KEYS][LONGEST];

/* Lengths around the sizes at which storing, hashing and comparing take other ways: what nodes
 * hold, one chunk and a byte, several chunks. Long texts differ in the last byte only. */
static void make_texts(void) {
    static const int lengths[] = {0, 3, 17, 20, 21, 22, 23, 128, 239, 240, 241, 480, 700};
    for (int i = 0; i < KEYS; i++) {
        int length = lengths[i % (int)(sizeof lengths / sizeof *lengths)];
        if (length == 0) {
            snprintf(texts[i], LONGEST, "%d", i);
            continue;
        }
        memset(texts[i], 'x', (size_t)length);
        snprintf(texts[i] + length, LONGEST - (size_t)length, "%d", i);
    }
    texts[0][0] = 0; /* the empty string is a key like any other */
}

static ame_key key_of(enum ame_key_type type, int i) {
    if (type == AME_KEY_STRING) {
        /* Never the address that the map saw before: it must compare text. */
        static char copy[LONGEST];
        return ame_string_key(strcpy(copy, texts[i]));
    }
    return ame_int_key(i % 2 ? -(int64_t)i : (int64_t)i << 40);
}

static int index_of(enum ame_key_type type, ame_key key) {
    for (int i = 0; i < KEYS; i++)
        if (type == AME_KEY_STRING ? !strcmp(texts[i], key.string)
                                   : key_of(type, i).integer == key.integer)
            return i;
    return -1;
}

static void check_lookup(enum ame_key_type type, const struct version *v, int i) {
    ame_value value = {.integer = -1};
    bool found = ame_map_get(v->map, key_of(type, i), &value);
    cr_assert_eq(found, v->values[i] != 0, "key %d", i);
    cr_assert_eq(value.integer, found ? v->values[i] : -1, "key %d", i);
    cr_assert_eq(ame_map_get(v->map, key_of(type, i), NULL), found);
}

static void check_all(enum ame_key_type type, const struct version *v) {
    bool seen[KEYS] = {false};
    size_t count = 0;
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    cr_assert_eq(ame_map_size(v->map), v->size);
    cr_assert_eq(ame_map_key_type(v->map), type);
    for (int i = 0; i < KEYS; i++)
        check_lookup(type, v, i);
    ame_map_iterate(v->map, &iterator);
    while (ame_map_next(&iterator, &key, &value)) {
        int i = index_of(type, key);
        cr_assert(i >= 0 && !seen[i]);
        cr_assert_eq(value.integer, v->values[i]);
        seen[i] = true;
        count++;
    }
    cr_assert_eq(count, v->size);
    cr_assert_not(ame_map_next(&iterator, &key, &value), "the end stays the end");
}

static void set(enum ame_key_type type, struct version *to, const struct version *from, int i,
                int64_t value) {
    struct version next = *from;
    next.map = ame_map_set(from->map, key_of(type, i), ame_int_value(value));
    cr_assert_not_null(next.map);
    next.size += !next.values[i];
    next.values[i] = value;
    ame_map_release(to->map);
    *to = next;
}

static void drop(enum ame_key_type type, struct version *to, const struct version *from, int i) {
    struct version next = *from;
    next.map = ame_map_remove(from->map, key_of(type, i));
    cr_assert_not_null(next.map);
    next.size -= !!next.values[i];
    next.values[i] = 0;
    ame_map_release(to->map);
    *to = next;
}

/* The next version comes from any old one and takes any other's place, itself
 * included. Phases of mostly setting and mostly removing fill and empty maps. */
static void run(enum ame_key_type type, uint64_t random_seed) {
    static struct version versions[VERSIONS];
    random_state = random_seed;
    make_texts();
    for (int v = 0; v < VERSIONS; v++) {
        memset(&versions[v], 0, sizeof versions[v]);
        versions[v].map = ame_map_new(type);
    }
    for (int step = 0; step < STEPS; step++) {
        struct version *from = &versions[draw(VERSIONS)];
        struct version *to = draw(2) ? from : &versions[draw(VERSIONS)];
        int i = (int)draw(step % 3000 < 300 ? 8 : KEYS);
        if (draw(10) < (step / 5000 % 2 ? 2u : 7u))
            set(type, to, from, i, 1 + (int64_t)draw(3));
        else
            drop(type, to, from, i);
        check_lookup(type, to, i);
        check_lookup(type, to, (int)draw(KEYS));
        cr_assert_eq(ame_map_size(to->map), to->size);
        if (step % 500 == 0)
            for (int v = 0; v < VERSIONS; v++)
                check_all(type, &versions[v]);
    }
    for (int v = 0; v < VERSIONS; v++) {
        check_all(type, &versions[v]);
        ame_map_release(versions[v].map);
    }
}

Test(map_model, int_keys) {
    run(AME_KEY_INT, 1);
}
Test(map_model, string_keys) {
    run(AME_KEY_STRING, 2);
}
