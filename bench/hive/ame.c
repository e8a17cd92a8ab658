/* ame.c - ame_map: a version is handed over as it is. */
#include "subject.h"
#include <ame/map.h>

static void *make(size_t entries) {
    ame_map *empty = need(ame_map_new(AME_KEY_INT));
    ame_transient *transient = need(ame_transient_new(empty));
    for (size_t i = 0; i < entries; i++)
        if (ame_transient_set(transient, ame_int_key(key_of(i)), ame_int_value((int64_t)i)))
            need(NULL);
    ame_map_release(empty);
    return ame_transient_seal(transient);
}

/* The worker gets a reference of its own. */
static void *pack(void *map) {
    return ame_map_retain(map);
}

static void *change(void *old, const struct changes *changes) {
    ame_map *map = old, *changed;
    if (!changes->count)
        return map;
    if (changes->count == 1)
        changed =
            ame_map_set(map, ame_int_key(changes->keys[0]), ame_int_value(changes->values[0]));
    else
        changed = ame_map_set_all(map, (const ame_key *)changes->keys,
                                  (const ame_value *)changes->values, changes->count);
    ame_map_release(map);
    return need(changed);
}

static int64_t value(void *map, int64_t key) {
    ame_value found;
    return ame_map_get(map, ame_int_key(key), &found) ? found.integer : -1;
}

static void drop(void *map) {
    ame_map_release(map);
    while (ame_map_reclaim(1 << 16))
        ;
}

const struct subject ame_subject = {"ame_map", make,     pack,  as_it_is, change,
                                    as_it_is,  as_it_is, value, drop};
