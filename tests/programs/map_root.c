/* A shared cell that holds an immutable map; blocks replace it by its next version.
 * No update is lost, sums are those of one version, and what a thread keeps of an
 * old version stays as it was. */
#include "check.h"

enum { THREADS = 4, KEYS = 300 };

static ame_map *root;  /* int keys; the values' sum is `sum` */
static ame_map *names; /* string keys */
static long sum, entries;

static void replace_root(ame_map *next) {
    CHECK(next);
    ame_map *old = root;
    root = next;
    ame_map_release(old);
}

static void update(uint64_t r) {
    ame_key key = ame_int_key((int64_t)(r % KEYS));
    int64_t amount = (int64_t)(r >> 56);
    atomic {
        ame_value value = {0};
        bool there = ame_map_get(root, key, &value);
        if (there && r >> 40 & 1) {
            replace_root(ame_map_remove(root, key));
            sum -= value.integer;
            entries--;
        } else {
            replace_root(ame_map_set(root, key, ame_int_value(value.integer + amount)));
            sum += amount;
            entries += !there;
        }
        CHECK(ame_map_size(root) == (size_t)entries);
    }
}

static int64_t sum_of(ame_map *map, size_t *count) {
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    int64_t found = 0;
    *count = 0;
    ame_map_iterate(map, &iterator);
    while (ame_map_next(&iterator, &key, &value)) {
        CHECK(key.integer >= 0 && key.integer < KEYS);
        found += value.integer;
        ++*count;
    }
    return found;
}

/* One version, kept and summed up outside blocks while others go on. */
static void keep_version(void) {
    ame_map *version;
    long expected_sum, expected_entries;
    atomic {
        version = ame_map_retain(root);
        expected_sum = sum;
        expected_entries = entries;
    }
    size_t count;
    CHECK(sum_of(version, &count) == expected_sum);
    CHECK(count == (size_t)expected_entries && ame_map_size(version) == count);
    ame_map_release(version);
}

static void sum_in_block(void) {
    atomic {
        size_t count;
        CHECK(sum_of(root, &count) == sum);
        CHECK(count == (size_t)entries);
    }
}

/* What ame_map_next does in line reads entries, which never change: no other thread is at work. */
static void sum_up_without_recording(void) {
    enum { STRIPE = 64, CELLS = 3 /* root, sum, entries */ };
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    sum_in_block();
    ame_get_statistics(&after);
    CHECK(after.reads_recorded - before.reads_recorded <=
          sizeof(ame_map_iterator) / STRIPE + 1 + CELLS);
}

static void count_name(int number, uint64_t r) {
    char name[16]; /* "t<thread>" or "all" */
    snprintf(name, sizeof name, r % 2 ? "t%d" : "all", number);
    atomic {
        ame_value value = {0};
        ame_map_get(names, ame_string_key(name), &value);
        value.integer++;
        ame_map *old = names;
        names = ame_map_set(old, ame_string_key(name), value);
        CHECK(names);
        ame_map_release(old);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(8000); i++) {
        uint64_t r = next_random(&random);
        update(r);
        if (i % 32 == 0)
            keep_version();
        if (i % 64 == 1)
            sum_in_block();
        count_name(number, r);
    }
}

int main(void) {
    root = ame_map_new(AME_KEY_INT);
    names = ame_map_new(AME_KEY_STRING);
    CHECK(root && names);
    run_threads(THREADS, work);
    sum_up_without_recording();
    keep_version();
    int64_t counted = 0;
    ame_map_iterator iterator;
    ame_value value;
    for (ame_map_iterate(names, &iterator); ame_map_next(&iterator, NULL, &value);)
        counted += value.integer;
    CHECK(counted == THREADS * STEPS(8000) && ame_map_size(names) == THREADS + 1);
    ame_map_release(root);
    ame_map_release(names);
    return finish(0);
}
