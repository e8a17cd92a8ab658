/* glib.c - GHashTable: open addressing, changed in place. Text keys are copied, as in the others.
 */
#include "subject.h"

#include <glib.h>

static void *build(int texts, size_t count) {
    GHashTable *map = texts ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)
                            : g_hash_table_new(g_int64_hash, g_int64_equal);
    for (size_t i = 0; i < count; i++)
        g_hash_table_insert(map, texts ? (void *)g_strdup(text_keys[i]) : &int_keys[i],
                            GSIZE_TO_POINTER(i));
    return map;
}

static inline void *pick_of(int texts, struct picks picks, size_t i) {
    return texts ? (void *)picks.texts[i] : (void *)&picks.ints[i];
}

static size_t look_up(int texts, GHashTable *map, struct picks picks) {
    size_t found = 0;
    void *value;
    for (size_t i = 0; i < picks.count; i++)
        found += (size_t)g_hash_table_lookup_extended(map, pick_of(texts, picks, i), NULL, &value);
    return found;
}

static void *set(int texts, GHashTable *map, struct picks picks, uint64_t value) {
    for (size_t i = 0; i < picks.count; i++) {
        uint32_t key = picks.keys[i]; /* the table keeps the pointer */
        g_hash_table_insert(map, texts ? (void *)g_strdup(picks.texts[i]) : &int_keys[key],
                            GSIZE_TO_POINTER(value + i));
    }
    return map;
}

static void *drop(int texts, GHashTable *map, struct picks picks) {
    for (size_t i = 0; i < picks.count; i++)
        g_hash_table_remove(map, pick_of(texts, picks, i));
    return map;
}

static uint64_t iterate(void *map) {
    GHashTableIter iterator;
    void *key, *value;
    uint64_t sum = 0;
    g_hash_table_iter_init(&iterator, map);
    while (g_hash_table_iter_next(&iterator, &key, &value))
        sum += GPOINTER_TO_SIZE(value);
    return sum;
}

static void destroy(void *map) {
    g_hash_table_destroy(map);
}

#define SUBJECT(name_, texts)                                                                      \
    static void *name_##_build(size_t count) {                                                     \
        return build(texts, count);                                                                \
    }                                                                                              \
    static size_t name_##_look_up(void *map, struct picks picks) {                                 \
        return look_up(texts, map, picks);                                                         \
    }                                                                                              \
    static void *name_##_set(void *map, struct picks picks, uint64_t value) {                      \
        return set(texts, map, picks, value);                                                      \
    }                                                                                              \
    static void *name_##_remove(void *map, struct picks picks) {                                   \
        return drop(texts, map, picks);                                                            \
    }                                                                                              \
    const struct subject glib_##name_ = {.name = "GHashTable",                                     \
                                         .build = name_##_build,                                   \
                                         .look_up = name_##_look_up,                               \
                                         .set = name_##_set,                                       \
                                         .remove = name_##_remove,                                 \
                                         .iterate = iterate,                                       \
                                         .release = destroy};

SUBJECT(ints, 0)
SUBJECT(texts, 1)
