/* whole.c - functions of whole maps. Compiled with the plugin; what they walk with and the
 * transients are their own, so blocks may call them. */
#include "map/build.h"
#include "map/compare.h"
#include <ame/error.h>
#include <ame/runtime.h>

#include <stddef.h>

int ame_map_diff(const ame_map *old, const ame_map *new, ame_map_diff_fn *function, void *context) {
    ame__check_map(old, "ame_map_diff");
    ame__check_map(new, "ame_map_diff");
    if (!ame__same_keys(old, new))
        return AME_EINVAL;
    struct ame__comparison comparison;
    struct ame__difference difference;
    int result = 0;
    ame__compare(&comparison, old, new);
    while (!result && ame__next_difference(&comparison, &difference)) {
        struct ame_map_difference public;
        ame__public_difference(&comparison, &difference, &public);
        result = function(&public, context);
    }
    return result;
}

bool ame_map_equal(const ame_map *one, const ame_map *other) {
    ame__check_map(one, "ame_map_equal");
    ame__check_map(other, "ame_map_equal");
    if (!ame__same_keys(one, other) || one->size != other->size)
        return false;
    struct ame__comparison comparison;
    struct ame__difference difference;
    ame__compare(&comparison, one, other);
    return !ame__next_difference(&comparison, &difference);
}

uint64_t ame_map_hash(const ame_map *map) {
    ame__check_map(map, "ame_map_hash");
    return ame__content_hash(map);
}

/* ---- merging ---- */

struct merge {
    const ame_map *ours;
    ame_transient *result;
    ame_map_conflict_fn *resolve;
    void *context;
};

static int apply(ame_transient *result, ame_key key, bool set, ame_value value) {
    if (set)
        return ame_transient_set(result, key, value);
    int error = ame_transient_remove(result, key);
    return error == AME_ENOENT ? 0 : error;
}

static int merge_one(const struct ame_map_difference *theirs, void *argument) {
    const struct merge *merge = argument;
    ame_value ours = {0};
    bool there = ame_map_get(merge->ours, theirs->key, &ours);
    if (there == theirs->was_there && ours.integer == theirs->old_value.integer)
        return apply(merge->result, theirs->key, theirs->is_there, theirs->new_value);
    if ((there == theirs->is_there && ours.integer == theirs->new_value.integer) || !merge->resolve)
        return 0;
    ame_value value = ours;
    enum ame_map_update decision = merge->resolve(theirs, there, &value, merge->context);
    if (decision == AME_MAP_KEEP)
        return 0;
    return apply(merge->result, theirs->key, decision == AME_MAP_SET, value);
}

ame_map *ame_map_merge(ame_map *base, ame_map *ours, ame_map *theirs, ame_map_conflict_fn *resolve,
                       void *context) {
    ame__check_map(base, "ame_map_merge");
    ame__check_map(ours, "ame_map_merge");
    ame__check_map(theirs, "ame_map_merge");
    if (!ame__same_keys(base, ours) || !ame__same_keys(base, theirs))
        return NULL;
    struct merge merge = {ours, ame_transient_new(ours), resolve, context};
    if (!merge.result)
        return NULL;
    if (!ame_map_diff(base, theirs, merge_one, &merge))
        return ame_transient_seal(merge.result);
    ame_transient_drop(merge.result);
    return NULL;
}

/* ---- all entries ---- */

ame_map *ame_map_update_all(ame_map *map, ame_map_update_fn *function, void *context) {
    ame_transient *result = ame_transient_new(map);
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    int error = result ? 0 : AME_ENOMEM;
    if (result)
        ame_map_iterate(map, &iterator);
    while (!error && ame_map_next(&iterator, &key, &value)) {
        enum ame_map_update decision = function(key, true, &value, context);
        if (decision != AME_MAP_KEEP)
            error = apply(result, key, decision == AME_MAP_SET, value);
    }
    if (!error)
        return ame_transient_seal(result);
    ame_transient_drop(result);
    return NULL;
}

/* ---- from arrays ---- */

ame_map *ame_map_set_all(ame_map *map, const ame_key *keys, const ame_value *values, size_t count) {
    ame__check_map(map, "ame_map_set_all");
    enum ame_key_type type = ame__type_of(&map->keys);
    for (size_t i = 0; i < count && type == AME_KEY_STRING; i++)
        ame__check_key(type, keys[i], "ame_map_set_all");
    if (type != AME_KEY_TYPED && !ame_in_block()) {
        bool collides;
        ame_map *version = ame__build(map, keys, values, count, &collides);
        if (!collides)
            return version;
    }
    ame_transient *result = ame_transient_new(map);
    int error = result ? 0 : AME_ENOMEM;
    for (size_t i = 0; i < count && !error; i++)
        error = ame_transient_set(result, keys[i], values[i]);
    if (!error)
        return ame_transient_seal(result);
    ame_transient_drop(result);
    return NULL;
}
