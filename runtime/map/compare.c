#include "map/compare.h"
#include "map/find.h"

#include <stddef.h>

static uint32_t place_of_entry(const struct ame__comparison *comparison, struct ame__cell entry,
                               uint32_t level) {
    return ame__place(ame__hash_of(comparison->keys, entry.key, level >= AME__ROUND_LEVELS), level);
}

/* The cells of one side on the level of lists, be it a single entry. */
static uint64_t cells_in_list(const struct ame__part *part, const struct ame__cell **cells) {
    *cells = part->kind == AME__PART_NODE ? ame__cells(part->cell) : &part->cell;
    return part->kind == AME__PART_NODE ? part->cell.value : part->kind == AME__PART_ENTRY ? 1 : 0;
}

static uint32_t places(const struct ame__comparison *comparison, struct ame__part part,
                       uint32_t level) {
    if (part.kind == AME__PART_NODE)
        return ame__used(part.cell);
    if (part.kind == AME__PART_ENTRY)
        return ame__bit(place_of_entry(comparison, part.cell, level));
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
        const char *end = cells + ame__words(child.value, false) * sizeof(uint64_t);
        for (; cells < end; cells += LINE)
            __builtin_prefetch(cells);
    }
}

static void enter(struct ame__comparison *comparison, struct ame__part old, struct ame__part new) {
    uint32_t level = (uint32_t)++comparison->depth;
    const struct ame__cell *cells;
    comparison->levels[level].old = old;
    comparison->levels[level].new = new;
    uint64_t *left = &comparison->levels[level].left;
    if (level == AME__LIST_LEVEL) {
        *left = cells_in_list(&old, &cells) + cells_in_list(&new, &cells);
        return;
    }
    *left = places(comparison, old, level) | places(comparison, new, level);
    if (old.kind == AME__PART_NODE && new.kind == AME__PART_NODE)
        *left &= ~(ame__same_nodes(old.cell, new.cell) | ame__same_entries(old.cell, new.cell));
    fetch(old, (uint32_t)*left);
    fetch(new, (uint32_t)*left);
}

void ame__compare(struct ame__comparison *comparison, const ame_map *old, const ame_map *new) {
    struct ame__cell none = {0, 0};
    comparison->keys = new->keys;
    comparison->depth = -1;
    comparison->pending = false;
    struct ame__cell root = old ? old->root : none;
    if (root.key != new->root.key || root.value != new->root.value)
        enter(comparison, ame__part_of_root(root), ame__part_of_root(new->root));
}

/* Where both parts are a single entry or nothing. */
static bool compare_entries(struct ame__comparison *comparison, struct ame__part old,
                            struct ame__part new, struct ame__difference *difference) {
    *difference = (struct ame__difference){old.cell, new.cell, old.kind == AME__PART_ENTRY,
                                           new.kind == AME__PART_ENTRY};
    if (!difference->was_there || !difference->is_there)
        return difference->was_there || difference->is_there;
    if (ame__same_key(comparison->keys, old.cell.key, new.cell.key))
        return old.cell.value != new.cell.value;
    comparison->pending = true;
    comparison->second = *difference;
    comparison->second.was_there = false;
    difference->is_there = false;
    return true;
}

static const struct ame__cell *find_in_list(struct ame__keys keys, const struct ame__cell *cells,
                                            uint64_t count, uint64_t key) {
    for (uint64_t i = 0; i < count; i++)
        if (ame__same_key(keys, cells[i].key, key))
            return &cells[i];
    return NULL;
}

/* One cell of either list, compared with the other list. */
static bool compare_in_lists(const struct ame__comparison *comparison, uint64_t index,
                             struct ame__difference *difference) {
    const struct ame__cell *old, *new;
    uint64_t old_count = cells_in_list(&comparison->levels[AME__LIST_LEVEL].old, &old);
    uint64_t new_count = cells_in_list(&comparison->levels[AME__LIST_LEVEL].new, &new);
    if (index < old_count) {
        const struct ame__cell *other =
            find_in_list(comparison->keys, new, new_count, old[index].key);
        *difference =
            (struct ame__difference){old[index], other ? *other : old[index], true, other};
        return !other || other->value != old[index].value;
    }
    index -= old_count;
    *difference = (struct ame__difference){new[index], new[index], false, true};
    return !find_in_list(comparison->keys, old, old_count, new[index].key);
}

static struct ame__part below(const struct ame__comparison *comparison, struct ame__part part,
                              uint32_t place, uint32_t level) {
    if (part.kind == AME__PART_ENTRY && place_of_entry(comparison, part.cell, level) != place)
        part.kind = AME__PART_NONE;
    return ame__part_below(part, place);
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
        if (!*left) {
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
            else if (compare_entries(comparison, old, new, difference))
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
    uint64_t key = difference->is_there ? difference->new.key : difference->old.key;
    *result = (struct ame_map_difference){
        .key = ame__public_key(comparison->keys.type, key),
        .was_there = difference->was_there,
        .is_there = difference->is_there,
        .old_value.integer = difference->was_there ? (int64_t)difference->old.value : 0,
        .new_value.integer = difference->is_there ? (int64_t)difference->new.value : 0};
}

/* A sum, so that the order does not matter: that within lists depends on the past. */
uint64_t ame__content_hash(const ame_map *map) {
    struct ame__comparison comparison;
    struct ame__difference entry;
    uint64_t sum = map->size;
    ame__compare(&comparison, NULL, map);
    while (ame__next_difference(&comparison, &entry)) {
        uint64_t mixed = ame__hash_of(map->keys, entry.new.key, 0) ^
                         entry.new.value *UINT64_C(0x9E3779B97F4A7C15);
        mixed =
            (mixed ^ mixed >> 32) * UINT64_C(0xD6E8FEB86659FD93); /* of Pelle Evensen's rrmxmx */
        sum += mixed ^ mixed >> 32;
    }
    return sum;
}
