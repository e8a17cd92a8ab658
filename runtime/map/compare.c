#include "map/compare.h"
#include "map/find.h"

#include <stddef.h>

static uint32_t place_of_entry(const struct ame__comparison *comparison, const uint64_t *entry,
                               uint32_t level) {
    return ame__place(ame__hash_of(comparison->keys, entry, level >= AME__ROUND_LEVELS), level);
}

/* The entries of one side on the level of lists, be it a single one. */
static struct ame__run list_of(const struct ame__part *part) {
    if (part->kind == AME__PART_NODE)
        return ame__entries_of(part->cell, AME__LIST_LEVEL);
    bool one = part->kind == AME__PART_ENTRY;
    return (struct ame__run){one ? part->entry : NULL, one, 0};
}

static uint32_t places(const struct ame__comparison *comparison, struct ame__part part,
                       uint32_t level) {
    if (part.kind == AME__PART_NODE)
        return ame__used(part.cell);
    if (part.kind == AME__PART_ENTRY)
        return ame__bit(place_of_entry(comparison, part.entry, level));
    return 0;
}

/* The nodes that the walk will come to. */
static void fetch(struct ame__part part, uint32_t left) {
    enum { LINE = 64 };
    if (part.kind != AME__PART_NODE)
        return;
    for (left &= ame__nodes(part.cell); left; left &= left - 1) {
        struct ame__cell child = *ame__child(part.cell, (uint32_t)__builtin_ctz(left));
        const char *cells = (const char *)ame__cells(child);
        const char *end = cells + ame__words_of_node(child) * sizeof(uint64_t);
        for (; cells < end; cells += LINE)
            __builtin_prefetch(cells);
    }
}

static void enter(struct ame__comparison *comparison, struct ame__part old, struct ame__part new) {
    uint32_t level = (uint32_t)++comparison->depth;
    comparison->levels[level].old = old;
    comparison->levels[level].new = new;
    comparison->levels[level].entries = 0;
    if (level == AME__LIST_LEVEL) {
        comparison->levels[level].left = (uint64_t)list_of(&old).count + list_of(&new).count;
        return;
    }
    uint32_t left = places(comparison, old, level) | places(comparison, new, level);
    if (old.kind == AME__PART_NODE && new.kind == AME__PART_NODE) {
        uint32_t both = ame__entries(old.cell) & ame__entries(new.cell);
        comparison->levels[level].entries = both & ~ame__same_entries(old.cell, new.cell);
        left &= ~(both | ame__same_nodes(old.cell, new.cell));
    }
    comparison->levels[level].left = left;
    if (comparison->fetches) {
        fetch(old, left);
        fetch(new, left);
    }
}

void ame__compare(struct ame__comparison *comparison, const ame_map *old, const ame_map *new) {
    struct ame__cell none = {0, 0};
    comparison->keys = new->keys;
    comparison->fetches = ame__worth_fetching(new->size);
    comparison->depth = -1;
    comparison->pending = false;
    struct ame__cell root = old ? old->root : none;
    if (root.key != new->root.key || root.value != new->root.value)
        enter(comparison, ame__part_of_root(root), ame__part_of_root(new->root));
}

static bool differ_in_value(struct ame__keys keys, const uint64_t *one, const uint64_t *other) {
    return !keys.set && ame__value(one, keys.type) != ame__value(other, keys.type);
}

/* False: they do not differ. */
static inline bool compare_entries(struct ame__comparison *comparison, const uint64_t *old,
                                   const uint64_t *new, struct ame__difference *difference) {
    *difference = (struct ame__difference){old, new};
    if (ame__word_keys(comparison->keys.type) ? *old == *new
                                              : ame__same_key(comparison->keys, old, new))
        return differ_in_value(comparison->keys, old, new);
    comparison->pending = true;
    comparison->second = (struct ame__difference){NULL, new};
    difference->new = NULL;
    return true;
}

/* Where both parts are a single entry or nothing. */
static bool compare_parts(struct ame__comparison *comparison, struct ame__part old,
                          struct ame__part new, struct ame__difference *difference) {
    if (old.kind == AME__PART_ENTRY && new.kind == AME__PART_ENTRY)
        return compare_entries(comparison, old.entry, new.entry, difference);
    *difference = (struct ame__difference){old.kind == AME__PART_ENTRY ? old.entry : NULL,
                                           new.kind == AME__PART_ENTRY ? new.entry : NULL};
    return difference->old || difference->new;
}

static const uint64_t *find_in_list(struct ame__keys keys, struct ame__run list,
                                    const uint64_t *key) {
    for (uint32_t i = 0; i < list.count; i++)
        if (ame__same_key(keys, list.words + i * list.width, key))
            return list.words + i * list.width;
    return NULL;
}

/* One entry of either list, compared with the other list. */
static bool compare_in_lists(const struct ame__comparison *comparison, uint64_t index,
                             struct ame__difference *difference) {
    struct ame__run old = list_of(&comparison->levels[AME__LIST_LEVEL].old);
    struct ame__run new = list_of(&comparison->levels[AME__LIST_LEVEL].new);
    if (index < old.count) {
        const uint64_t *entry = old.words + index * old.width;
        const uint64_t *other = find_in_list(comparison->keys, new, entry);
        *difference = (struct ame__difference){entry, other};
        return !other || differ_in_value(comparison->keys, entry, other);
    }
    const uint64_t *entry = new.words + (index - old.count) * new.width;
    *difference = (struct ame__difference){NULL, entry};
    return !find_in_list(comparison->keys, old, entry);
}

static struct ame__part below(const struct ame__comparison *comparison, struct ame__part part,
                              uint32_t place, uint32_t level) {
    if (part.kind == AME__PART_ENTRY && place_of_entry(comparison, part.entry, level) != place)
        part.kind = AME__PART_NONE;
    return ame__part_below(part, place);
}

/* Goes through the places where both nodes have an entry, which are most, in one go: entries and
 * nodes in turn, as their places come, would be hard to guess for the processor. */
static inline bool next_of_entries(struct ame__comparison *comparison, uint32_t level,
                                   struct ame__difference *difference) {
    struct ame__cell old = comparison->levels[level].old.cell;
    struct ame__cell new = comparison->levels[level].new.cell;
    uint32_t left = comparison->levels[level].entries;
    bool found = false;
    while (left && !found) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        left &= left - 1;
        found = compare_entries(comparison, ame__entry_in(old, place, ame__width(old)),
                                ame__entry_in(new, place, ame__width(new)), difference);
    }
    comparison->levels[level].entries = left;
    return found;
}

bool ame__next_difference(struct ame__comparison *comparison, struct ame__difference *difference) {
    if (comparison->pending) {
        comparison->pending = false;
        *difference = comparison->second;
        return true;
    }
    while (comparison->depth >= 0) {
        uint32_t level = (uint32_t)comparison->depth;
        uint64_t *left = &comparison->levels[level].left;
        if (comparison->levels[level].entries) {
            if (next_of_entries(comparison, level, difference))
                return true;
        } else if (!*left) {
            comparison->depth--;
        } else if (level == AME__LIST_LEVEL) {
            if (compare_in_lists(comparison, --*left, difference))
                return true;
        } else {
            uint32_t place = (uint32_t)__builtin_ctzll(*left);
            *left &= *left - 1;
            struct ame__part old = below(comparison, comparison->levels[level].old, place, level);
            struct ame__part new = below(comparison, comparison->levels[level].new, place, level);
            if (old.kind == AME__PART_NODE || new.kind == AME__PART_NODE)
                enter(comparison, old, new);
            else if (compare_parts(comparison, old, new, difference))
                return true;
        }
    }
    return false;
}

bool ame__same_keys(const ame_map *one, const ame_map *other) {
    return one->keys.type == other->keys.type && one->keys.functions == other->keys.functions;
}

void ame__public_difference(const struct ame__comparison *comparison,
                            const struct ame__difference *difference,
                            struct ame_map_difference *result) {
    const uint64_t *old = difference->old, *new = difference->new;
    struct ame__keys keys = comparison->keys;
    *result = (struct ame_map_difference){
        .key = ame__public_key(keys.type, new ? new : old),
        .was_there = old,
        .is_there = new,
        .old_value.integer = old && !keys.set ? (int64_t)ame__value(old, keys.type) : 0,
        .new_value.integer = new && !keys.set ? (int64_t)ame__value(new, keys.type) : 0};
}

/* A sum, so that the order does not matter: that within lists depends on the past. */
uint64_t ame__content_hash(const ame_map *map) {
    struct ame__comparison comparison;
    struct ame__difference entry;
    uint64_t sum = map->size;
    ame__compare(&comparison, NULL, map);
    while (ame__next_difference(&comparison, &entry)) {
        uint64_t value = map->keys.set ? 0 : ame__value(entry.new, map->keys.type);
        uint64_t mixed =
            ame__hash_of(map->keys, entry.new, 0) ^ value * UINT64_C(0x9E3779B97F4A7C15);
        mixed =
            (mixed ^ mixed >> 32) * UINT64_C(0xD6E8FEB86659FD93); /* of Pelle Evensen's rrmxmx */
        sum += mixed ^ mixed >> 32;
    }
    return sum;
}
