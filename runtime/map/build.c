#include "map/build.h"
#include "map/hash.h"
#include "map/leave.h"
#include "map/replaced.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    uint64_t key, value;
};

enum { WIDTH = sizeof(struct entry) / sizeof(uint64_t) };

struct item {
    uint64_t hash; /* what is left of it on this level */
    struct entry entry;
};

struct builder {
    size_t entries;
    bool failed;
    struct ame__replacing replacing;
};

static const struct ame__cell no_node;

/* Where memory has run out: the node as far as it has been filled, `left` being the places of nodes
 * from the present one on, which may be filled itself. */
static struct ame__cell built_so_far(struct ame__cell *cells, size_t words, uint32_t nodes,
                                     uint32_t left, bool filled) {
    uint32_t present = left & -left;
    nodes &= filled ? present | (present - 1) : present - 1;
    if (nodes)
        return ame__node(cells, nodes, 0, WIDTH);
    ame__give_node(cells, words);
    return no_node;
}

/* Equal words have equal hashes, and only they. */
static bool all_equal(const struct item *items, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (items[i].hash != items[0].hash)
            return false;
    return true;
}

/* Sorts the items by their place into `sorted`; ends[p] is where those of place p end, if there are
 * any. */
static uint32_t distribute(const struct item *items, size_t count, struct item *sorted,
                           size_t ends[32]) {
    size_t counts[32] = {0}, next[32], sum = 0;
    uint32_t used = 0;
    for (size_t i = 0; i < count; i++) {
        counts[items[i].hash & 31]++;
        used |= ame__bit(items[i].hash & 31);
    }
    for (uint32_t left = used; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        next[place] = sum;
        ends[place] = sum += counts[place];
    }
    for (size_t i = 0; i < count; i++) {
        struct item *to = &sorted[next[items[i].hash & 31]++];
        to->hash = items[i].hash >> AME__LEVEL_BITS;
        to->entry = items[i].entry;
    }
    return used;
}

/* Of the items of all places in `sorted`, those of one. */
struct items {
    struct item *items, *spare;
    size_t count;
};

static inline struct items items_at(uint32_t place, uint32_t used, const size_t ends[32],
                                    struct item *sorted, struct item *spare) {
    uint32_t before = used & (ame__bit(place) - 1);
    size_t begin = before ? ends[31 - (uint32_t)__builtin_clz(before)] : 0;
    return (struct items){sorted + begin, spare + begin, ends[place] - begin};
}

/* Of equal keys the last one counts: the order was kept. */
static inline struct entry last_entry(struct items items) {
    return items.items[items.count - 1].entry;
}

/* Of at least two different keys; for the root, of one. Both arrays are used up. Out of
 * memory: what could be built. */
static struct ame__cell build_node(struct builder *builder, struct item *items, size_t count,
                                   struct item *spare) {
    size_t ends[32];
    uint32_t used = distribute(items, count, spare, ends), nodes = 0;
    for (uint32_t left = used; left; left &= left - 1) {
        struct items here = items_at((uint32_t)__builtin_ctz(left), used, ends, spare, items);
        if (here.count > 1 && !all_equal(here.items, here.count))
            nodes |= left & -left;
    }
    uint32_t entries = used & ~nodes;
    size_t words = ame__words(ame__places(nodes, entries), WIDTH);
    struct ame__cell *cells = ame__take_node(words), *cell = cells;
    if (!cells) {
        builder->failed = true;
        return no_node;
    }
    for (uint32_t left = nodes; left; left &= left - 1, cell++) {
        struct items here = items_at((uint32_t)__builtin_ctz(left), used, ends, spare, items);
        *cell = build_node(builder, here.items, here.count, here.spare);
        if (builder->failed)
            return built_so_far(cells, words, nodes, left, cell->value);
    }
    struct entry *entry = (struct entry *)cell;
    for (uint32_t left = entries; left; left &= left - 1, entry++)
        *entry = last_entry(items_at((uint32_t)__builtin_ctz(left), used, ends, spare, items));
    builder->entries += ame__popcount(entries);
    return ame__node(cells, nodes, entries, WIDTH);
}

/* ---- into a map ---- */

/* Several keys for a place at which there is an entry: joins them unless one of them replaces it.
 */
static struct ame__cell build_with(struct builder *builder, struct entry entry, uint32_t level,
                                   struct items items) {
    bool replaced = false;
    builder->entries--; /* it is there already */
    for (size_t i = 0; i < items.count; i++)
        replaced |= items.items[i].entry.key == entry.key;
    if (replaced)
        return build_node(builder, items.items, items.count, items.spare);
    size_t count = items.count + 1;
    struct item *joined = malloc(2 * count * sizeof *joined);
    if (!joined) {
        builder->failed = true;
        return no_node;
    }
    uint64_t hash = ame__hash_int((int64_t)entry.key, 0) >> level * AME__LEVEL_BITS;
    joined[0] = (struct item){hash, entry};
    memcpy(joined + 1, items.items, items.count * sizeof *joined);
    struct ame__cell node = build_node(builder, joined, count, joined + count);
    free(joined);
    return node;
}

static struct ame__cell merge_node(struct builder *builder, struct ame__cell old, uint32_t level,
                                   struct item *items, size_t count, struct item *spare);

/* Whether a place with such items becomes a node, or stays one. */
static bool becomes_node(struct ame__part old, struct items items) {
    if (old.kind == AME__PART_NODE || (items.count > 1 && !all_equal(items.items, items.count)))
        return true;
    return old.kind == AME__PART_ENTRY && *old.entry != items.items[0].entry.key;
}

static struct ame__cell merge_place(struct builder *builder, struct ame__part old, uint32_t level,
                                    struct items items) {
    if (old.kind == AME__PART_NODE)
        return merge_node(builder, old.cell, level, items.items, items.count, items.spare);
    if (old.kind == AME__PART_ENTRY)
        return build_with(builder, *(const struct entry *)old.entry, level, items);
    return build_node(builder, items.items, items.count, items.spare);
}

static inline struct entry *entry_in(struct ame__cell node, uint32_t place) {
    return (struct entry *)ame__entry_in(node, place, WIDTH);
}

/* Copies the cells at the places where the new node has what the old one has. */
static void copy_cells(struct ame__cell old, struct ame__cell node) {
    if (old.value == node.value) {
        memcpy(ame__cells(node), ame__cells(old), ame__words(old.value, WIDTH) * sizeof(uint64_t));
        return;
    }
    for (uint32_t left = ame__nodes(old); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        *ame__child(node, place) = *ame__child(old, place);
    }
    for (uint32_t left = ame__entries(old) & ame__entries(node); left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        *entry_in(node, place) = *entry_in(old, place);
    }
}

/* The node itself if all is there already. Out of memory: what could be merged, or nothing. */
static struct ame__cell merge_node(struct builder *builder, struct ame__cell old, uint32_t level,
                                   struct item *items, size_t count, struct item *spare) {
    size_t ends[32];
    uint32_t given = distribute(items, count, spare, ends), nodes = ame__nodes(old);
    struct ame__part whole = {.cell = old, .kind = AME__PART_NODE};
    for (uint32_t left = given & ~nodes; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        if (becomes_node(ame__part_below(whole, place), items_at(place, given, ends, spare, items)))
            nodes |= ame__bit(place);
    }
    uint32_t entries = (given | ame__used(old)) & ~nodes;
    size_t words = ame__words(ame__places(nodes, entries), WIDTH);
    struct ame__cell *cells = ame__take_node(words);
    if (!cells) {
        builder->failed = true;
        return no_node;
    }
    struct ame__cell node = ame__node(cells, nodes, entries, WIDTH);
    bool differs = node.value != old.value;
    copy_cells(old, node);
    for (uint32_t left = given & nodes; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        struct ame__part part = ame__part_below(whole, place);
        struct ame__cell merged =
            merge_place(builder, part, level + 1, items_at(place, given, ends, spare, items));
        *ame__child(node, place) = merged;
        if (builder->failed)
            return built_so_far(cells, words, nodes, left, merged.value);
        differs |= part.kind != AME__PART_NODE || merged.key != part.cell.key ||
                   merged.value != part.cell.value;
    }
    for (uint32_t left = given & entries; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        struct entry *entry = entry_in(node, place);
        struct entry last = last_entry(items_at(place, given, ends, spare, items));
        differs |= entry->value != last.value;
        *entry = last;
    }
    builder->entries += ame__popcount(given & entries & ~ame__used(old));
    if (differs) {
        ame__note_replaced(&builder->replacing, ame__cells(old), ame__words(old.value, WIDTH));
        return node;
    }
    ame__give_node(cells, words);
    return old;
}

/* All that the keys lead to, which merging would else wait for one node after the other. All keys
 * of a group go down a level together, so that their cache misses overlap. */
static void fetch_ways(struct ame__cell root, const struct item *items, size_t count) {
    enum { GROUP = 32, LINE = 64 };
    struct ame__cell nodes[GROUP];
    for (size_t first = 0; first < count; first += GROUP) {
        size_t walkers = count - first < GROUP ? count - first : GROUP;
        bool walking = true;
        for (size_t i = 0; i < walkers; i++)
            nodes[i] = root;
        for (uint32_t level = 0; walking && level < AME__ROUND_LEVELS; level++) {
            walking = false;
            for (size_t i = 0; i < walkers; i++) {
                uint32_t bit = ame__bit(ame__place(items[first + i].hash, level));
                if (!(ame__nodes(nodes[i]) & bit)) {
                    nodes[i].value = 0;
                    continue;
                }
                nodes[i] = *ame__child(nodes[i], (uint32_t)__builtin_ctz(bit));
                const char *cells = (const char *)ame__cells(nodes[i]);
                size_t bytes = ame__words(nodes[i].value, WIDTH) * sizeof(uint64_t);
                for (size_t offset = 0; offset < bytes; offset += LINE)
                    __builtin_prefetch(cells + offset);
                walking = true;
            }
        }
    }
}

/* ---- versions ---- */

static ame_map *make_version(ame_map *map, struct ame__cell root, size_t size,
                             struct ame__replaced replaced) {
    bool shares = map->size;
    ame_map *version = ame__take_node(AME__HEADER_WORDS);
    if (!version)
        return NULL;
    ame__header_fill(version, shares ? map : NULL, NULL, map->keys, size, root);
    ame_ref_init(&version->version.references);
    version->replaced = replaced;
    if (shares)
        ame__link(&version->version);
    return version;
}

ame_map *ame__build(ame_map *map, const ame_key *keys, const ame_value *values, size_t count) {
    struct builder builder = {0};
    struct ame__cell old = map->root, root = no_node;
    size_t bytes;
    if (!count)
        return ame_map_retain(map);
    struct item *items =
        __builtin_mul_overflow(count, 2 * sizeof *items, &bytes) ? NULL : malloc(bytes);
    if (!items)
        return NULL;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct item){ame__hash_int(keys[i].integer, 0),
                                 {(uint64_t)keys[i].integer, (uint64_t)values[i].integer}};
    enum { KEYS_FOR_EACH_FETCHED = 8 }; /* more keys share their ways, and the memory's own lines */
    if (count < map->size / KEYS_FOR_EACH_FETCHED)
        fetch_ways(old, items, count);
    root = map->size ? merge_node(&builder, old, 0, items, count, items + count)
                     : build_node(&builder, items, count, items + count);
    free(items);
    if (root.value && root.key == old.key && root.value == old.value)
        return ame_map_retain(map);
    ame_map *version =
        root.value && !builder.failed
            ? make_version(map, root, map->size + builder.entries, builder.replacing.list)
            : NULL;
    if (version) {
        ame__reclaim(count);
    } else {
        ame__free_only_in(map->keys, root, old);
        ame__forget_replaced(&builder.replacing);
    }
    return version;
}
