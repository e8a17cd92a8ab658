#include "map/build.h"
#include "map/find.h"
#include "map/hash.h"
#include "map/items.h"
#include "map/leave.h"
#include "map/replaced.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    struct ame__keys keys; /* of the version */
    size_t entries, nodes_made;
    bool failed; /* out of memory, or */
    bool collides;
    struct ame__replacing replacing;
};

static const struct ame__cell no_node;

/* Whether the items, of one place, have one key. */
AME__ALWAYS_INLINE bool all_equal(struct builder *builder, struct ame__items here, bool texts) {
    uint32_t step = ame__item_words_if(texts);
    for (size_t i = step; i < here.words; i += step)
        if (here.items[i] != here.items[0])
            return false;
    for (size_t i = step; i < here.words && texts; i += step)
        if (!ame__same_item_key(here.items + i + AME__HASH_WORDS, here.items + AME__HASH_WORDS,
                                true))
            builder->failed = builder->collides = true;
    return true;
}

/* An entry that the map does not have. */
AME__ALWAYS_INLINE void make_entry(struct builder *builder, uint64_t *entry, const uint64_t *from,
                                   bool texts) {
    for (uint32_t i = 0; i < ame__width_if(texts); i++)
        entry[i] = from[i];
    if (!texts || !ame__is_long(from) || !(from[2] & AME__BORROWED))
        return;
    entry[2] &= ~AME__BORROWED;
    size_t length = entry[2] & ~AME__LONG;
    char *copy = ame__take_node(ame__words_of_copy(length));
    if (!copy) {
        builder->failed = true;
        return;
    }
    memcpy(copy, (const char *)from[0], length + 1);
    entry[0] = (uint64_t)copy;
}

/* ---- nodes ---- */

/* Where building stops: the node as far as it has been filled, `left` being the places of its nodes
 * or entries from the present one on, which may be filled itself. What comes in a node is filled in
 * that order. */
static AME__NOINLINE struct ame__cell built_so_far(struct ame__cell node, uint32_t left,
                                                   bool of_entries, bool filled) {
    uint32_t present = left & -left;
    uint32_t done = filled ? present | (present - 1) : present - 1;
    uint32_t nodes = ame__nodes(node) & (of_entries ? UINT32_MAX : done);
    uint32_t entries = of_entries ? ame__entries(node) & done : 0;
    if (nodes | entries)
        return ame__node(ame__cells(node), nodes, entries, ame__width(node));
    ame__give_node(ame__cells(node), ame__words_of_node(node));
    return no_node;
}

static struct ame__cell build_words(struct builder *builder, uint64_t *items, uint64_t *spare,
                                    size_t words);
static struct ame__cell build_texts(struct builder *builder, uint64_t *items, uint64_t *spare,
                                    size_t words);

/* Of at least two different keys; for the root, of one. The items are used up. Where building
 * fails: what could be built. */
AME__ALWAYS_INLINE struct ame__cell build(struct builder *builder, struct ame__items all,
                                          bool texts) {
    return texts ? build_texts(builder, all.items, all.spare, all.words)
                 : build_words(builder, all.items, all.spare, all.words);
}

AME__ALWAYS_INLINE struct ame__cell build_node(struct builder *builder, struct ame__items all,
                                               bool texts) {
    size_t ends[32];
    uint32_t used = ame__distribute(all, ends, texts), nodes = 0, width = ame__width_if(texts);
    for (uint32_t left = used; left; left &= left - 1) {
        struct ame__items here = ame__items_at((uint32_t)__builtin_ctz(left), used, ends, all);
        if (here.words > ame__item_words_if(texts) && !all_equal(builder, here, texts))
            nodes |= left & -left;
    }
    uint32_t entries = used & ~nodes;
    size_t words = ame__words(ame__places(nodes, entries), width);
    struct ame__cell *cells = builder->failed ? NULL : ame__take_node(words), *cell = cells;
    if (!cells) {
        builder->failed = true;
        return no_node;
    }
    builder->nodes_made++;
    struct ame__cell node = ame__node(cells, nodes, entries, width);
    for (uint32_t left = nodes; left; left &= left - 1, cell++) {
        *cell =
            build(builder, ame__items_at((uint32_t)__builtin_ctz(left), used, ends, all), texts);
        if (builder->failed)
            return built_so_far(node, left, false, cell->value);
    }
    uint64_t *entry = (uint64_t *)cell;
    for (uint32_t left = entries; left; left &= left - 1, entry += width) {
        struct ame__items here = ame__items_at((uint32_t)__builtin_ctz(left), used, ends, all);
        make_entry(builder, entry, ame__last_item(here, texts), texts);
        if (builder->failed)
            return built_so_far(node, left, true, false);
    }
    builder->entries += ame__popcount(entries);
    return node;
}

static struct ame__cell build_words(struct builder *builder, uint64_t *items, uint64_t *spare,
                                    size_t words) {
    return build_node(builder, (struct ame__items){items, spare, words}, false);
}

static struct ame__cell build_texts(struct builder *builder, uint64_t *items, uint64_t *spare,
                                    size_t words) {
    return build_node(builder, (struct ame__items){items, spare, words}, true);
}

/* ---- into a map ---- */

/* Items with the key of an entry get the map's own. False: there are none. */
AME__ALWAYS_INLINE bool find_equal(const uint64_t *entry, struct ame__items here, bool texts) {
    bool found = false;
    for (size_t i = 0; i < here.words; i += ame__item_words_if(texts)) {
        uint64_t *key = here.items + i + AME__HASH_WORDS;
        if (!ame__same_item_key(key, entry, texts))
            continue;
        found = true;
        for (uint32_t w = 0; w + 1 < ame__width_if(texts); w++)
            key[w] = entry[w];
    }
    return found;
}

/* Several keys for a place at which there is an entry: joins them unless one of them replaces it.
 */
AME__ALWAYS_INLINE struct ame__cell build_with(struct builder *builder, const uint64_t *entry,
                                               uint32_t level, struct ame__items here, bool texts) {
    builder->entries--; /* it is there already */
    if (find_equal(entry, here, texts))
        return build(builder, here, texts);
    size_t words = here.words + ame__item_words_if(texts);
    builder->collides |= level == AME__ROUND_LEVELS;
    uint64_t *joined = builder->collides ? NULL : malloc(2 * words * sizeof *joined);
    if (!joined) {
        builder->failed = true;
        return no_node;
    }
    joined[0] = ame__hash_of(builder->keys, entry, 0) >> level * AME__LEVEL_BITS;
    for (uint32_t w = 0; w < ame__width_if(texts); w++)
        joined[AME__HASH_WORDS + w] = entry[w];
    memcpy(joined + ame__item_words_if(texts), here.items, here.words * sizeof *joined);
    struct ame__cell node =
        build(builder, (struct ame__items){joined, joined + words, words}, texts);
    free(joined);
    return node;
}

static struct ame__cell merge_words(struct builder *builder, struct ame__cell old, uint32_t level,
                                    uint64_t *items, uint64_t *spare, size_t words);
static struct ame__cell merge_texts(struct builder *builder, struct ame__cell old, uint32_t level,
                                    uint64_t *items, uint64_t *spare, size_t words);

AME__ALWAYS_INLINE struct ame__cell merge(struct builder *builder, struct ame__cell old,
                                          uint32_t level, struct ame__items all, bool texts) {
    return texts ? merge_texts(builder, old, level, all.items, all.spare, all.words)
                 : merge_words(builder, old, level, all.items, all.spare, all.words);
}

/* Whether a place with such items becomes a node, or stays one. */
AME__ALWAYS_INLINE bool becomes_node(struct builder *builder, struct ame__part old,
                                     struct ame__items here, bool texts) {
    if (old.kind == AME__PART_NODE ||
        (here.words > ame__item_words_if(texts) && !all_equal(builder, here, texts)))
        return true;
    return old.kind == AME__PART_ENTRY &&
           !ame__same_item_key(old.entry, here.items + AME__HASH_WORDS, texts);
}

AME__ALWAYS_INLINE struct ame__cell merge_place(struct builder *builder, struct ame__part old,
                                                uint32_t level, struct ame__items here,
                                                bool texts) {
    if (old.kind == AME__PART_NODE)
        return merge(builder, old.cell, level, here, texts);
    if (old.kind == AME__PART_ENTRY)
        return build_with(builder, old.entry, level, here, texts);
    return build(builder, here, texts);
}

/* Copies what stands at the places where the new node has what the old one has. */
AME__ALWAYS_INLINE void copy_places(struct ame__cell old, struct ame__cell node, uint32_t width) {
    if (old.value == node.value) {
        memcpy(ame__cells(node), ame__cells(old), ame__words(old.value, width) * sizeof(uint64_t));
        return;
    }
    for (uint32_t left = ame__nodes(old); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        *ame__child(node, place) = *ame__child(old, place);
    }
    for (uint32_t left = ame__entries(old) & ame__entries(node); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        const uint64_t *from = ame__entry_in(old, place, width);
        uint64_t *to = ame__entry_in(node, place, width);
        for (uint32_t w = 0; w < width; w++)
            to[w] = from[w];
    }
}

/* The node, not filled yet, that has what the old one has and the items. Fails without memory. */
AME__ALWAYS_INLINE struct ame__cell plan_merged(struct builder *builder, struct ame__cell old,
                                                uint32_t given, const size_t ends[32],
                                                struct ame__items all, bool texts) {
    struct ame__part whole = {.cell = old, .kind = AME__PART_NODE};
    uint32_t nodes = ame__nodes(old);
    for (uint32_t left = given & ~nodes; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        if (becomes_node(builder, ame__part_below(whole, place),
                         ame__items_at(place, given, ends, all), texts))
            nodes |= ame__bit(place);
    }
    uint32_t entries = (given | ame__used(old)) & ~nodes;
    size_t words = ame__words(ame__places(nodes, entries), ame__width_if(texts));
    struct ame__cell *cells = builder->failed ? NULL : ame__take_node(words);
    builder->failed |= !cells;
    builder->nodes_made++;
    return ame__node(cells, nodes, entries, ame__width_if(texts));
}

/* The node itself if all is there already. Where building fails: what could be merged, or nothing.
 */
AME__ALWAYS_INLINE struct ame__cell merge_node(struct builder *builder, struct ame__cell old,
                                               uint32_t level, struct ame__items all, bool texts) {
    size_t ends[32];
    if (level == AME__ROUND_LEVELS) {
        builder->failed = builder->collides = true;
        return no_node;
    }
    uint32_t given = ame__distribute(all, ends, texts), width = ame__width_if(texts);
    struct ame__cell node = plan_merged(builder, old, given, ends, all, texts);
    if (builder->failed)
        return no_node;
    struct ame__part whole = {.cell = old, .kind = AME__PART_NODE};
    bool differs = node.value != old.value;
    copy_places(old, node, width);
    for (uint32_t left = given & ame__nodes(node); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        struct ame__part part = ame__part_below(whole, place);
        struct ame__cell merged =
            merge_place(builder, part, level + 1, ame__items_at(place, given, ends, all), texts);
        *ame__child(node, place) = merged;
        if (builder->failed)
            return built_so_far(node, left, false, merged.value);
        differs |= part.kind != AME__PART_NODE || merged.key != part.cell.key ||
                   merged.value != part.cell.value;
    }
    for (uint32_t left = given & ame__entries(node); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        uint64_t *entry = ame__entry_in(node, place, width);
        const uint64_t *last = ame__last_item(ame__items_at(place, given, ends, all), texts);
        if (ame__entries(old) & ame__bit(place)) {
            differs |= entry[width - 1] != last[width - 1];
            entry[width - 1] = last[width - 1];
            continue;
        }
        make_entry(builder, entry, last, texts);
        if (builder->failed)
            return built_so_far(node, left, true, false);
    }
    builder->entries += ame__popcount(given & ame__entries(node) & ~ame__used(old));
    if (differs) {
        ame__note_replaced(&builder->replacing, ame__cells(old), ame__words(old.value, width));
        return node;
    }
    ame__give_node(ame__cells(node), ame__words(node.value, width));
    return old;
}

static struct ame__cell merge_words(struct builder *builder, struct ame__cell old, uint32_t level,
                                    uint64_t *items, uint64_t *spare, size_t words) {
    return merge_node(builder, old, level, (struct ame__items){items, spare, words}, false);
}

static struct ame__cell merge_texts(struct builder *builder, struct ame__cell old, uint32_t level,
                                    uint64_t *items, uint64_t *spare, size_t words) {
    return merge_node(builder, old, level, (struct ame__items){items, spare, words}, true);
}

/* All that the keys lead to, which merging would else wait for one node after the other. All keys
 * of a group go down a level together, so that their cache misses overlap. */
static void fetch_ways(struct ame__cell root, const uint64_t *items, size_t count, bool texts) {
    enum { GROUP = 32, LINE = 64 };
    struct ame__cell nodes[GROUP];
    for (size_t first = 0; first < count;
         first += GROUP, items += GROUP * ame__item_words_if(texts)) {
        size_t walkers = count - first < GROUP ? count - first : GROUP;
        bool walking = true;
        for (size_t i = 0; i < walkers; i++)
            nodes[i] = root;
        for (uint32_t level = 0; walking && level < AME__ROUND_LEVELS; level++) {
            walking = false;
            for (size_t i = 0; i < walkers; i++) {
                uint32_t bit = ame__bit(ame__place(items[i * ame__item_words_if(texts)], level));
                if (!(ame__nodes(nodes[i]) & bit)) {
                    nodes[i].value = 0;
                    continue;
                }
                nodes[i] = *ame__child(nodes[i], (uint32_t)__builtin_ctz(bit));
                const char *cells = (const char *)ame__cells(nodes[i]);
                size_t bytes = ame__words(nodes[i].value, ame__width_if(texts)) * sizeof(uint64_t);
                for (size_t offset = 0; offset < bytes; offset += LINE)
                    __builtin_prefetch(cells + offset);
                walking = true;
            }
        }
    }
}

/* ---- versions ---- */

static ame_map *make_version(ame_map *map, struct ame__cell root, struct builder *builder) {
    bool shares = map->size;
    ame_map *version = ame__take_node(AME__HEADER_WORDS);
    if (!version)
        return NULL;
    ame__header_fill(version, shares ? map : NULL, NULL, builder->keys,
                     map->size + builder->entries, root);
    ame_ref_init(&version->version.references);
    if (!builder->replacing.incomplete)
        version->replaced = builder->replacing.list;
    if (shares)
        ame__link(&version->version);
    return version;
}

/* False: out of memory. */
static bool make_items(struct builder *builder, const ame_key *keys, const ame_value *values,
                       size_t count, struct ame__items *items) {
    bool texts = builder->keys.type == AME_KEY_STRING;
    uint32_t item_words = ame__item_words_if(texts);
    size_t words, bytes;
    if (__builtin_mul_overflow(count, item_words, &words) ||
        __builtin_mul_overflow(words, 2 * sizeof(uint64_t), &bytes) ||
        !(items->items = malloc(bytes)))
        return false;
    items->spare = items->items + words;
    items->words = words;
    uint64_t *item = items->items;
    for (size_t i = 0; i < count; i++, item += item_words) {
        uint64_t *key = item + AME__HASH_WORDS;
        if (!texts) {
            *item = ame__hash_int(keys[i].integer, 0);
            *key = (uint64_t)keys[i].integer;
        } else if (*item = ame__text_key(keys[i].string, key), ame__is_long(key)) {
            key[2] |= AME__BORROWED;
            builder->keys.outside = true;
        }
        key[ame__width_if(texts) - 1] = (uint64_t)values[i].integer;
    }
    return true;
}

ame_map *ame__build(ame_map *map, const ame_key *keys, const ame_value *values, size_t count,
                    bool *collides) {
    bool texts = map->keys.type == AME_KEY_STRING;
    struct builder builder = {.keys = map->keys,
                              /* What is outside needs a walk in any case. */
                              .replacing.incomplete = map->keys.outside};
    struct ame__cell old = map->root, root = no_node;
    struct ame__items items;
    *collides = false;
    if (!count)
        return ame_map_retain(map);
    if (!make_items(&builder, keys, values, count, &items))
        return NULL;
    enum { KEYS_FOR_EACH_FETCHED = 8 }; /* more keys share their ways, and the memory's own lines */
    if (count < map->size / KEYS_FOR_EACH_FETCHED)
        fetch_ways(old, items.items, count, texts);
    root = map->size ? merge(&builder, old, 0, items, texts) : build(&builder, items, texts);
    free(items.items);
    if (root.value && root.key == old.key && root.value == old.value)
        return ame_map_retain(map);
    ame_map *version = root.value && !builder.failed ? make_version(map, root, &builder) : NULL;
    if (version) {
        ame__reclaim(2 * builder.nodes_made); /* who makes nodes frees as many that wait */
    } else {
        *collides = builder.collides;
        ame__free_only_in(builder.keys, root, old);
        ame__forget_replaced(&builder.replacing);
    }
    return version;
}
