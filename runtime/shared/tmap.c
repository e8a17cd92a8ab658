/* tmap.c - ame_tmap. Compiled with the plugin.
 *
 * Each part is an ame_map, and a change replaces its root: the versions of a part share what
 * they have in common, and who walks one holds it. The part is told by the highest bits of the
 * hash, which the tries come to last. */
#include "map/find.h"
#include "map/hash.h"
#include "map/key.h"
#include "shared/check.h"
#include "versions/grace.h"
#include <ame/count.h>
#include <ame/error.h>
#include <ame/runtime.h>
#include <ame/tmap.h>

#include <stdlib.h>

enum { PART_BITS = 8, PARTS = 1 << PART_BITS };
_Static_assert(PARTS == AME_TMAP_PARTS, "as the header says");

struct part {
    ame_map *root __attribute__((aligned(64))); /* a reference; never NULL */
};

struct ame_tmap {
    uint64_t seal;
    enum ame_key_type type ame_immutable;
    const struct ame_key_functions *functions ame_immutable;
    ame_counter size __attribute__((aligned(64)));
    struct part parts[PARTS];
};

#define LIVE UINT64_C(0x616d655f746d6170)

static inline void check(const ame_tmap *map, const char *function) {
    if (AME__UNLIKELY(!map || map->seal != LIVE))
        ame__not_shared(map, "ame_tmap", function);
}

ame_constructor static ame_tmap *new_of(ame_map *empty, enum ame_key_type type,
                                        const struct ame_key_functions *functions) {
    ame_tmap *map = empty ? aligned_alloc(64, sizeof *map) : NULL;
    if (map) {
        *map = (struct ame_tmap){.seal = LIVE, .type = type, .functions = functions};
        for (int i = 0; i < PARTS; i++)
            map->parts[i].root = ame_map_retain(empty);
    }
    ame_map_release(empty);
    return map;
}

ame_tmap *ame_tmap_new(enum ame_key_type keys) {
    return new_of(ame_map_new(keys), keys, NULL);
}

ame_tmap *ame_tmap_new_typed(const struct ame_key_functions *functions) {
    return new_of(ame_map_new_typed(functions), AME_KEY_TYPED, functions);
}

static void release_old_roots(void *unused) {
    (void)unused;
    ame__release_what_waits();
}

void ame_tmap_free(ame_tmap *map) {
    if (!map)
        return;
    check(map, "ame_tmap_free");
    for (int i = 0; i < PARTS; i++)
        ame_map_release(map->parts[i].root);
    ame__break_seal(&map->seal);
    free(map);
    ame_on_commit(release_old_roots, NULL); /* they have most of it */
}

static inline struct part *part_of_hash(ame_tmap *map, uint64_t hash) {
    return &map->parts[hash >> (64 - PART_BITS)];
}

static inline struct part *part_of(ame_tmap *map, ame_key key, const char *function) {
    enum ame_key_type type = map->type;
    uint64_t hash;
    ame__check_key(type, key, function);
    if (type == AME_KEY_STRING) {
        struct ame__probe probe;
        ame__probe_text(&probe, key.string);
        hash = probe.hashes.round[0];
    } else {
        hash = type == AME_KEY_TYPED ? ame__hash_typed(map->functions, key.pointer, 0)
                                     : ame__hash_int(key.integer, 0);
    }
    return part_of_hash(map, hash);
}

/* While it reads a thread waits for nobody but blocks: not for the functions of typed keys. */
static inline bool is_read_without_reference(const ame_tmap *map) {
    return map->type != AME_KEY_TYPED;
}

/* Outside blocks. False: it was not done. */
static inline bool look_up(ame_tmap *map, ame_key key, ame_value *value, bool *found) {
    uint64_t words[AME__TEXT_WORDS];
    enum ame_key_type type = map->type;
    ame__check_key(type, key, "ame_tmap_get");
    uint64_t hash = ame__key_to_find(type, key, words);
    const struct part *part = part_of_hash(map, hash);
    const ame_map *root;
    if (!ame__begin_reading())
        return false;
    atomic { /* reads one word, so without a fence: the next lookup need not wait for this one */
        root = part->root;
    }
    const uint64_t *entry = ame__find_hashed(root, words, hash);
    if (entry && value)
        value->integer = (int64_t)ame__value(entry, type);
    ame__end_reading();
    *found = entry;
    return true;
}

bool ame_tmap_get(ame_tmap *map, ame_key key, ame_value *value) {
    check(map, "ame_tmap_get");
    bool found;
    if (!ame_in_block() && is_read_without_reference(map) && look_up(map, key, value, &found))
        return found;
    const struct part *part = part_of(map, key, "ame_tmap_get");
    atomic {
        found = ame_map_get(part->root, key, value);
    }
    return found;
}

static void release_root(void *root) {
    ame__release_after_readers(&((ame_map *)root)->version);
}

/* In a block: `next` takes the part's place. NULL: no memory was left. */
static int replace(ame_tmap *map, struct part *part, ame_map *next) {
    ame_map *old = part->root;
    if (!next)
        return AME_ENOMEM;
    int64_t before = (int64_t)ame_map_size(old), after = (int64_t)ame_map_size(next);
    if (next != old)
        part->root = next;
    if (next != old && is_read_without_reference(map))
        ame_on_commit(release_root, old);
    else
        ame_map_release(old); /* or the reference that `next` is */
    if (after != before)
        ame_counter_add(&map->size, after - before);
    return AME_OK;
}

int ame_tmap_set(ame_tmap *map, ame_key key, ame_value value) {
    check(map, "ame_tmap_set");
    struct part *part = part_of(map, key, "ame_tmap_set");
    int error;
    atomic {
        error = replace(map, part, ame_map_set(part->root, key, value));
    }
    return error;
}

int ame_tmap_remove(ame_tmap *map, ame_key key) {
    check(map, "ame_tmap_remove");
    struct part *part = part_of(map, key, "ame_tmap_remove");
    int error;
    atomic {
        ame_map *next = ame_map_remove(part->root, key);
        bool absent = next == part->root;
        error = replace(map, part, next);
        if (absent)
            error = AME_ENOENT;
    }
    return error;
}

int ame_tmap_update(ame_tmap *map, ame_key key, ame_map_update_fn *function, void *context) {
    check(map, "ame_tmap_update");
    struct part *part = part_of(map, key, "ame_tmap_update");
    int error;
    atomic {
        ame_map *before = part->root;
        ame_map *next = ame_map_update(before, key, function, context);
        if (part->root != before) /* the function has changed the same part */
            ame__changed_meanwhile("ame_tmap_update");
        error = replace(map, part, next);
    }
    return error;
}

size_t ame_tmap_size(ame_tmap *map) {
    check(map, "ame_tmap_size");
    return (size_t)ame_counter_read(&map->size);
}

static int visit(ame_map *part, ame_tmap_visit_fn *function, void *context) {
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    int result = 0;
    ame_map_iterate(part, &iterator);
    while (!result && ame_map_next(&iterator, &key, &value))
        result = function(key, value, context);
    return result;
}

static inline void hold_all(ame_tmap *map, ame_map *versions[PARTS]) {
    atomic {
        for (int i = 0; i < PARTS; i++)
            versions[i] = ame_map_retain(map->parts[i].root);
    }
}

void ame_tmap_snapshot(ame_tmap *map, ame_map *parts[AME_TMAP_PARTS]) {
    check(map, "ame_tmap_snapshot");
    hold_all(map, parts);
}

int ame_tmap_for_each(ame_tmap *map, ame_tmap_visit_fn *function, void *context) {
    ame_map *versions[PARTS];
    int result = 0;
    check(map, "ame_tmap_for_each");
    hold_all(map, versions);
    for (int i = 0; i < PARTS; i++) {
        if (!result)
            result = visit(versions[i], function, context);
        ame_map_release(versions[i]);
    }
    return result;
}
