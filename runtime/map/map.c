/* map.c - the public functions of ame_map.
 *
 * A map is a hash array mapped trie. The hash of a key, 64 bits, is read five
 * bits at a time from the low end; each group, 0 to 31, is a place in a node, one
 * level below the other. A key lies as high as its place is its alone. Say the
 * hashes of four keys begin
 *
 *              level 0   level 1   level 2
 *     "pear"      3
 *     "fig"       9         4         1
 *     "plum"      9         4        30
 *     "lime"      9        17
 *
 * "pear" has place 3 of the root for itself; the others share place 9, so a child
 * tells them apart, and for two of them another one below it:
 *
 *     root        entry_map {3}    child_map {9}
 *                 +-----------+-----------+
 *                 | child 9   | "pear" 10 |
 *                 +-----|-----+-----------+
 *                       v
 *     level 1     entry_map {17}   child_map {4}
 *                 +-----------+-----------+
 *                 | child 4   | "lime" 40 |
 *                 +-----|-----+-----------+
 *                       v
 *     level 2     entry_map {1, 30}   no children
 *                 +-----------+-----------+
 *                 | "fig" 20  | "plum" 30 |
 *                 +-----------+-----------+
 *
 * Only places in use take memory. Where one lies in its array is the number of
 * bits set below its own: with places {1, 30} in the map, "plum" at 30 has one bit
 * below it and so index 1. Children stand first, because a lookup passes through
 * many children and stops at one entry.
 *
 * The four bits left for level 12 are the last. Keys that agree in all 64 share a
 * collision node on level 13, a plain list; integers never do, as the hash of an
 * integer can be turned back.
 *
 * set("fig", 21) leaves all of this alone and makes new copies of the nodes on the
 * way, and of nothing else; the new version shares "pear"'s key, and had there
 * been other children, those with all that hangs from them:
 *
 *     old root --> old level 1 --> old level 2 ("fig" 20, "plum" 30)
 *     new root --> new level 1 --> new level 2 ("fig" 21, "plum" 30)
 *
 * remove("fig") would leave a node with "plum" alone, which goes up into its
 * parent: to place 4 of level 1, now an entry. No node but the root ever holds a
 * single entry and nothing else. So the shape follows from the keys, not from the
 * order in which they came.
 *
 * Each node counts the parents and headers that hold it, each string key the
 * slots. A new version takes one more reference to all it shares; the release of a
 * version's last reference gives them back, node by node.
 *
 * Compiled with the plugin: in blocks these functions run as their twins, where
 * malloc, free and the counts act with the block. */
#include "map/edit.h"
#include "map/hash.h"
#include "map/key.h"

#include <stdlib.h>

/* ---- headers ---- */

static ame_map *new_header(enum ame_key_type keys, size_t size, struct ame__node *root) {
    ame_map *map = malloc(sizeof *map);
    if (!map)
        return NULL;
    ame_ref_init(&map->references);
    map->size = size;
    map->root = root;
    map->keys = keys;
    return map;
}

ame_map *ame_map_new(enum ame_key_type keys) {
    if (keys != AME_KEY_INT && keys != AME_KEY_STRING)
        return NULL;
    return new_header(keys, 0, NULL);
}

ame_map *ame_map_retain(ame_map *map) {
    ame_ref_retain(&map->references);
    return map;
}

void ame_map_release(ame_map *map) {
    if (map)
        ame_ref_release(&map->references, ame__destroy_map);
}

size_t ame_map_size(const ame_map *map) {
    return map->size;
}

enum ame_key_type ame_map_key_type(const ame_map *map) {
    return map->keys;
}

/* ---- lookup ---- */

static inline const struct ame__slot *find_text(const ame_map *map, const char *text) {
    struct ame__probe probe;
    ame__probe_text(&probe, text);
    return ame__match_text(ame__find(map, probe.hash), &probe);
}

bool ame_map_get(const ame_map *map, ame_key key, ame_value *value) {
    const struct ame__slot *slot =
        map->keys == AME_KEY_INT ? ame__find_int(map, key.integer) : find_text(map, key.string);
    if (!slot)
        return false;
    if (value)
        value->integer = (int64_t)slot->value;
    return true;
}

/* ---- new versions ---- */

static inline bool allocate_nodes(struct ame__edit *edit) {
    for (uint32_t i = 0; i < edit->count; i++) {
        struct ame__node *node = malloc(ame__fresh_size(edit, i));
        if (!node) {
            while (i > 0)
                free(edit->fresh[--i]);
            return false;
        }
        ame_ref_init(&node->references);
        edit->fresh[i] = node;
    }
    return true;
}

/* New nodes hold what their forerunners hold and take references of their own;
 * except for the new node below and the new key, which they own already. */
static inline void retain_shared(const struct ame__edit *edit, enum ame_key_type keys,
                                 uint64_t new_key) {
    for (uint32_t i = 0; i < edit->count; i++) {
        const struct ame__node *below = i + 1 < edit->count ? edit->fresh[i + 1] : NULL;
        struct ame__contents contents = ame__contents(edit->fresh[i]);
        for (uint32_t c = 0; c < contents.child_count; c++) {
            struct ame__node *child = contents.children[c].node;
            if (child != below)
                ame_ref_retain(&child->references);
        }
        if (keys == AME_KEY_INT)
            continue;
        for (uint32_t s = 0; s < contents.entry_count; s++) {
            uint64_t key = contents.slots[s].key;
            if (key != new_key)
                ame_ref_retain(&ame__text_key_of(key)->references);
        }
    }
}

struct change {
    uint64_t hash;
    const struct ame__path *path;
    const struct ame__slot *found; /* the key's slot in the old version, or NULL */
    enum { SET, REMOVE } kind;
    struct ame__slot entry; /* SET */
};

/* The edit is a local of this function, and what it calls is in line: so the
 * plugin knows the edit's memory for the frame's own. */
static ame_map *new_version(const ame_map *map, struct change change) {
    struct ame__edit edit;
    size_t size = map->size;
    enum ame_key_type keys = map->keys;
    if (change.kind == SET) {
        size += !change.found;
        ame__plan_set(&edit, map, change.hash, change.path, change.found, change.entry);
    } else {
        size--;
        ame__plan_remove(&edit, change.hash, change.path, change.found);
    }
    if (!allocate_nodes(&edit))
        return NULL;
    ame_map *version = new_header(keys, size, edit.count ? edit.fresh[0] : NULL);
    if (!version) {
        for (uint32_t i = 0; i < edit.count; i++)
            free(edit.fresh[i]);
        return NULL;
    }
    ame__fill(&edit);
    retain_shared(&edit, keys, change.kind == SET && !change.found ? change.entry.key : 0);
    return version;
}

static ame_map *set_int(ame_map *map, int64_t key, uint64_t value) {
    struct ame__path path;
    uint64_t hash = ame__hash_int(key);
    ame__find_path(map, hash, &path);
    const struct ame__slot *found = ame__match_int(path.candidates, key);
    if (found && found->value == value)
        return ame_map_retain(map);
    return new_version(map, (struct change){hash, &path, found, SET, {(uint64_t)key, value}});
}

static ame_map *set_text(ame_map *map, const char *text, uint64_t value) {
    struct ame__probe probe;
    struct ame__path path;
    ame__probe_text(&probe, text);
    ame__find_path(map, probe.hash, &path);
    const struct ame__slot *found = ame__match_text(path.candidates, &probe);
    if (found && found->value == value)
        return ame_map_retain(map);
    struct change change = {probe.hash, &path, found, SET, {0, value}};
    if (found) {
        change.entry.key = found->key;
        return new_version(map, change);
    }
    struct ame__text_key *key = ame__text_key_new(&probe);
    if (!key)
        return NULL;
    change.entry.key = (uint64_t)key->text;
    ame_map *version = new_version(map, change);
    if (!version)
        free(key);
    return version;
}

ame_map *ame_map_set(ame_map *map, ame_key key, ame_value value) {
    if (map->keys == AME_KEY_INT)
        return set_int(map, key.integer, (uint64_t)value.integer);
    return set_text(map, key.string, (uint64_t)value.integer);
}

static ame_map *remove_int(ame_map *map, int64_t key) {
    struct ame__path path;
    uint64_t hash = ame__hash_int(key);
    ame__find_path(map, hash, &path);
    const struct ame__slot *found = ame__match_int(path.candidates, key);
    if (!found)
        return ame_map_retain(map);
    return new_version(map, (struct change){hash, &path, found, REMOVE, {0, 0}});
}

static ame_map *remove_text(ame_map *map, const char *text) {
    struct ame__probe probe;
    struct ame__path path;
    ame__probe_text(&probe, text);
    ame__find_path(map, probe.hash, &path);
    const struct ame__slot *found = ame__match_text(path.candidates, &probe);
    if (!found)
        return ame_map_retain(map);
    return new_version(map, (struct change){probe.hash, &path, found, REMOVE, {0, 0}});
}

ame_map *ame_map_remove(ame_map *map, ame_key key) {
    return map->keys == AME_KEY_INT ? remove_int(map, key.integer) : remove_text(map, key.string);
}
