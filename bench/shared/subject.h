/* subject.h - what is measured: shared maps and queues, a table of functions for each. */
#ifndef BENCH_SHARED_SUBJECT_H
#define BENCH_SHARED_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shared_map {
    const char *name;
    void *(*create)(size_t entries); /* NULL: out of memory */
    void (*destroy)(void *map);
    bool (*get)(void *map, int64_t key, uint64_t *value);
    void (*set)(void *map, int64_t key, uint64_t value);
    void (*thread_begins)(void); /* these two may be NULL */
    void (*thread_ends)(void);
};

struct shared_queue {
    const char *name;
    void *(*create)(void);
    void (*destroy)(void *queue);
    void (*push)(void *queue, void *value); /* of a value that is not NULL */
    void *(*pop)(void *queue);              /* waits until there is one */
};

extern const struct shared_map ame_tmaps, ame_roots, uthash_mutex, uthash_rwlock, glib_mutex,
    glib_rwlock, urcu_lfht;
extern const struct shared_queue ame_queues, glib_queues, urcu_queues;

#endif
