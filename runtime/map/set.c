/* set.c - the public functions of ame_set, most of which are those of maps. Compiled with the
 * plugin. */
#include "map/set.h"
#include "map/change.h"
#include "map/compare.h"
#include "map/transient.h"
#include <ame/error.h>

static const ame_value no_value;

static inline ame_set *as_set(ame_map *map) {
    return (ame_set *)map;
}

ame_set *ame_set_new(enum ame_key_type keys) {
    if (keys != AME_KEY_INT && keys != AME_KEY_STRING && keys != AME_KEY_POINTER)
        return NULL;
    return as_set(ame__new_empty((struct ame__keys){.type = keys, .set = true}));
}

ame_set *ame_set_new_typed(const struct ame_key_functions *functions) {
    return as_set(ame__new_empty((struct ame__keys){AME_KEY_TYPED, true, true, functions}));
}

ame_set *ame_set_retain(ame_set *set) {
    return as_set(ame_map_retain(ame__map_of(set, "ame_set_retain")));
}

void ame_set_release(ame_set *set) {
    if (set)
        ame_map_release(ame__map_of(set, "ame_set_release"));
}

size_t ame_set_size(const ame_set *set) {
    return ame__map_of(set, "ame_set_size")->size;
}

enum ame_key_type ame_set_key_type(const ame_set *set) {
    return ame__map_of(set, "ame_set_key_type")->keys.type;
}

bool ame_set_contains(const ame_set *set, ame_key key) {
    const ame_map *map = ame__map_of(set, "ame_set_contains");
    if (!ame__word_keys(map->keys.type))
        return ame__find_other(map, key, "ame_set_contains");
    return ame__find_word_in_set(map, (uint64_t)key.integer);
}

ame_set *ame_set_add(ame_set *set, ame_key key) {
    ame_map *map = ame__map_of(set, "ame_set_add");
    ame__check_key(ame__type_of(&map->keys), key, "ame_set_add");
    return as_set(ame_map_set(map, key, no_value));
}

ame_set *ame_set_remove(ame_set *set, ame_key key) {
    ame_map *map = ame__map_of(set, "ame_set_remove");
    ame__check_key(ame__type_of(&map->keys), key, "ame_set_remove");
    return as_set(ame_map_remove(map, key));
}

/* ---- two sets ---- */

bool ame_set_equal(const ame_set *one, const ame_set *other) {
    return ame_map_equal(ame__map_of(one, "ame_set_equal"), ame__map_of(other, "ame_set_equal"));
}

uint64_t ame_set_hash(const ame_set *set) {
    return ame_map_hash(ame__map_of(set, "ame_set_hash"));
}

struct set_diff {
    ame_set_diff_fn *function;
    void *context;
};

static int report_key(const struct ame_map_difference *difference, void *argument) {
    const struct set_diff *diff = argument;
    return diff->function(difference->key, difference->is_there, diff->context);
}

int ame_set_diff(const ame_set *old, const ame_set *changed, ame_set_diff_fn *function,
                 void *context) {
    struct set_diff diff = {function, context};
    return ame_map_diff(ame__map_of(old, "ame_set_diff"), ame__map_of(changed, "ame_set_diff"),
                        report_key, &diff);
}

/* Sealed, or dropped and NULL. */
static ame_set *finish(ame_transient *result, int error) {
    if (!error)
        return as_set(ame_transient_seal(result));
    ame_transient_drop(result);
    return NULL;
}

static int add_new(const struct ame_map_difference *difference, void *result) {
    return difference->is_there ? ame_transient_set(result, difference->key, no_value) : 0;
}

static int remove_old(const struct ame_map_difference *difference, void *result) {
    return difference->was_there ? ame_transient_remove(result, difference->key) : 0;
}

static int add_old(const struct ame_map_difference *difference, void *result) {
    return difference->was_there ? ame_transient_set(result, difference->key, no_value) : 0;
}

static ame_set *change_by_difference(ame_map *from, ame_map *one, ame_map *other,
                                     ame_map_diff_fn *change) {
    if (!ame__same_keys(one, other))
        return NULL;
    ame_transient *result = ame_transient_new(from);
    return result ? finish(result, ame_map_diff(one, other, change, result)) : NULL;
}

ame_set *ame_set_union(ame_set *one, ame_set *other) {
    ame_map *map = ame__map_of(one, "ame_set_union");
    return change_by_difference(map, map, ame__map_of(other, "ame_set_union"), add_new);
}

ame_set *ame_set_intersection(ame_set *one, ame_set *other) {
    ame_map *map = ame__map_of(one, "ame_set_intersection");
    return change_by_difference(map, map, ame__map_of(other, "ame_set_intersection"), remove_old);
}

static int remove_all(ame_transient *from, const ame_set *keys) {
    ame_set_iterator iterator;
    ame_key key;
    int error = 0;
    ame_set_iterate(keys, &iterator);
    while ((!error || error == AME_ENOENT) && ame_set_next(&iterator, &key))
        error = ame_transient_remove(from, key);
    return error == AME_ENOENT ? 0 : error;
}

/* What `other` has is taken out, or, if that is more, what it has not is collected. */
ame_set *ame_set_without(ame_set *one, ame_set *other) {
    ame_map *map = ame__map_of(one, "ame_set_without");
    ame_map *taken = ame__map_of(other, "ame_set_without");
    if (!ame__same_keys(map, taken))
        return NULL;
    if (ame__size_of(taken) <= ame__size_of(map)) {
        ame_transient *result = ame_transient_new(map);
        return result ? finish(result, remove_all(result, other)) : NULL;
    }
    ame_map *empty = ame__new_empty(map->keys);
    ame_set *result = empty ? change_by_difference(empty, map, taken, add_old) : NULL;
    ame_map_release(empty);
    return result;
}

/* ---- many changes at once ---- */

static inline ame_transient *inside(const ame_set_transient *transient, const char *function) {
    ame_transient *map_transient = (ame_transient *)transient;
    ame__check_transient(map_transient, function);
    return map_transient;
}

ame_set_transient *ame_set_transient_new(ame_set *set) {
    ame_map *map = ame__map_of(set, "ame_set_transient_new");
    return (ame_set_transient *)ame_transient_new(map);
}

size_t ame_set_transient_size(const ame_set_transient *transient) {
    return ame_transient_size(inside(transient, "ame_set_transient_size"));
}

bool ame_set_transient_contains(const ame_set_transient *transient, ame_key key) {
    return ame_transient_get(inside(transient, "ame_set_transient_contains"), key, NULL);
}

int ame_set_transient_add(ame_set_transient *transient, ame_key key) {
    return ame_transient_set(inside(transient, "ame_set_transient_add"), key, no_value);
}

int ame_set_transient_remove(ame_set_transient *transient, ame_key key) {
    int error = ame_transient_remove(inside(transient, "ame_set_transient_remove"), key);
    return error == AME_ENOENT ? AME_OK : error;
}

ame_set *ame_set_transient_seal(ame_set_transient *transient) {
    return as_set(ame_transient_seal(inside(transient, "ame_set_transient_seal")));
}

void ame_set_transient_drop(ame_set_transient *transient) {
    if (transient)
        ame_transient_drop(inside(transient, "ame_set_transient_drop"));
}
