/* locked.c - uthash's and GLib's tables behind a mutex or a rwlock, GLib's queue. */
#include "subject.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <uthash.h>

struct entry {
    UT_hash_handle hh;
    int64_t key;
    uint64_t value;
};

struct table {
    pthread_mutex_t mutex;
    pthread_rwlock_t rwlock;
    struct entry *entries; /* of uthash */
    GHashTable *glib;      /* or of GLib: its keys are those of the entries */
};

enum which { UTHASH, GLIB };
enum lock { MUTEX, RWLOCK };

static inline struct table *create(enum which which) {
    struct table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    pthread_mutex_init(&table->mutex, NULL);
    pthread_rwlock_init(&table->rwlock, NULL);
    if (which == GLIB)
        table->glib = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free);
    return table;
}

static void destroy(void *argument) {
    struct table *table = argument;
    struct entry *entry, *next;
    if (table->glib)
        g_hash_table_destroy(table->glib);
    HASH_ITER(hh, table->entries, entry, next) {
        HASH_DEL(table->entries, entry);
        free(entry);
    }
    free(table);
}

static inline struct entry *find(enum which which, struct table *table, const int64_t *key) {
    struct entry *entry;
    if (which == GLIB)
        return g_hash_table_lookup(table->glib, key);
    HASH_FIND(hh, table->entries, key, sizeof *key, entry);
    return entry;
}

static inline void lock(enum lock kind, struct table *table, bool alone) {
    if (kind == MUTEX)
        pthread_mutex_lock(&table->mutex);
    else if (alone)
        pthread_rwlock_wrlock(&table->rwlock);
    else
        pthread_rwlock_rdlock(&table->rwlock);
}

static inline void unlock(enum lock kind, struct table *table) {
    if (kind == MUTEX)
        pthread_mutex_unlock(&table->mutex);
    else
        pthread_rwlock_unlock(&table->rwlock);
}

static inline bool get(enum which which, enum lock kind, struct table *table, int64_t key,
                       uint64_t *value) {
    lock(kind, table, false);
    struct entry *entry = find(which, table, &key);
    if (entry)
        *value = entry->value;
    unlock(kind, table);
    return entry;
}

static inline void set(enum which which, enum lock kind, struct table *table, int64_t key,
                       uint64_t value) {
    lock(kind, table, true);
    struct entry *entry = find(which, table, &key);
    if (!entry) {
        entry = malloc(sizeof *entry);
        if (!entry)
            abort();
        entry->key = key;
        if (which == GLIB)
            g_hash_table_insert(table->glib, &entry->key, entry);
        else
            HASH_ADD(hh, table->entries, key, sizeof entry->key, entry);
    }
    entry->value = value;
    unlock(kind, table);
}

#define SUBJECT(variable, name_, which, kind)                                                      \
    static void *variable##_create(size_t entries) {                                               \
        (void)entries;                                                                             \
        return create(which);                                                                      \
    }                                                                                              \
    static bool variable##_get(void *table, int64_t key, uint64_t *value) {                        \
        return get(which, kind, table, key, value);                                                \
    }                                                                                              \
    static void variable##_set(void *table, int64_t key, uint64_t value) {                         \
        set(which, kind, table, key, value);                                                       \
    }                                                                                              \
    const struct shared_map variable = {                                                           \
        name_, variable##_create, destroy, variable##_get, variable##_set, NULL, NULL};

SUBJECT(uthash_mutex, "uthash, mutex", UTHASH, MUTEX)
SUBJECT(uthash_rwlock, "uthash, rwlock", UTHASH, RWLOCK)
SUBJECT(glib_mutex, "GHashTable, mutex", GLIB, MUTEX)
SUBJECT(glib_rwlock, "GHashTable, rwlock", GLIB, RWLOCK)

/* ---- GLib's queue ---- */

static void *queue_new(void) {
    return g_async_queue_new();
}

static void queue_push(void *queue, void *value) {
    g_async_queue_push(queue, value);
}

static void *queue_pop(void *queue) {
    return g_async_queue_pop(queue);
}

static void queue_free(void *queue) {
    g_async_queue_unref(queue);
}

const struct shared_queue glib_queues = {"GAsyncQueue", queue_new, queue_free, queue_push,
                                         queue_pop};
