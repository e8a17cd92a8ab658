/* ame.c - ame_map. */
#include "nodes/slabs.h"
#include "subject.h"

#include <ame/map.h>
#include <stdlib.h>

static inline ame_key key_of(int texts, uint32_t i) {
    return texts ? ame_string_key(text_keys[i]) : ame_int_key(int_keys[i]);
}

static inline ame_key pick_of(int texts, struct picks picks, size_t i) {
    return texts ? ame_string_key(picks.texts[i]) : ame_int_key(picks.ints[i]);
}

static inline ame_map *next(ame_map *old, ame_map *new) {
    ame_map_release(old);
    return new;
}

static inline void *set(int texts, ame_map *map, struct picks picks, uint64_t value) {
    for (size_t i = 0; i < picks.count; i++)
        map = next(map,
                   ame_map_set(map, pick_of(texts, picks, i), ame_int_value((int64_t)(value + i))));
    return map;
}

static inline void *build(int texts, size_t count) {
    ame_map *empty = ame_map_new(texts ? AME_KEY_STRING : AME_KEY_INT);
    ame_transient *transient = ame_transient_new(empty);
    for (uint32_t i = 0; i < count; i++)
        ame_transient_set(transient, key_of(texts, i), ame_int_value(i));
    return next(empty, ame_transient_seal(transient));
}

static inline void *build_at_once(int texts, size_t count) {
    ame_map *empty = ame_map_new(texts ? AME_KEY_STRING : AME_KEY_INT);
    ame_key *keys = malloc(count * sizeof *keys);
    ame_value *values = malloc(count * sizeof *values);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = key_of(texts, i);
        values[i] = ame_int_value(i);
    }
    ame_map *map = next(empty, ame_map_set_all(empty, keys, values, count));
    free(keys);
    free(values);
    return map;
}

static inline void *set_in_batch(int texts, ame_map *map, struct picks picks, uint64_t value) {
    ame_transient *transient = ame_transient_new(map);
    for (size_t i = 0; i < picks.count; i++)
        ame_transient_set(transient, pick_of(texts, picks, i), ame_int_value((int64_t)(value + i)));
    return next(map, ame_transient_seal(transient));
}

static inline void *set_at_once(int texts, ame_map *map, struct picks picks, uint64_t value) {
    ame_key *keys = malloc(picks.count * sizeof *keys);
    ame_value *values = malloc(picks.count * sizeof *values);
    for (size_t i = 0; i < picks.count; i++) {
        keys[i] = pick_of(texts, picks, i);
        values[i] = ame_int_value((int64_t)(value + i));
    }
    map = next(map, ame_map_set_all(map, keys, values, picks.count));
    free(keys);
    free(values);
    return map;
}

static inline size_t look_up_together(int texts, ame_map *map, struct picks picks) {
    enum { TOGETHER = 64 };
    size_t hits = 0;
    for (size_t i = 0; i < picks.count; i += TOGETHER) {
        ame_key keys[TOGETHER];
        ame_value values[TOGETHER];
        bool found[TOGETHER];
        size_t count = picks.count - i < TOGETHER ? picks.count - i : TOGETHER;
        for (size_t j = 0; j < count; j++)
            keys[j] = pick_of(texts, picks, i + j);
        hits += ame_map_get_many(map, keys, count, values, found);
    }
    return hits;
}

static inline size_t look_up(int texts, ame_map *map, struct picks picks) {
    size_t found = 0;
    ame_value value;
    for (size_t i = 0; i < picks.count; i++)
        found += ame_map_get(map, pick_of(texts, picks, i), &value);
    return found;
}

static inline void *drop(int texts, ame_map *map, struct picks picks) {
    for (size_t i = 0; i < picks.count; i++)
        map = next(map, ame_map_remove(map, pick_of(texts, picks, i)));
    return map;
}

static uint64_t iterate(void *map) {
    ame_map_iterator iterator;
    ame_value value;
    uint64_t sum = 0;
    for (ame_map_iterate(map, &iterator); ame_map_next(&iterator, NULL, &value);)
        sum += (uint64_t)value.integer;
    return sum;
}

static void *keep(void *map) {
    return ame_map_retain(map);
}

static void release(void *map) {
    ame_map_release(map);
}

static void finish(void) {
    ame_map_reclaim(SIZE_MAX / 2); /* all that waits */
}

static void trim(void) {
    ame_map_reclaim(SIZE_MAX);
}

static int count(const struct ame_map_difference *difference, void *context) {
    (void)difference;
    ++*(size_t *)context;
    return 0;
}

static size_t diff(void *one, void *other) {
    size_t differ = 0;
    ame_map_diff(one, other, count, &differ);
    return differ;
}

static void *merge(void *base, void *ours, void *theirs) {
    return ame_map_merge(base, ours, theirs, NULL, NULL);
}

#define SUBJECT(name_, texts)                                                                      \
    static void *name_##_build(size_t count) {                                                     \
        return build(texts, count);                                                                \
    }                                                                                              \
    static void *name_##_build_at_once(size_t count) {                                             \
        return build_at_once(texts, count);                                                        \
    }                                                                                              \
    static void *name_##_set_in_batch(void *map, struct picks picks, uint64_t value) {             \
        return set_in_batch(texts, map, picks, value);                                             \
    }                                                                                              \
    static void *name_##_set_at_once(void *map, struct picks picks, uint64_t value) {              \
        return set_at_once(texts, map, picks, value);                                              \
    }                                                                                              \
    static size_t name_##_look_up_together(void *map, struct picks picks) {                        \
        return look_up_together(texts, map, picks);                                                \
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
    const struct subject ame_##name_ = {.name = "ame_map",                                         \
                                        .persistent = 1,                                           \
                                        .build = name_##_build,                                    \
                                        .build_at_once = name_##_build_at_once,                    \
                                        .look_up = name_##_look_up,                                \
                                        .look_up_together = name_##_look_up_together,              \
                                        .set_in_batch = name_##_set_in_batch,                      \
                                        .set_at_once = name_##_set_at_once,                        \
                                        .set = name_##_set,                                        \
                                        .remove = name_##_remove,                                  \
                                        .iterate = iterate,                                        \
                                        .keep = keep,                                              \
                                        .diff = diff,                                              \
                                        .merge = merge,                                            \
                                        .release = release,                                        \
                                        .finish = finish,                                          \
                                        .trim = trim,                                              \
                                        .bytes = ame__slab_bytes};

SUBJECT(ints, 0)
SUBJECT(texts, 1)
