/* uthash.c - uthash: chained, changed in place, one allocation for each entry. Bare, and behind a
 * mutex or a rwlock, taken for each key. */
#include "subject.h"

#include <pthread.h>
#include <stdbool.h>
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
    pthread_mutex_t mutex;
    pthread_rwlock_t rwlock;
};

enum lock { NONE, MUTEX, RWLOCK };

static inline void lock(enum lock kind, struct map *map, bool alone) {
    if (kind == MUTEX)
        pthread_mutex_lock(&map->mutex);
    else if (kind == RWLOCK && alone)
        pthread_rwlock_wrlock(&map->rwlock);
    else if (kind == RWLOCK)
        pthread_rwlock_rdlock(&map->rwlock);
}

static inline void unlock(enum lock kind, struct map *map) {
    if (kind == MUTEX)
        pthread_mutex_unlock(&map->mutex);
    else if (kind == RWLOCK)
        pthread_rwlock_unlock(&map->rwlock);
}

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

static inline void *build(int texts, enum lock kind, size_t count) {
    struct map *map = calloc(1, sizeof *map);
    pthread_mutex_init(&map->mutex, NULL);
    pthread_rwlock_init(&map->rwlock, NULL);
    for (uint32_t i = 0; i < count; i++) {
        lock(kind, map, true);
        set_one(texts, map, text_keys[i], &int_keys[i], i);
        unlock(kind, map);
    }
    return map;
}

static inline size_t look_up(int texts, enum lock kind, struct map *map, struct picks picks) {
    size_t found = 0;
    for (size_t i = 0; i < picks.count; i++) {
        lock(kind, map, false);
        found += find_pick(texts, map, picks, i) != NULL;
        unlock(kind, map);
    }
    return found;
}

static inline void *set(int texts, enum lock kind, struct map *map, struct picks picks,
                        uint64_t value) {
    for (size_t i = 0; i < picks.count; i++) {
        lock(kind, map, true);
        set_one(texts, map, picks.texts[i], &picks.ints[i], value + i);
        unlock(kind, map);
    }
    return map;
}

static inline void *drop(int texts, enum lock kind, struct map *map, struct picks picks) {
    for (size_t i = 0; i < picks.count; i++) {
        lock(kind, map, true);
        struct entry *entry = find_pick(texts, map, picks, i);
        if (entry)
            HASH_DEL(map->entries, entry);
        unlock(kind, map);
        free(entry);
    }
    return map;
}

static inline uint64_t iterate(enum lock kind, struct map *map) {
    uint64_t sum = 0;
    lock(kind, map, false);
    for (struct entry *entry = map->entries; entry; entry = entry->hh.next)
        sum += entry->value;
    unlock(kind, map);
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

#define SUBJECT(variable, name_, texts, kind)                                                      \
    static void *variable##_build(size_t count) {                                                  \
        return build(texts, kind, count);                                                          \
    }                                                                                              \
    static size_t variable##_look_up(void *map, struct picks picks) {                              \
        return look_up(texts, kind, map, picks);                                                   \
    }                                                                                              \
    static void *variable##_set(void *map, struct picks picks, uint64_t value) {                   \
        return set(texts, kind, map, picks, value);                                                \
    }                                                                                              \
    static void *variable##_remove(void *map, struct picks picks) {                                \
        return drop(texts, kind, map, picks);                                                      \
    }                                                                                              \
    static uint64_t variable##_iterate(void *map) {                                                \
        return iterate(kind, map);                                                                 \
    }                                                                                              \
    const struct subject variable = {.name = name_,                                                \
                                     .shared = kind != NONE,                                       \
                                     .build = variable##_build,                                    \
                                     .look_up = variable##_look_up,                                \
                                     .set = variable##_set,                                        \
                                     .remove = variable##_remove,                                  \
                                     .iterate = variable##_iterate,                                \
                                     .release = destroy};

SUBJECT(uthash_ints, "uthash", 0, NONE)
SUBJECT(uthash_texts, "uthash", 1, NONE)
SUBJECT(mutex_ints, "  mutex", 0, MUTEX)
SUBJECT(mutex_texts, "  mutex", 1, MUTEX)
SUBJECT(rwlock_ints, "  rwlock", 0, RWLOCK)
SUBJECT(rwlock_texts, "  rwlock", 1, RWLOCK)
