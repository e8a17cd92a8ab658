/* transient.c - maps under construction. Compiled with the plugin.
 *
 * A transient's own nodes are those that its base has not at the same position (V2 of
 * versions/versions.h); it changes them in place. It holds a reference to its base until it ends.
 *
 * Changes in place are not logged. That is right for a transient that the running block
 * has begun, as an abort frees all of its memory; with any other one the block runs
 * alone, where nothing is undone. */
#include "map/transient.h"
#include "map/change.h"
#include <ame/error.h>

#include <stdlib.h>

/* Where the block that began it has committed; outside blocks, at once. */
static void is_committed(void *argument) {
    ame_transient *transient = argument;
    if (transient->ended)
        free(transient);
    else
        transient->outside = true;
}

ame_transient *ame_transient_new(ame_map *map) {
    ame__check_map(map, "ame_transient_new");
    ame_transient *transient = malloc(sizeof *transient);
    ame_map *version = ame__take_node(AME__HEADER_WORDS);
    if (!transient || !version) {
        free(transient);
        ame__drop_node(version);
        return NULL;
    }
    ame__transient_fill(transient, ame_map_retain(map), version);
    ame_on_commit(is_committed, transient);
    return transient;
}

AME__ALWAYS_INLINE void may_change(const ame_transient *transient, const char *function) {
    if (ame__check_transient(transient, function) && ame_in_block())
        ame_irrevocable();
}

/* What the edit did away with: nodes of the transient's own are freed, those of the base noted. */
AME__ALWAYS_INLINE void leave_replaced(ame_transient *transient, const struct ame__path *path,
                                       const struct ame__edit *edit) {
    if (ame_in_block())
        ame__note_nothing(transient);
    else
        ame__note_replaced_path(transient, path, edit->own);
    uint32_t count = edit->dropped_count;
    for (uint32_t i = 0; i < count; i++)
        ame__give_node(edit->dropped[i], edit->dropped_words[i]);
}

AME__ALWAYS_INLINE bool set_own(ame_transient *transient, enum ame_key_type type, ame_key key,
                                uint64_t value) {
    if (type != AME_KEY_STRING)
        return ame__set_own_word(transient, (uint64_t)key.integer, value, !ame_in_block());
    return !ame_in_block() && ame__set_own_text(transient, key.string, value);
}

int ame_transient_set(ame_transient *transient, ame_key key, ame_value value) {
    may_change(transient, "ame_transient_set");
    struct ame__target target;
    struct ame__edit edit;
    const struct ame__keys *keys = &transient->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, "ame_transient_set");
    if (set_own(transient, type, key, (uint64_t)value.integer))
        return AME_OK;
    ame__aim(&target, &transient->root, keys, type, key);
    const uint64_t *found = target.found;
    struct ame__entry entry;
    uint32_t own = ame__own_levels(transient, &target.path, &target.probe.hashes);
    if (found) {
        if (ame__of_sets(keys) || ame__read_value(found, type) == (uint64_t)value.integer ||
            ame__replace_value(&target.path, found, (uint64_t)value.integer, own))
            return AME_OK;
        ame__key_copy(&entry, keys, found);
    } else if (!ame__new_key(&target, keys, type, key, &entry)) {
        return AME_ENOMEM;
    }
    ame__value_fill(&entry, keys, (uint64_t)value.integer);
    ame__plan_set(&edit, keys, &target.probe.hashes, &target.path, found, &entry, own);
    if (!ame__allocate_nodes(&edit)) {
        if (!found)
            ame__forget_key(type, &entry);
        return AME_ENOMEM;
    }
    ame__transient_edit(transient, &edit, !found);
    leave_replaced(transient, &target.path, &edit);
    if (!found)
        ame__retain_key(keys, type, key);
    return AME_OK;
}

int ame_transient_remove(ame_transient *transient, ame_key key) {
    may_change(transient, "ame_transient_remove");
    struct ame__target target;
    struct ame__edit edit;
    const struct ame__keys *keys = &transient->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, "ame_transient_remove");
    ame__aim(&target, &transient->root, keys, type, key);
    if (!target.found)
        return AME_ENOENT;
    void *outside = ame__own_outside(transient, target.found);
    uint32_t own = ame__own_levels(transient, &target.path, &target.probe.hashes);
    ame__plan_remove(&edit, &target.probe.hashes, &target.path, target.found, own);
    if (!ame__allocate_nodes(&edit))
        return AME_ENOMEM;
    ame__transient_edit(transient, &edit, -1);
    leave_replaced(transient, &target.path, &edit);
    if (type == AME_KEY_TYPED && outside)
        ame_on_commit(ame__free_typed_box, outside);
    else
        ame__drop_node(outside);
    return AME_OK;
}

bool ame_transient_get(const ame_transient *transient, ame_key key, ame_value *value) {
    may_change(transient, "ame_transient_get");
    struct ame__target target;
    const struct ame__keys *keys = &transient->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, "ame_transient_get");
    ame__aim(&target, &transient->root, keys, type, key);
    if (!target.found)
        return false;
    if (value)
        value->integer = (int64_t)ame__read_value(target.found, type);
    return true;
}

size_t ame_transient_size(const ame_transient *transient) {
    ame__check_transient(transient, "ame_transient_size");
    return ame__transient_count(transient);
}

ame_map *ame_transient_seal(ame_transient *transient) {
    may_change(transient, "ame_transient_seal");
    ame_map *base = transient->base, *version = transient->version;
    size_t made =
        2 * ame__transient_nodes_made(transient); /* who makes nodes frees as many that wait */
    bool shares;
    if (ame__transient_finish(transient, &shares)) {
        ame_ref_init(&version->version.references);
        if (shares)
            ame__adopt(&base->version, &version->version);
        ame_map_release(base);
    } else {
        ame__give_node(version, AME__HEADER_WORDS);
        version = base;
    }
    if (ame__transient_end(transient))
        free(transient);
    ame_map_reclaim(made);
    return version;
}

static void drop(void *argument) {
    ame_transient *transient = argument;
    ame__free_only_in(transient->keys, transient->root, transient->base->root);
    ame_map_release(transient->base);
    ame__give_node(transient->version, AME__HEADER_WORDS);
    ame__transient_end(transient);
    free(transient);
}

void ame_transient_drop(ame_transient *transient) {
    if (!transient)
        return;
    ame__check_transient(transient, "ame_transient_drop");
    ame_on_commit(drop, transient);
}
