/* uthash.c - uthash: chained, changed in place, one allocation for each entry. */
#include "subject.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
    UT_hash_handle hh;
    uint64_t value;
    int64_t number;
    char text[];
};

struct map {
    struct entry *entries;
};

/* One key: of `text` and `number` that which the map has. */
static inline struct entry *find(int texts, struct map *map, const char *text,
                                 const int64_t *number) {
    struct entry *entry;
    if (texts)
        HASH_FIND_STR(map->entries, text, entry);
    else
        HASH_FIND(hh, map->entries, number, sizeof *number, entry);
    return entry;
}

static inline struct entry *find_pick(int texts, struct map *map, struct picks picks, size_t i) {
    return find(texts, map, picks.texts[i], &picks.ints[i]);
}

static inline void set_one(int texts, struct map *map, const char *text, const int64_t *number,
                           uint64_t value) {
    struct entry *entry = find(texts, map, text, number);
    if (!entry) {
        size_t length = texts ? strlen(text) : 0;
        entry = malloc(sizeof *entry + length + 1);
        if (texts) {
            memcpy(entry->text, text, length + 1);
            HASH_ADD_KEYPTR(hh, map->entries, entry->text, length, entry);
        } else {
            entry->number = *number;
            HASH_ADD(hh, map->entries, number, sizeof entry->number, entry);
        }
    }
    entry->value = value;
}

static inline void *build(int texts, size_t count) {
    struct map *map = calloc(1, sizeof *map);
    for (uint32_t i = 0; i < count; i++)
        set_one(texts, map, text_keys[i], &int_keys[i], i);
    return map;
}

static inline size_t look_up(int texts, struct map *map, struct picks picks) {
    size_t found = 0;
    for (size_t i = 0; i < picks.count; i++)
        found += find_pick(texts, map, picks, i) != NULL;
    return found;
}

static inline void *set(int texts, struct map *map, struct picks picks, uint64_t value) {
    for (size_t i = 0; i < picks.count; i++)
        set_one(texts, map, picks.texts[i], &picks.ints[i], value + i);
    return map;
}

static inline void *drop(int texts, struct map *map, struct picks picks) {
    for (size_t i = 0; i < picks.count; i++) {
        struct entry *entry = find_pick(texts, map, picks, i);
        if (entry) {
            HASH_DEL(map->entries, entry);
            free(entry);
        }
    }
    return map;
}

static uint64_t iterate(void *map) {
    uint64_t sum = 0;
    for (struct entry *entry = ((struct map *)map)->entries; entry; entry = entry->hh.next)
        sum += entry->value;
    return sum;
}

static void destroy(void *p) {
    struct map *map = p;
    struct entry *entry, *next;
    HASH_ITER(hh, map->entries, entry, next) {
        HASH_DEL(map->entries, entry);
        free(entry);
    }
    free(map);
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
    const struct subject uthash_##name_ = {.name = "uthash",                                       \
                                           .build = name_##_build,                                 \
                                           .look_up = name_##_look_up,                             \
                                           .set = name_##_set,                                     \
                                           .remove = name_##_remove,                               \
                                           .iterate = iterate,                                     \
                                           .release = destroy};

SUBJECT(ints, 0)
SUBJECT(texts, 1)
