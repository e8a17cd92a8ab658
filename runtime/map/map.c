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
 *     header      | nodes {9}  entries {3} |
 *                 +---|--------------------+
 *                     v
 *     root        | nodes {4}  entries {17} | "pear" 10 |
 *                 +---|---------------------+-----------+
 *                     v
 *     level 1     | no nodes  entries {1, 30} | "lime" 40 |
 *                 +---|-----------------------+-----------+
 *                     v
 *     level 2     | "fig" 20 | "plum" 30 |
 *                 +----------+-----------+
 *
 * Only places in use take memory: first those with nodes, two words each, then those with
 * entries, which so stand side by side: a word of an integer or pointer, or three of a string,
 * and one of the value. Where one lies is told by the bits set below its own: "lime" has one,
 * as all bits of nodes count as below those of entries, and so stands behind one node.
 *
 * The four bits left for level 12 are the last. For keys that agree in all 64 bits
 * another hash of them leads on from level 13, and those that agree in that too
 * share a list on level 26. Integers never do, as their hash can be turned back.
 *
 * set("fig", 21) leaves all of this alone and makes new copies of the nodes on the
 * way, and of nothing else; had there been other children, the new version would
 * share those with all that hangs from them:
 *
 *     old root --> old level 1 --> old level 2 ("fig" 20, "plum" 30)
 *     new root --> new level 1 --> new level 2 ("fig" 21, "plum" 30)
 *
 * remove("fig") would leave a node with "plum" alone, which goes up into its
 * parent: to place 4 of level 1, now an entry. No node but the root ever holds a
 * single entry and nothing else. So the shape follows from the keys, not from the
 * order in which they came.
 *
 * Who frees nodes and keys: versions/versions.h.
 *
 * Compiled with the plugin: in blocks these functions run as their twins, where
 * malloc, free and the counts act with the block. Here memory is allocated; what is
 * in it is read and written by pure code, as nobody else has seen what is written. */
#include "map/change.h"

/* ---- headers ---- */

ame_map *ame__new_empty(struct ame__keys keys) {
    ame_map *map = ame__take_node(AME__HEADER_WORDS);
    if (!map)
        return NULL;
    ame__header_fill(map, NULL, NULL, keys, 0, (struct ame__cell){0, 0});
    ame_ref_init(&map->version.references);
    return map;
}

ame_map *ame_map_new(enum ame_key_type keys) {
    if (keys != AME_KEY_INT && keys != AME_KEY_STRING && keys != AME_KEY_POINTER)
        return NULL;
    return ame__new_empty((struct ame__keys){.type = keys});
}

ame_map *ame_map_new_typed(const struct ame_key_functions *functions) {
    return ame__new_empty((struct ame__keys){AME_KEY_TYPED, false, true, functions});
}

ame_map *ame_map_retain(ame_map *map) {
    ame__check_map(map, "ame_map_retain");
    ame_ref_retain(&map->version.references);
    return map;
}

void ame_map_release(ame_map *map) {
    if (!map)
        return;
    ame__check_map(map, "ame_map_release");
    ame_ref_release(&map->version.references, ame__destroy_version);
}

size_t ame_map_reclaim(size_t nodes) {
    return ame_in_block() ? 0 : ame__reclaim(nodes);
}

size_t ame_map_size(const ame_map *map) {
    ame__check_map(map, "ame_map_size");
    return map->size;
}

enum ame_key_type ame_map_key_type(const ame_map *map) {
    ame__check_map(map, "ame_map_key_type");
    return map->keys.type;
}

/* ---- lookup ---- */

static const uint64_t *find_text_in_block(const ame_map *map, const char *text) {
    return ame__find_copied_text(&map->root, text);
}

ame_replaces(ame__find_text, find_text_in_block);
ame_replaces(ame__find_text_in_set, find_text_in_block);

/* Of a set, or a key of a user's type. */
AME__NOINLINE const uint64_t *ame__find_other(const ame_map *map, ame_key key,
                                              const char *function) {
    const struct ame__keys *keys = &map->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, function);
    if (type == AME_KEY_STRING)
        return ame__find_text_in_set(map, key.string);
    return ame__find_typed(&map->root, ame__functions_of(keys), key.pointer);
}

static inline bool take_value(const uint64_t *entry, enum ame_key_type type, ame_value *value) {
    if (entry && value)
        value->integer = (int64_t)ame__value(entry, type);
    return entry;
}

/* Functions of their own, so that each saves no more registers than it needs. */
static AME__NOINLINE bool get_text(const ame_map *map, ame_key key, ame_value *value) {
    ame__check_key(AME_KEY_STRING, key, "ame_map_get");
    return take_value(ame__find_text(map, key.string), AME_KEY_STRING, value);
}

static AME__NOINLINE bool get_typed(const ame_map *map, ame_key key, ame_value *value) {
    return take_value(ame__find_other(map, key, "ame_map_get"), AME_KEY_TYPED, value);
}

bool ame_map_get(const ame_map *map, ame_key key, ame_value *value) {
    ame__check_map(map, "ame_map_get");
    enum ame_key_type type = map->keys.type;
    if (type == AME_KEY_STRING)
        return get_text(map, key, value);
    if (AME__UNLIKELY(type == AME_KEY_TYPED))
        return get_typed(map, key, value);
    return take_value(ame__find_word(map, (uint64_t)key.integer), AME_KEY_INT, value);
}

static inline void find_words(const ame_map *map, const ame_key *keys, uint32_t count,
                              const uint64_t **entries) {
    uint64_t words[AME__TOGETHER];
    for (uint32_t i = 0; i < count; i++)
        words[i] = (uint64_t)keys[i].integer;
    ame__find_words(&map->root, words, count, entries);
}

static void find_texts_in_block(const struct ame__cell *root, const ame_key *keys, uint32_t count,
                                const uint64_t **entries) {
    for (uint32_t i = 0; i < count; i++)
        entries[i] = ame__find_copied_text(root, keys[i].string);
}

ame_replaces(ame__find_texts, find_texts_in_block);

static inline void find_texts(const ame_map *map, const ame_key *keys, uint32_t count,
                              const uint64_t **entries) {
    for (uint32_t i = 0; i < count; i++)
        ame__check_key(AME_KEY_STRING, keys[i], "ame_map_get_many");
    ame__find_texts(&map->root, keys, count, entries);
}

static inline size_t get_some(const ame_map *map, const ame_key *keys, uint32_t count,
                              ame_value *values, bool *found) {
    const uint64_t *entries[AME__TOGETHER];
    enum ame_key_type type = map->keys.type;
    size_t hits = 0;
    if (type == AME_KEY_STRING)
        find_texts(map, keys, count, entries);
    else
        find_words(map, keys, count, entries);
    for (uint32_t i = 0; i < count; i++) {
        found[i] = entries[i];
        if (entries[i])
            values[i].integer = (int64_t)ame__value(entries[i], type);
        hits += !!entries[i];
    }
    return hits;
}

size_t ame_map_get_many(const ame_map *map, const ame_key *keys, size_t count, ame_value *values,
                        bool *found) {
    ame__check_map(map, "ame_map_get_many");
    bool typed = map->keys.type == AME_KEY_TYPED;
    size_t hits = 0, step = typed ? 1 : AME__TOGETHER;
    for (size_t i = 0; i < count; i += step)
        if (typed)
            hits += found[i] = ame_map_get(map, keys[i], &values[i]);
        else
            hits += get_some(map, keys + i, (uint32_t)(count - i < step ? count - i : step),
                             values + i, found + i);
    return hits;
}

/* ---- new versions ---- */

/* Memory for a planned edit, and the version that it makes. */
AME__ALWAYS_INLINE ame_map *make_version(ame_map *map, struct ame__edit *edit,
                                         const struct ame__target *target, size_t old_size,
                                         size_t size) {
    ame_map *version = ame__take_node(AME__HEADER_WORDS);
    if (!version)
        return NULL;
    if (!ame__allocate_nodes(edit)) {
        ame__give_node(version, AME__HEADER_WORDS);
        return NULL;
    }
    ame__version_fill(version, map, edit, target->probe.hashes.round[0], size);
    ame_ref_init(&version->version.references);
    if (size && old_size)
        ame__adopt(&map->version, &version->version);
    return version;
}

ame_map *ame_map_set(ame_map *map, ame_key key, ame_value value) {
    ame__check_map(map, "ame_map_set");
    struct ame__target target;
    struct ame__edit edit;
    const struct ame__keys *keys = &map->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, "ame_map_set");
    ame__expect_child(&map->version);
    ame__aim(&target, &map->root, keys, type, key);
    const uint64_t *found = target.found;
    struct ame__entry entry;
    if (found) {
        if (ame__of_sets(keys) || ame__read_value(found, type) == (uint64_t)value.integer)
            return ame_map_retain(map);
        ame__key_copy(&entry, keys, found);
    } else if (!ame__new_key(&target, keys, type, key, &entry)) {
        return NULL;
    }
    ame__value_fill(&entry, keys, (uint64_t)value.integer);
    ame__plan_set(&edit, keys, &target.probe.hashes, &target.path, found, &entry, 0);
    size_t size = ame__size_of(map);
    ame_map *version = make_version(map, &edit, &target, size, size + !found);
    if (found)
        return version;
    if (version)
        ame__retain_key(keys, type, key);
    else
        ame__forget_key(type, &entry);
    return version;
}

ame_map *ame_map_remove(ame_map *map, ame_key key) {
    ame__check_map(map, "ame_map_remove");
    struct ame__target target;
    struct ame__edit edit;
    const struct ame__keys *keys = &map->keys;
    enum ame_key_type type = ame__type_of(keys);
    ame__check_key(type, key, "ame_map_remove");
    ame__expect_child(&map->version);
    ame__aim(&target, &map->root, keys, type, key);
    if (!target.found)
        return ame_map_retain(map);
    ame__plan_remove(&edit, &target.probe.hashes, &target.path, target.found, 0);
    size_t size = ame__size_of(map);
    return make_version(map, &edit, &target, size, size - 1);
}

ame_map *ame_map_update(ame_map *map, ame_key key, ame_map_update_fn *function, void *context) {
    ame_value value = {0};
    bool present = ame_map_get(map, key, &value);
    switch (function(key, present, &value, context)) {
    case AME_MAP_SET:
        return ame_map_set(map, key, value);
    case AME_MAP_REMOVE:
        return ame_map_remove(map, key);
    default:
        return ame_map_retain(map);
    }
}
