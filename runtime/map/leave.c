/* leave.c - what a version that leaves its tree has alone. */
#include "map/leave.h"
#include "base/compiler.h"
#include "map/find.h"
#include "map/replaced.h"

#include <stdlib.h>

struct level {
    struct ame__cell node;
    uint32_t nodes_left;
    struct ame__part beside[2]; /* what the neighbours have here */
};

struct walk {
    struct ame__replaced replaced; /* if they are all, there is nothing else to walk */
    int32_t depth;                 /* -1: done */
    struct ame__keys keys;
    bool fetches;
    struct level levels[AME_MAP_MAX_DEPTH];
};

/* Of the places `nodes` of a node, those where the part has not the same node. */
static uint32_t not_in(struct ame__cell node, uint32_t nodes, struct ame__part part) {
    bool common = part.kind == AME__PART_NODE && nodes & ame__nodes(part.cell);
    return common ? nodes & ~ame__same_nodes(node, part.cell) : nodes;
}

/* What is looked at of the nodes below, which those are not that lead to nothing else. */
static void fetch(struct ame__cell node, uint32_t places, bool outside) {
    for (; places; places &= places - 1) {
        struct ame__cell child = *ame__child(node, (uint32_t)__builtin_ctz(places));
        if (outside || ame__nodes(child))
            __builtin_prefetch(ame__cells(child));
    }
}

/* Comparing with a neighbour needs where that has nodes in turn, which nobody may have looked at
 * for long. */
static void fetch_beside(struct ame__part part, uint32_t places) {
    enum { CELLS_IN_LINE = 64 / sizeof(struct ame__cell) };
    if (part.kind != AME__PART_NODE)
        return;
    for (places &= ame__nodes(part.cell); places; places &= places - 1) {
        struct ame__cell child = *ame__child(part.cell, (uint32_t)__builtin_ctz(places));
        for (uint32_t i = 0; i < ame__popcount(ame__nodes(child)); i += CELLS_IN_LINE)
            __builtin_prefetch(ame__cells(child) + i);
    }
}

/* The typed keys of a node, which are released. */
static void fetch_boxes(struct ame__cell node, uint32_t level) {
    struct ame__run run = ame__entries_of(node, level);
    for (const uint64_t *end = run.words + run.count * run.width; run.words < end;
         run.words += run.width)
        __builtin_prefetch(ame__box_of(*run.words));
}

static void enter(struct walk *walk, struct ame__cell node, struct ame__part parent,
                  struct ame__part child) {
    struct level *level = &walk->levels[++walk->depth];
    bool list = walk->depth == AME__LIST_LEVEL;
    uint32_t nodes = list ? 0 : ame__nodes(node);
    nodes = not_in(node, nodes, parent);
    *level = (struct level){node, not_in(node, nodes, child), {parent, child}};
    if (walk->fetches) {
        fetch(node, level->nodes_left, walk->keys.outside);
        fetch_beside(parent, level->nodes_left);
        fetch_beside(child, level->nodes_left);
    }
}

static void walk_begin(struct walk *walk, struct ame__keys keys, bool fetches,
                       struct ame__cell root, struct ame__cell parent, struct ame__cell child) {
    struct ame__part beside[2] = {ame__part_of_root(parent), ame__part_of_root(child)};
    walk->depth = -1;
    walk->keys = keys;
    walk->fetches = fetches;
    walk->replaced = (struct ame__replaced){NULL, 0};
    if (root.value && root.key != parent.key && root.key != child.key)
        enter(walk, root, beside[0], beside[1]);
}

/* Whether the part at `level` has the very same outside. */
static bool has_outside(struct ame__keys keys, struct ame__part part, const uint64_t *key,
                        const void *outside, uint32_t level) {
    uint64_t hash = 0;
    for (; part.kind == AME__PART_NODE && level < AME__LIST_LEVEL; level++) {
        if (level == AME__ROUND_LEVELS || !hash)
            hash = ame__hash_of(keys, key, level >= AME__ROUND_LEVELS);
        part = ame__part_below(part, ame__place(hash, level));
    }
    if (part.kind != AME__PART_NODE)
        return part.kind == AME__PART_ENTRY && ame__outside(keys.type, part.entry) == outside;
    struct ame__run list = ame__entries_of(part.cell, AME__LIST_LEVEL);
    for (uint32_t i = 0; i < list.count; i++)
        if (ame__outside(keys.type, list.words + i * list.width) == outside)
            return true;
    return false;
}

/* Of one entry. */
static void free_outside_unless_in(struct ame__keys keys, const struct ame__part beside[2],
                                   const uint64_t *key, uint32_t level) {
    void *outside = ame__outside(keys.type, key);
    if (outside && !has_outside(keys, beside[0], key, outside, level) &&
        !has_outside(keys, beside[1], key, outside, level))
        ame__free_outside(keys.type, outside);
}

/* Whether no neighbour has anything here. */
static bool is_alone(const struct level *here) {
    return here->beside[0].kind == AME__PART_NONE && here->beside[1].kind == AME__PART_NONE;
}

static void free_outside_of(struct walk *walk, const struct level *here) {
    uint32_t level = (uint32_t)walk->depth;
    bool list = level == AME__LIST_LEVEL, alone = is_alone(here);
    struct ame__run run = ame__entries_of(here->node, level);
    uint32_t entries = list ? 0 : ame__entries(here->node);
    for (uint32_t i = 0; i < run.count; i++, run.words += run.width, entries &= entries - 1) {
        struct ame__part beside[2] = {here->beside[0], here->beside[1]};
        for (int b = 0; b < 2 && !list && !alone; b++)
            beside[b] = ame__part_below(beside[b], (uint32_t)__builtin_ctz(entries));
        free_outside_unless_in(walk->keys, beside, run.words, list ? level : level + 1);
    }
}

/* Whether a node below leads to nothing else: then it is freed where it is found. */
static bool is_leaf(const struct walk *walk, struct ame__cell child) {
    return !walk->keys.outside && !ame__nodes(child) && walk->depth + 1 < AME__LIST_LEVEL;
}

/* Frees up to `*budget` nodes, from the leaves up, since a node leads to those below it.
 * True: all are free. */
static bool walk_on(struct walk *walk, size_t *budget) {
    bool outside = walk->keys.outside;
    while (walk->depth >= 0) {
        struct level *here = &walk->levels[walk->depth];
        if (!here->nodes_left) {
            if (outside)
                free_outside_of(walk, here);
            ame__give_node(ame__cells(here->node),
                           ame__words_on(here->node, (uint32_t)walk->depth));
            walk->depth--;
            if (!*budget || !--*budget)
                break;
            continue;
        }
        uint32_t place = (uint32_t)__builtin_ctz(here->nodes_left);
        here->nodes_left &= here->nodes_left - 1;
        struct ame__cell child = *ame__child(here->node, place);
        if (is_leaf(walk, child)) {
            ame__give_node(ame__cells(child), ame__words_of_node(child));
            if (!*budget || !--*budget)
                break;
            continue;
        }
        if (walk->keys.type == AME_KEY_TYPED && walk->fetches && here->nodes_left &&
            is_alone(here)) /* the node after this one */
            fetch_boxes(*ame__child(here->node, (uint32_t)__builtin_ctz(here->nodes_left)),
                        (uint32_t)walk->depth + 1);
        enter(walk, child, ame__part_below(here->beside[0], place),
              ame__part_below(here->beside[1], place));
    }
    return walk->depth < 0;
}

/* The list is of the nodes that the version had and its child has not. */
static void forget_list(struct ame__replaced *replaced) {
    free(replaced->nodes);
    replaced->nodes = NULL;
}

static void begin(void *memory, void *leaver, const void *above, void *below) {
    _Static_assert(sizeof(struct walk) <= AME__WALK_BYTES, "a walk fits in its room");
    static const struct ame__cell none;
    ame_map *version = leaver, *child = below;
    const ame_map *parent = above;
    struct walk *walk = memory;
    forget_list(&version->replaced);
    if (child && !parent && child->replaced.nodes) {
        walk->depth = -1;
        walk->replaced = child->replaced;
        child->replaced.nodes = NULL;
        return;
    }
    if (child)
        forget_list(&child->replaced); /* it gets another parent */
    walk_begin(walk, version->keys, ame__worth_fetching(version->size), version->root,
               parent ? parent->root : none, child ? child->root : none);
}

static bool go_on(void *memory, size_t *budget) {
    struct walk *walk = memory;
    if (walk->replaced.nodes)
        return ame__free_replaced(&walk->replaced, budget);
    return walk_on(walk, budget);
}

/* After one change all that a version has alone is on the way to one key. */
static bool leave_way(void *leaver, const void *above, const void *below, size_t *budget) {
    static const struct ame__cell none;
    ame_map *version = leaver;
    const ame_map *parent = above, *child = below;
    uint64_t rest = child ? child->edited : version->edited;
    struct ame__part beside[2] = {ame__part_of_root(parent ? parent->root : none),
                                  ame__part_of_root(child ? child->root : none)};
    struct ame__cell node = version->root, way[AME__ROUND_LEVELS];
    bool is_node = node.value;
    uint32_t level = 0;
    while (is_node && !ame__part_is_node(beside[0], node) && !ame__part_is_node(beside[1], node)) {
        if (level == AME__ROUND_LEVELS)
            return false; /* the rest of the way needs another hash */
        uint32_t place = ame__place(rest, level), bit = ame__bit(place);
        way[level++] = node;
        for (int i = 0; i < 2; i++)
            beside[i] = ame__part_below(beside[i], place);
        is_node = ame__nodes(node) & bit;
        if (is_node)
            node = *ame__child(node, place);
        else if (version->keys.outside && ame__entries(node) & bit)
            free_outside_unless_in(version->keys, beside,
                                   ame__entry_in(node, place, ame__width(node)), level);
    }
    forget_list(&version->replaced);
    *budget -= *budget < level ? *budget : level;
    while (level > 0) {
        level--;
        ame__give_node(ame__cells(way[level]), ame__words_of_node(way[level]));
    }
    return true;
}

const struct ame__walker ame__map_walker = {leave_way, begin, go_on, AME__HEADER_WORDS};

void ame__free_only_in(struct ame__keys keys, struct ame__cell root, struct ame__cell other) {
    struct walk walk;
    size_t budget = SIZE_MAX;
    walk_begin(&walk, keys, true, root, other, (struct ame__cell){0, 0});
    walk_on(&walk, &budget);
}
