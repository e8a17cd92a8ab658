/* Shared maps and queues: no memory, leaks, and misuse. */
#include "../count/death.h"
#include "../map/live.h"
#include <ame/error.h>
#include <ame/queue.h>
#include <ame/tmap.h>

#include <stdio.h>

static ame_key text_key(int i) {
    static char text[64];
    snprintf(text, sizeof text, "a text that stands outside the cell %d", i);
    return ame_string_key(text);
}

Test(shared, a_change_of_a_map_that_finds_no_memory_changes_nothing) {
    ame_tmap *map = ame_tmap_new(AME_KEY_STRING);
    cr_assert_eq(ame_tmap_set(map, text_key(0), ame_int_value(1)), AME_OK);
    for (int key = 1; key < 200; key++)
        for (long allowed = 0;; allowed++) {
            allocations_left = allowed;
            counting = true;
            int error = ame_tmap_set(map, text_key(key), ame_int_value(key));
            counting = false;
            cr_assert(error == AME_OK || error == AME_ENOMEM);
            cr_assert_eq(ame_tmap_get(map, text_key(key), NULL), error == AME_OK);
            cr_assert_eq(ame_tmap_size(map), (size_t)key + (error == AME_OK));
            if (error == AME_OK)
                break;
        }
    ame_tmap_free(map);
}

Test(shared, a_map_gives_all_back) {
    ame_tmap_free(ame_tmap_new(AME_KEY_STRING)); /* what threads keep is there now */
    ame_map_reclaim(SIZE_MAX);
    live = 0;
    allocations_left = -1;
    counting = true;
    ame_tmap *map = ame_tmap_new(AME_KEY_STRING);
    for (int i = 0; i < 1000; i++) {
        ame_tmap_set(map, text_key(i % 300), ame_int_value(i));
        if (i % 3 == 0)
            ame_tmap_remove(map, text_key(i % 100));
    }
    cr_assert_eq(ame_tmap_remove(map, text_key(5000)), AME_ENOENT);
    ame_tmap_free(map);
    ame_map_reclaim(SIZE_MAX);
    counting = false;
    cr_assert_leq((int64_t)live, 40, "%ld pieces: logs and the limbo alone", (long)live);
}

static void null_map(void) {
    ame_tmap_get(NULL, ame_int_key(1), NULL);
}
static void null_text(void) {
    ame_tmap_set(ame_tmap_new(AME_KEY_STRING), ame_string_key(NULL), ame_int_value(1));
}
static void null_queue(void) {
    ame_queue_push(NULL, NULL);
}
static enum ame_map_update changes_itself(ame_key key, bool present, ame_value *value, void *map) {
    (void)present;
    ame_tmap_set(map, key, ame_int_value(1));
    value->integer = 2;
    return AME_MAP_SET;
}
static void update_in_update(void) {
    ame_tmap *map = ame_tmap_new(AME_KEY_INT);
    ame_tmap_update(map, ame_int_key(1), changes_itself, map);
}

Test(shared, misuse_ends_the_program) {
    check_death(null_map, "ame_tmap_get: the ame_tmap is NULL");
    check_death(null_text, "ame_tmap_set: the key is NULL");
    check_death(null_queue, "ame_queue_push: the ame_queue is NULL");
    check_death(update_in_update, "ame_tmap_update: the function that decides has itself changed");
}

#if !AME__ASAN
static void freed_map(void) {
    ame_tmap *map = ame_tmap_new(AME_KEY_INT);
    ame_tmap_free(map);
    ame_tmap_set(map, ame_int_key(1), ame_int_value(1));
}
static void freed_queue(void) {
    ame_queue *queue = ame_queue_new();
    ame_queue_free(queue);
    ame_queue_push(queue, NULL);
}
Test(shared, what_was_freed_is_noticed) {
    check_death(freed_map, "is no ame_tmap, or one that was freed");
    check_death(freed_queue, "is no ame_queue, or one that was freed");
}
#endif
