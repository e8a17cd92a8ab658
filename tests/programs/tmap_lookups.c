/* Lookups of a shared map outside blocks, which take no reference and no fence: what they find was
 * there at one moment, and they are in order with the changes before and after them. */
#include "check.h"

#include <ame/tmap.h>

enum { THREADS = 4, KEYS = 64, STEPS_EACH = STEPS(40000), ROUNDS = STEPS(20000), LENGTH = 64 };

static ame_tmap *ints, *texts;

/* Short ones and long ones. */
static ame_key text_of(int key, char text[LENGTH]) {
    snprintf(text, LENGTH, key % 2 ? "key %d" : "a key that stands outside the node, number %d",
             key);
    return ame_string_key(text);
}

/* A value is its key and how often it has changed. */
static ame_value value_of(int key, int64_t changes) {
    return ame_int_value(changes * KEYS + key);
}

static void check_found(ame_value found, int key, int64_t *last_seen) {
    CHECK(found.integer % KEYS == key);
    CHECK(found.integer / KEYS >= *last_seen);
    *last_seen = found.integer / KEYS;
}

/* As one block that first sets others, and perhaps is undone. */
static void change(ame_tmap *map, ame_key key, ame_value value, bool is_undone) {
    atomic {
        CHECK(!ame_tmap_set(map, key, ame_int_value(-1)));
        CHECK(!ame_tmap_set(map, key, is_undone ? ame_int_value(-2) : value));
        if (is_undone)
            atomic_cancel();
    }
}

/* The keys of a thread are changed by it alone. */
static void look_and_change(int number) {
    int64_t seen_ints[KEYS] = {0}, seen_texts[KEYS] = {0};
    uint64_t random = (uint64_t)number;
    for (int64_t step = 1; step <= STEPS_EACH; step++) {
        uint64_t chance = next_random(&random);
        int key = (int)(chance % KEYS);
        char text[LENGTH];
        ame_value found;
        if ((chance >> 8) % 4 == 0) {
            key = key / THREADS * THREADS + number;
            bool is_undone = (chance >> 10) % 4 == 0;
            change(ints, ame_int_key(key), value_of(key, step), is_undone);
            change(texts, text_of(key, text), value_of(key, step), is_undone);
        }
        CHECK(ame_tmap_get(ints, ame_int_key(key), &found));
        check_found(found, key, &seen_ints[key]);
        CHECK(ame_tmap_get(texts, text_of(key, text), &found));
        check_found(found, key, &seen_texts[key]);
        if ((chance >> 16) % 8 == 0) {
            CHECK(!ame_tmap_get(ints, ame_int_key(KEYS + key), NULL));
            CHECK(!ame_tmap_get(texts, ame_string_key("no key"), NULL));
        }
    }
}

/* Of two threads that each change something and then look for what the other changes, one at least
 * finds it changed. */
static pthread_barrier_t round_begins;
static int64_t looked[2];

static void change_and_look(int number) {
    for (int64_t round = 1; round <= ROUNDS; round++) {
        ame_value found;
        pthread_barrier_wait(&round_begins);
        for (volatile int64_t i = number ? round % 64 : 32; i; i--)
            ;
        CHECK(!ame_tmap_set(ints, ame_int_key(number), ame_int_value(round)));
        CHECK(ame_tmap_get(ints, ame_int_key(!number), &found));
        looked[number] = found.integer;
        pthread_barrier_wait(&round_begins);
        CHECK(looked[0] == round || looked[1] == round);
        pthread_barrier_wait(&round_begins);
    }
}

int main(void) {
    char text[LENGTH];
    CHECK(ints = ame_tmap_new(AME_KEY_INT));
    CHECK(texts = ame_tmap_new(AME_KEY_STRING));
    for (int key = 0; key < KEYS; key++) {
        CHECK(!ame_tmap_set(ints, ame_int_key(key), value_of(key, 0)));
        CHECK(!ame_tmap_set(texts, text_of(key, text), value_of(key, 0)));
    }
    run_threads(THREADS, look_and_change);
    CHECK(!pthread_barrier_init(&round_begins, NULL, 2));
    run_threads(2, change_and_look);
    ame_tmap_free(texts);
    ame_tmap_free(ints);
    return finish(0);
}
