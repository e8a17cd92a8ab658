/* Parallel loops: every entry once, as a block, whatever the number of threads. */
#include <ame/ame.h>

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 5000 };

static const struct ame_loop_options choices[] = {{0, 0}, {1, 0}, {2, 0},    {3, 1},
                                                  {4, 7}, {8, 0}, {2, 9999}, {64, 64}};
enum { CHOICES = sizeof choices / sizeof *choices };

/* Bodies have no twin here, so each runs alone: plain code may count calls, and
 * would lose some if it ran beside others. */
struct tally {
    unsigned calls[COUNT];
    long total;
    bool outside_block;
};

static int tally_one(struct tally *tally, int64_t i) {
    long before = tally->total;
    if (i % 512 == 0)
        sched_yield();
    tally->calls[i]++;
    tally->total = before + 1;
    tally->outside_block |= !ame_in_block();
    return 0;
}

static void check_once_each(const struct tally *tally, int64_t begin, int64_t end) {
    for (int64_t i = 0; i < COUNT; i++)
        cr_assert_eq(tally->calls[i], i >= begin && i < end, "index %d", (int)i);
    cr_assert_eq(tally->total, end - begin);
    cr_assert_not(tally->outside_block);
}

static int range_body(int64_t index, void *context) {
    return tally_one(context, index);
}

Test(loop, range) {
    static struct tally tally;
    for (int c = 0; c < CHOICES; c++)
        for (int64_t end = 0; end <= COUNT; end = end * 3 + 1) {
            memset(&tally, 0, sizeof tally);
            cr_assert_eq(ame_for_each_in_range(end / 2, end, range_body, &tally, &choices[c]), 0);
            check_once_each(&tally, end / 2, end);
        }
    memset(&tally, 0, sizeof tally);
    cr_assert_eq(ame_for_each_in_range(0, COUNT, range_body, &tally, NULL), 0);
    check_once_each(&tally, 0, COUNT);
}

struct element {
    char name[5]; /* an odd size */
    short index;
};

static int array_body(void *element, void *context) {
    return tally_one(context, ((struct element *)element)->index);
}

Test(loop, array) {
    static struct tally tally;
    static struct element elements[COUNT];
    for (short i = 0; i < COUNT; i++)
        elements[i].index = i;
    for (int c = 0; c < CHOICES; c++) {
        memset(&tally, 0, sizeof tally);
        cr_assert_eq(ame_for_each_in_array(elements + 10, COUNT - 30, sizeof *elements, array_body,
                                           &tally, &choices[c]),
                     0);
        check_once_each(&tally, 10, COUNT - 20);
    }
}

static ame_map *map_of(int count) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < count; i++) {
        ame_map *next = ame_map_set(map, ame_int_key(i), ame_int_value(3 * i));
        ame_map_release(map);
        map = next;
    }
    return map;
}

static int map_body(ame_key key, ame_value value, void *context) {
    cr_assert_eq(value.integer, 3 * key.integer);
    return tally_one(context, key.integer);
}

Test(loop, map) {
    static struct tally tally;
    for (int c = 0; c < CHOICES; c++)
        for (int count = 0; count < COUNT; count = count * 4 + 1) {
            ame_map *map = map_of(count);
            memset(&tally, 0, sizeof tally);
            cr_assert_eq(ame_for_each_in_map(map, map_body, &tally, &choices[c]), 0);
            check_once_each(&tally, 0, count);
            ame_map_release(map);
        }
}

static ame_tmap *shared;

/* Changes what the loop runs over: it sees each entry as it was all the same. */
static int tmap_body(ame_key key, ame_value value, void *context) {
    ame_tmap_set(shared, ame_int_key(key.integer + COUNT), value);
    ame_tmap_remove(shared, key);
    return map_body(key, value, context);
}

Test(loop, tmap) {
    static struct tally tally;
    for (int c = 0; c < CHOICES; c++)
        for (int count = 0; count < COUNT; count = count * 4 + 1) {
            shared = ame_tmap_new(AME_KEY_INT);
            for (int i = 0; i < count; i++)
                cr_assert_eq(ame_tmap_set(shared, ame_int_key(i), ame_int_value(3 * i)), AME_OK);
            memset(&tally, 0, sizeof tally);
            cr_assert_eq(ame_for_each_in_tmap(shared, tmap_body, &tally, &choices[c]), 0);
            check_once_each(&tally, 0, count);
            cr_assert_eq(ame_tmap_size(shared), (size_t)count);
            cr_assert(!count || ame_tmap_get(shared, ame_int_key(COUNT), NULL));
            ame_tmap_free(shared);
        }
    cr_assert_eq(ame_for_each_in_tmap(NULL, tmap_body, NULL, NULL), AME_EINVAL);
}

static int take_strings(ame_key key, ame_value value, void *context) {
    (void)context;
    return strcmp(key.string, value.integer ? "yes" : "no") ? 99 : 0;
}

Test(loop, string_keys) {
    ame_map *empty = ame_map_new(AME_KEY_STRING);
    ame_map *one = ame_map_set(empty, ame_string_key("yes"), ame_int_value(1));
    ame_map *two = ame_map_set(one, ame_string_key("no"), ame_int_value(0));
    cr_assert_eq(ame_for_each_in_map(two, take_strings, NULL, NULL), 0);
    ame_map_release(empty);
    ame_map_release(one);
    ame_map_release(two);
}

/* What was freed just now is written over, so that using it shows. */
static void overwrite_free_memory(void) {
    enum { BLOCKS = 1000 };
    static char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        size_t size = 16 + 16 * (size_t)(i % 40);
        blocks[i] = malloc(size);
        if (blocks[i])
            memset(blocks[i], 'z', size);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static int drop_the_map(ame_key key, ame_value value, void *context) {
    ame_map **map = context;
    char expected[16];
    if (*map) {                /* at the first call */
        ame_map_release(*map); /* the reference that the caller counts on */
        *map = NULL;
        overwrite_free_memory();
    }
    snprintf(expected, sizeof expected, "%d", (int)value.integer);
    return strcmp(key.string, expected) != 0;
}

Test(loop, the_map_lives_as_long_as_the_loop) {
    ame_map *map = ame_map_new(AME_KEY_STRING);
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        ame_map *next = ame_map_set(map, ame_string_key(text), ame_int_value(i));
        ame_map_release(map);
        map = next;
    }
    cr_assert_eq(ame_for_each_in_map(map, drop_the_map, &map, NULL), 0);
    cr_assert_null(map);
}

/* ---- stopping ---- */

static int stop_at_seven(int64_t index, void *context) {
    ++*(long *)context;
    return index == 7 ? -12345 : 0;
}

Test(loop, a_result_stops_the_loop) {
    for (int c = 0; c < CHOICES; c++) {
        long calls = 0;
        cr_assert_eq(ame_for_each_in_range(0, INT64_MAX, stop_at_seven, &calls, &choices[c]),
                     -12345);
        cr_assert_geq(calls, 1);
    }
    long calls = 0;
    cr_assert_eq(ame_for_each_in_range(0, 100, stop_at_seven, &calls, &choices[1]), -12345);
    cr_assert_eq(calls, 8, "one thread goes in order, and what the last body did stays");
}

static int stop_at_once(int64_t index, void *context) {
    __atomic_add_fetch((long *)context, 1, __ATOMIC_RELAXED);
    return index >= 0 ? 2 : 1;
}

Test(loop, the_longest_range) {
    for (int c = 0; c < CHOICES; c++) {
        struct ame_loop_options options = {choices[c].threads, SIZE_MAX / (unsigned)(c + 1)};
        long calls = 0;
        int result = ame_for_each_in_range(INT64_MIN, INT64_MAX, stop_at_once, &calls, &options);
        cr_assert(result == 1 || result == 2);
        cr_assert_leq(calls, 64, "each thread may have begun one body, and no more");
    }
}

/* ---- arguments ---- */

Test(loop, bad_arguments) {
    char bytes[8] = {0};
    ame_map *map = ame_map_new(AME_KEY_INT);
    cr_assert_eq(ame_for_each_in_map(NULL, map_body, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_map(map, NULL, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_array(NULL, 1, 1, array_body, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_array(bytes, 1, 0, array_body, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_array(bytes, 1, 1, NULL, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_array(bytes, SIZE_MAX / 2, 3, array_body, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_range(0, 1, NULL, NULL, NULL), AME_EINVAL);
    cr_assert_eq(ame_for_each_in_array(NULL, 0, 1, array_body, NULL, NULL), 0);
    cr_assert_eq(ame_for_each_in_range(5, 5, range_body, NULL, NULL), 0);
    cr_assert_eq(ame_for_each_in_range(5, -5, range_body, NULL, NULL), 0);
    ame_map_release(map);
}

/* ---- loops in loops, loops beside loops ---- */

struct inner {
    pthread_t thread;
    int64_t expected; /* the next index, as bodies go in order */
    bool wrong;
};

static int inner_body(int64_t index, void *context) {
    struct inner *inner = context;
    inner->wrong |= !pthread_equal(inner->thread, pthread_self()) || index != inner->expected++;
    return index == 20 ? 5 : 0;
}

static int outer_body(int64_t index, void *context) {
    struct inner inner = {.thread = pthread_self()};
    static const struct ame_loop_options four = {4, 1};
    int result = ame_for_each_in_range(0, 1000, inner_body, &inner, &four);
    ++*(long *)context;
    return inner.wrong || result != 5 || inner.expected != 21 ? (int)index + 1 : 0;
}

Test(loop, a_loop_in_a_body_is_part_of_its_block) {
    long calls = 0;
    cr_assert_eq(ame_for_each_in_range(0, 200, outer_body, &calls, &choices[4]), 0);
    cr_assert_eq(calls, 200);
}

static void *loop_thread(void *context) {
    struct tally *tally = context;
    return (void *)(intptr_t)ame_for_each_in_range(0, COUNT, range_body, tally, &choices[3]);
}

Test(loop, several_at_once) {
    enum { LOOPS = 4 };
    static struct tally tallies[LOOPS];
    pthread_t threads[LOOPS];
    for (int i = 0; i < LOOPS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, loop_thread, &tallies[i]), 0);
    for (int i = 0; i < LOOPS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        cr_assert_null(result);
        check_once_each(&tallies[i], 0, COUNT);
    }
}
