/* A shared map beside a plain array: blocks see both agree, whatever they change; what is undone
 * leaves nothing; a walk sees one moment. */
#include "check.h"

enum { THREADS = 4, KEYS = 512, BLOCKS = 4000 };

static ame_tmap *map, *texts;
static int64_t values[KEYS]; /* 0: absent */
static int64_t total;        /* of all values */

static void change(int key, uint64_t chance) {
    atomic {
        ame_value value = {0};
        bool there = ame_tmap_get(map, ame_int_key(key), &value);
        CHECK(there == (values[key] != 0) && value.integer == values[key]);
        total -= value.integer;
        if (chance % 3 == 0) {
            CHECK(ame_tmap_remove(map, ame_int_key(key)) == (there ? AME_OK : AME_ENOENT));
            values[key] = 0;
        } else {
            values[key] = 1 + (int64_t)(chance % 100);
            CHECK(!ame_tmap_set(map, ame_int_key(key), ame_int_value(values[key])));
        }
        total += values[key];
        if (chance % 7 == 0)
            atomic_cancel();
    }
}

static enum ame_map_update add_one(ame_key key, bool present, ame_value *value, void *context) {
    (void)key, (void)present, (void)context;
    value->integer++;
    return AME_MAP_SET;
}

/* From many threads, each call a block of its own. */
static void count_text(int key) {
    char text[64];
    snprintf(text, sizeof text, "the text of key %d", key % 64);
    CHECK(!ame_tmap_update(texts, ame_string_key(text), add_one, NULL));
}

static int add_up(ame_key key, ame_value value, void *context) {
    (void)key;
    *(int64_t *)context += value.integer;
    return 0;
}

static void walk(uint64_t chance) {
    int64_t sum = 0, expected;
    size_t size = 0;
    atomic {
        expected = total;
        size = ame_tmap_size(map);
        sum = 0;
        if (chance % 2 && ame_tmap_for_each(map, add_up, &sum))
            CHECK(false);
    }
    CHECK(chance % 2 == 0 || sum == expected);
    CHECK(size <= KEYS);
    sum = 0;
    CHECK(!ame_tmap_for_each(texts, add_up, &sum)); /* outside a block */
    CHECK(sum >= 0 && sum <= THREADS * BLOCKS);
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(BLOCKS); i++) {
        uint64_t chance = next_random(&random);
        change((int)(chance >> 40) % KEYS, chance);
        count_text((int)(chance >> 40) % KEYS);
        if (i % 256 == 0)
            walk(chance);
    }
}

/* Threads on keys of their own meet only where two keys share one of the 256 parts. */
static void change_own(int number) {
    for (int i = 0; i < STEPS(BLOCKS); i++) {
        ame_key key = ame_int_key(1000 + number + THREADS * (i % 64));
        atomic {
            ame_value value = {0};
            ame_tmap_get(map, key, &value);
            linger((uint64_t)i);
            value.integer++;
            CHECK(!ame_tmap_set(map, key, value));
        }
    }
}

static void check_conflicts(void) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    run_threads(THREADS, change_own);
    ame_get_statistics(&after);
    uint64_t aborts = after.aborts_conflict - before.aborts_conflict;
    CHECK(strcmp(ame_mode_name(), "stm") || aborts < (uint64_t)(THREADS * STEPS(BLOCKS)) / 20);
}

static int stop_at_second(ame_key key, ame_value value, void *context) {
    (void)key, (void)value;
    return ++*(int *)context == 2 ? 7 : 0;
}

int main(void) {
    int seen = 0;
    int64_t sum = 0;
    size_t entries = 0;
    map = ame_tmap_new(AME_KEY_INT);
    texts = ame_tmap_new(AME_KEY_STRING);
    CHECK(map && texts && !ame_tmap_new(AME_KEY_TYPED));
    run_threads(THREADS, work);
    for (int key = 0; key < KEYS; key++) {
        ame_value value = {0};
        CHECK(ame_tmap_get(map, ame_int_key(key), &value) == (values[key] != 0));
        CHECK(value.integer == values[key]);
        entries += values[key] != 0;
    }
    CHECK(ame_tmap_size(map) == entries && ame_tmap_size(texts) == 64);
    CHECK(!ame_tmap_for_each(texts, add_up, &sum) && sum == THREADS * STEPS(BLOCKS));
    CHECK(ame_tmap_for_each(texts, stop_at_second, &seen) == 7 && seen == 2);
    check_conflicts();
    ame_tmap_free(map);
    ame_tmap_free(texts);
    ame_tmap_free(NULL);
    return finish(0);
}
