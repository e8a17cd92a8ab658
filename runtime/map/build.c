#include "map/build.h"
#include "map/hash.h"
#include "map/leave.h"

#include <stdlib.h>

struct item {
    uint64_t hash; /* what is left of it on this level */
    struct ame__cell entry;
};

struct builder {
    size_t entries;
    bool failed;
};

/* Equal words have equal hashes, and only they. */
static bool all_equal(const struct item *items, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (items[i].hash != items[0].hash)
            return false;
    return true;
}

/* Sorts the items by their place into `sorted`; counts[p] is where those of place p end. */
static uint32_t distribute(const struct item *items, size_t count, struct item *sorted,
                           size_t ends[32]) {
    size_t counts[32] = {0}, next[32], sum = 0;
    uint32_t used = 0;
    for (size_t i = 0; i < count; i++)
        counts[items[i].hash & 31]++;
    for (uint32_t place = 0; place < 32; place++) {
        next[place] = sum;
        ends[place] = sum += counts[place];
        used |= counts[place] ? ame__bit(place) : 0;
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

ame_map *ame__build(ame_map *empty, const ame_key *keys, const ame_value *values, size_t count) {
    static const struct ame__cell none;
    struct builder builder = {0, false};
    size_t bytes;
    if (!count)
        return ame_map_retain(empty);
    ame_map *version = malloc(sizeof *version);
    struct item *items =
        __builtin_mul_overflow(count, 2 * sizeof *items, &bytes) ? NULL : malloc(bytes);
    struct ame__cell root = none;
    if (version && items) {
        for (size_t i = 0; i < count; i++)
            items[i] = (struct item){ame__hash_int(keys[i].integer, 0),
                                     {(uint64_t)keys[i].integer, (uint64_t)values[i].integer}};
        root = build_node(&builder, items, count, items + count);
    }
    free(items);
    if (!root.value || builder.failed) {
        ame__free_only_in(empty->keys, root, none);
        free(version);
        return NULL;
    }
    ame__header_fill(version, NULL, NULL, empty->keys, builder.entries, root);
    ame_ref_init(&version->references);
    ame__reclaim(count);
    return version;
}
