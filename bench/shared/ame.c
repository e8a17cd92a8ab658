/* ame.c - ame_tmap; one ame_map whose root blocks read and replace; ame_queue. */
#include "subject.h"

#include <ame/ame.h>
#include <ame/queue.h>
#include <ame/tmap.h>
#include <stdlib.h>

/* ---- ame_tmap ---- */

static void *tmap_new(size_t entries) {
    (void)entries;
    return ame_tmap_new(AME_KEY_INT);
}

static bool tmap_get(void *map, int64_t key, uint64_t *value) {
    ame_value found;
    if (!ame_tmap_get(map, ame_int_key(key), &found))
        return false;
    *value = (uint64_t)found.integer;
    return true;
}

static void tmap_set(void *map, int64_t key, uint64_t value) {
    if (ame_tmap_set(map, ame_int_key(key), ame_int_value((int64_t)value)) != AME_OK)
        abort();
}

static void tmap_free(void *map) {
    ame_tmap_free(map);
    ame_map_reclaim(SIZE_MAX);
}

const struct shared_map ame_tmaps = {"ame_tmap", tmap_new, tmap_free, tmap_get,
                                     tmap_set,   NULL,     NULL};

/* ---- one root ---- */

struct root {
    ame_map *map;
};

static void *root_new(size_t entries) {
    struct root *root = malloc(sizeof *root);
    (void)entries;
    if (root)
        root->map = ame_map_new(AME_KEY_INT);
    return root;
}

static bool root_get(void *argument, int64_t key, uint64_t *value) {
    struct root *root = argument;
    ame_value found = {0};
    bool there;
    atomic {
        there = ame_map_get(root->map, ame_int_key(key), &found);
    }
    *value = (uint64_t)found.integer;
    return there;
}

static void root_set(void *argument, int64_t key, uint64_t value) {
    struct root *root = argument;
    atomic {
        ame_map *old = root->map;
        root->map = ame_map_set(old, ame_int_key(key), ame_int_value((int64_t)value));
        ame_map_release(old);
    }
}

static void root_free(void *argument) {
    struct root *root = argument;
    ame_map_release(root->map);
    ame_map_reclaim(SIZE_MAX);
    free(root);
}

const struct shared_map ame_roots = {
    "ame_map, one root", root_new, root_free, root_get, root_set, NULL, NULL};

/* ---- ame_queue ---- */

static void *queue_new(void) {
    return ame_queue_new();
}

static void queue_push(void *queue, void *value) {
    if (ame_queue_push(queue, value) != AME_OK)
        abort();
}

static void *queue_pop(void *queue) {
    void *value = NULL;
    ame_queue_pop(queue, &value);
    return value;
}

static void queue_free(void *queue) {
    ame_queue_free(queue);
}

const struct shared_queue ame_queues = {"ame_queue", queue_new, queue_free, queue_push, queue_pop};
