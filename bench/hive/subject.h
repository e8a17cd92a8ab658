/* subject.h - a way to hand a map of int64 to another thread, which changes it and hands it back.
 */
#ifndef BENCH_HIVE_SUBJECT_H
#define BENCH_HIVE_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

struct changes {
    const int64_t *keys, *values;
    size_t count;
};

/* What `map` and `message` are is the subject's own. A message that was opened is used up. */
struct subject {
    const char *name;
    void *(*make)(size_t entries); /* a map of the keys key_of(0) to key_of(entries - 1) */
    void *(*pack)(void *map);      /* the message that the first thread sends */
    void *(*open)(void *message);  /* the map that the worker gets */
    void *(*change)(void *map, const struct changes *changes); /* uses the map up */
    void *(*pack_back)(void *map);                             /* uses the map up */
    void *(*open_back)(void *message);
    int64_t (*value)(void *map, int64_t key); /* -1: not there */
    void (*drop)(void *map);
};

extern const struct subject ame_subject, msgpack_subject, copy_subject;

/* Spread, so that no table has it easier than with keys of the world. */
static inline int64_t key_of(uint64_t i) {
    return (int64_t)(i * UINT64_C(0x9E3779B97F4A7C15));
}

static inline void *as_it_is(void *map) {
    return map;
}

/* Ends the program with a message if `pointer` is NULL. */
void *need(void *pointer);

#endif
