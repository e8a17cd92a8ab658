#include "map/build.h"
#include "map/hash.h"
#include "map/leave.h"
#include "map/replaced.h"

#include <stdlib.h>
#include <string.h>

struct item {
    uint64_t hash; /* what is left of it on this level */
    struct ame__cell entry;
};

struct builder {
    size_t entries;
    bool failed;
    struct ame__replacing replacing;
};

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

/* Of at least two different keys; for the root, of one. Both arrays are used up. Out of
 * memory: what could be built. */
static struct ame__cell build_node(struct builder *builder, struct item *items, size_t count,
                                   struct item *spare) {
    size_t ends[32], begin = 0;
    uint32_t used = distribute(items, count, spare, ends), done = 0, nodes = 0;
    struct ame__cell *cells = malloc(ame__capacity(ame__words(used, 0, false)) * sizeof(uint64_t));
    if (!cells) {
        builder->failed = true;
        return (struct ame__cell){0, 0};
    }
    struct ame__cell *cell = cells;
    for (uint32_t left = used; left && !builder->failed; left &= left - 1, cell++) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        size_t end = ends[place], here = end - begin;
        if (here == 1 || all_equal(spare + begin, here)) {
            *cell = spare[end - 1].entry; /* the order was kept: the last one counts */
            builder->entries++;
        } else {
            *cell = build_node(builder, spare + begin, here, items + begin);
            if (!cell->value)
                break;
            nodes |= ame__bit(place);
        }
        done |= ame__bit(place);
        begin = end;
    }
    if (!done) {
        free(cells);
        return (struct ame__cell){0, 0};
    }
    return ame__node(cells, done, nodes, false);
}

/* ---- into a map ---- */

/* Several keys for a place at which there is an entry: joins them unless one of them replaces it.
 */
static struct ame__cell build_with(struct builder *builder, struct ame__cell entry, uint32_t level,
                                   struct item *items, size_t count, struct item *spare) {
    bool replaced = false;
    builder->entries--; /* it is there already */
    for (size_t i = 0; i < count; i++)
        replaced |= items[i].entry.key == entry.key;
    if (replaced)
        return build_node(builder, items, count, spare);
    struct item *joined = malloc(2 * (count + 1) * sizeof *joined);
    if (!joined) {
        builder->failed = true;
        return (struct ame__cell){0, 0};
    }
    uint64_t hash = ame__hash_int((int64_t)entry.key, 0) >> level * AME__LEVEL_BITS;
    joined[0] = (struct item){hash, entry};
    memcpy(joined + 1, items, count * sizeof *items);
    struct ame__cell node = build_node(builder, joined, count + 1, joined + count + 1);
    free(joined);
    return node;
}

static struct ame__cell merge_node(struct builder *builder, struct ame__cell old, uint32_t level,
                                   struct item *items, size_t count, struct item *spare);

/* What a place becomes, on the level below which `level` is; nothing (value 0 of a node) if no
 * memory is left. */
static struct ame__cell merge_place(struct builder *builder, struct ame__part old, uint32_t level,
                                    struct item *items, size_t count, struct item *spare,
                                    bool *is_node) {
    struct ame__cell last = items[count - 1].entry; /* the order was kept: the last one counts */
    bool one_key = count == 1 || all_equal(items, count);
    *is_node = true;
    if (old.kind == AME__PART_NODE)
        return merge_node(builder, old.cell, level, items, count, spare);
    if (!one_key && old.kind == AME__PART_NONE)
        return build_node(builder, items, count, spare);
    if (!one_key || (old.kind == AME__PART_ENTRY && old.cell.key != last.key))
        return build_with(builder, old.cell, level, items, count, spare);
    *is_node = false;
    builder->entries += old.kind == AME__PART_NONE;
    return last;
}

/* Cells at the front of a node are merged in order; `sorted` are the items by their place. */
struct merge {
    struct ame__cell old, *cells;
    uint32_t given, all; /* places */
    struct item *sorted, *spare;
    const size_t *ends;
    bool differs;
};

/* At one place that is given. False: no memory is left, and the cell is as it was. */
static bool merge_at(struct builder *builder, struct merge *merge, uint32_t place, uint32_t level,
                     struct ame__cell *cell, uint32_t *nodes) {
    size_t begin = 0, end = merge->ends[place];
    uint32_t before = merge->given & (ame__bit(place) - 1);
    if (before)
        begin = merge->ends[31 - (uint32_t)__builtin_clz(before)];
    struct ame__part part = ame__part_below((struct ame__part){merge->old, AME__PART_NODE}, place);
    bool is_node;
    struct ame__cell merged = merge_place(builder, part, level + 1, merge->sorted + begin,
                                          end - begin, merge->spare + begin, &is_node);
    if (is_node && !merged.value)
        return false;
    *cell = merged;
    *nodes = is_node ? *nodes | ame__bit(place) : *nodes & ~ame__bit(place);
    merge->differs |= merged.key != part.cell.key || merged.value != part.cell.value ||
                      part.kind == AME__PART_NONE;
    return true;
}

/* The places that the node has and no other ones: most of its cells stay. */
static struct ame__cell merge_same_places(struct builder *builder, struct merge *merge,
                                          uint32_t level) {
    uint32_t nodes = ame__nodes(merge->old);
    memcpy(merge->cells, ame__cells(merge->old),
           ame__popcount(merge->all) * sizeof(struct ame__cell));
    for (uint32_t left = merge->given; left && !builder->failed; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        uint32_t index = ame__popcount(merge->all & (ame__bit(place) - 1));
        if (!merge_at(builder, merge, place, level, &merge->cells[index], &nodes))
            break;
    }
    return ame__node(merge->cells, merge->all, nodes, false);
}

static struct ame__cell merge_more_places(struct builder *builder, struct merge *merge,
                                          uint32_t level) {
    struct ame__cell *cell = merge->cells;
    uint32_t done = 0, nodes = 0;
    for (uint32_t left = merge->all; left && !builder->failed; left &= left - 1, cell++) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        if (!(merge->given & ame__bit(place))) {
            *cell = *ame__cell_in(merge->old, place, false);
            nodes |= ame__nodes(merge->old) & ame__bit(place);
        } else if (!merge_at(builder, merge, place, level, cell, &nodes)) {
            break;
        }
        done |= ame__bit(place);
    }
    return ame__node(merge->cells, done, nodes, false);
}

/* The node itself if all is there already. Out of memory: what could be merged, or nothing. */
static struct ame__cell merge_node(struct builder *builder, struct ame__cell old, uint32_t level,
                                   struct item *items, size_t count, struct item *spare) {
    size_t ends[32];
    uint32_t given = distribute(items, count, spare, ends), all = given | ame__used(old);
    struct ame__cell *cells = malloc(ame__capacity(ame__words(all, 0, false)) * sizeof(uint64_t));
    if (!cells) {
        builder->failed = true;
        return (struct ame__cell){0, 0};
    }
    struct merge merge = {old, cells, given, all, spare, items, ends, false};
    struct ame__cell node = all == ame__used(old) ? merge_same_places(builder, &merge, level)
                                                  : merge_more_places(builder, &merge, level);
    if (merge.differs && ame__used(node)) {
        ame__note_replaced(&builder->replacing, ame__cells(old));
        return node;
    }
    free(cells);
    return builder->failed ? (struct ame__cell){0, 0} : old;
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
                nodes[i] = *ame__cell_in(nodes[i], (uint32_t)__builtin_ctz(bit), false);
                const char *cells = (const char *)ame__cells(nodes[i]);
                size_t bytes = ame__words(ame__used(nodes[i]), 0, false) * sizeof(uint64_t);
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
    ame_map *version = malloc(sizeof *version);
    if (!version)
        return NULL;
    ame__header_fill(version, shares ? map : NULL, NULL, map->keys, size, root);
    ame_ref_init(&version->references);
    version->replaced = replaced;
    if (shares)
        ame__link(version);
    return version;
}

ame_map *ame__build(ame_map *map, const ame_key *keys, const ame_value *values, size_t count) {
    struct builder builder = {0};
    struct ame__cell old = map->root, root = {0, 0};
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
