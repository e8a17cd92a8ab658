/* Parallel loops: each entry once, bodies as blocks on shared data, errors stop. */
#include "check.h"

enum { LENGTH = 20000, BUCKETS = 10 };

static long plain_sum;
static ame_counter counted;
static long buckets[BUCKETS];
static char seen[LENGTH];

static const struct ame_loop_options four = {.threads = 4};
static const struct ame_loop_options one_by_one = {.threads = 3, .grain = 1};

static int visit_index(int64_t i, void *context) {
    CHECK(ame_in_block());
    CHECK(!seen[i]);
    seen[i] = 1;
    ame_counter_add(&counted, 1);
    buckets[i % BUCKETS] += i;
    if (i % 16 == 0)
        plain_sum += *(long *)context;
    return 0;
}

static int visit_element(void *element, void *context) {
    long *here = element, *total = context;
    *total += *here;
    *here = -*here;
    return 0;
}

static int visit_entry(ame_key key, ame_value value, void *context) {
    CHECK(value.integer == 3 * key.integer);
    *(long *)context += value.integer;
    return 0;
}

static ame_tmap *shared;

/* Moves the entry to another key of the map that the loop runs over. */
static int move_entry(ame_key key, ame_value value, void *context) {
    CHECK(!ame_tmap_set(shared, ame_int_key(key.integer + 1000), value));
    CHECK(!ame_tmap_remove(shared, key));
    return visit_entry(key, value, context);
}

static int stop_at_7000(int64_t i, void *context) {
    ++*(long *)context;
    return i == 7000 ? -42 : 0;
}

static int inner_loop(int64_t i, void *context) {
    (void)i;
    return ame_for_each_in_range(0, 10, visit_index, context, &four);
}

static void ranges(void) {
    long step = 2;
    CHECK(!ame_for_each_in_range(0, LENGTH, visit_index, &step, &four));
    CHECK(plain_sum == 2 * LENGTH / 16 && ame_counter_read(&counted) == LENGTH);
    for (int i = 0; i < BUCKETS; i++)
        CHECK(buckets[i] ==
              (long)LENGTH / BUCKETS * (LENGTH - BUCKETS) / 2 + (long)LENGTH / BUCKETS * i);
    CHECK(!ame_for_each_in_range(5, 5, visit_index, &step, NULL));
    CHECK(ame_for_each_in_range(0, 1, NULL, NULL, NULL) == AME_EINVAL);
}

static void arrays_and_maps(void) {
    static long array[LENGTH];
    long total = 0;
    for (int i = 0; i < LENGTH; i++)
        array[i] = i;
    CHECK(!ame_for_each_in_array(array, LENGTH, sizeof array[0], visit_element, &total, &four));
    CHECK(total == (long)LENGTH * (LENGTH - 1) / 2);
    for (int i = 0; i < LENGTH; i++)
        CHECK(array[i] == -i);

    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 1000; i++) {
        ame_map *next = ame_map_set(map, ame_int_key(i), ame_int_value(3 * i));
        CHECK(next);
        ame_map_release(map);
        map = next;
    }
    total = 0;
    CHECK(!ame_for_each_in_map(map, visit_entry, &total, &one_by_one));
    CHECK(total == 3 * 999 * 1000 / 2);
    ame_map_release(map);

    shared = ame_tmap_new(AME_KEY_INT);
    for (int i = 0; i < 1000; i++)
        CHECK(!ame_tmap_set(shared, ame_int_key(i), ame_int_value(3 * i)));
    total = 0;
    CHECK(!ame_for_each_in_tmap(shared, move_entry, &total, &four));
    CHECK(total == 3 * 999 * 1000 / 2 && ame_tmap_size(shared) == 1000);
    for (int i = 0; i < 1000; i++)
        CHECK(!ame_tmap_get(shared, ame_int_key(i), NULL) &&
              ame_tmap_get(shared, ame_int_key(1000 + i), NULL));
    ame_tmap_free(shared);
}

static void stops_and_nests(void) {
    long bodies = 0, step = 0;
    CHECK(ame_for_each_in_range(0, 1000000, stop_at_7000, &bodies, &one_by_one) == -42);
    CHECK(bodies >= 1 && bodies < 1000000);
    /* In a block, and in another loop's body: one after another, in that block. */
    memset(seen, 0, sizeof seen);
    atomic {
        CHECK(!ame_for_each_in_range(0, 10, visit_index, &step, &four));
    }
    memset(seen, 0, sizeof seen);
    CHECK(!ame_for_each_in_range(0, 1, inner_loop, &step, &four));
    CHECK(seen[0] && seen[9] && !seen[10]);
    CHECK(ame_counter_read(&counted) == LENGTH + 20);
}

int main(void) {
    ranges();
    arrays_and_maps();
    stops_and_nests();
    return finish(2); /* the blocks around loops */
}
