/* leave.c - what a version that leaves its tree has alone. */
#include "map/leave.h"
#include "base/compiler.h"
#include "map/find.h"

#include <stdlib.h>

struct level {
    struct ame__cell node;
    uint32_t nodes_left;
    struct ame__part beside[2]; /* what the neighbours have here */
};

struct walk {
    int32_t depth;   /* -1: done */
    bool narrow;     /* all that differs is on the way to one key, */
    uint64_t edited; /* which has this hash */
    struct ame__keys keys;
    struct level levels[AME_MAP_MAX_DEPTH];
};

/* Of the places `nodes` of a node, those where the part has not the same node. */
static uint32_t not_in(struct ame__cell node, uint32_t nodes, struct ame__part part) {
    uint32_t common = part.kind == AME__PART_NODE ? nodes & ame__nodes(part.cell) : 0;
    if (!common)
        return nodes;
    if (common & (common - 1))
        return nodes & ~ame__alike(node, part.cell);
    uint32_t place = (uint32_t)__builtin_ctz(common); /* the one place of a narrow walk */
    bool same = ame__cell_at(node, place)->key == ame__cell_at(part.cell, place)->key;
    return same ? nodes & ~common : nodes;
}

static uint32_t places_of_interest(const struct walk *walk) {
    bool narrow = walk->narrow && walk->depth < AME__ROUND_LEVELS;
    return narrow ? ame__bit(ame__place(walk->edited, (uint32_t)walk->depth)) : UINT32_MAX;
}

static void enter(struct walk *walk, struct ame__cell node, struct ame__part parent,
                  struct ame__part child) {
    struct level *level = &walk->levels[++walk->depth];
    bool list = walk->depth == AME__LIST_LEVEL;
    uint32_t nodes = list ? 0 : ame__nodes(node) & places_of_interest(walk);
    nodes = not_in(node, nodes, parent);
    *level = (struct level){node, not_in(node, nodes, child), {parent, child}};
}

/* `edit` is the version that differs in one key only from what it is compared with; or
 * NULL. */
static void walk_begin(struct walk *walk, struct ame__keys keys, const ame_map *edit,
                       struct ame__cell root, struct ame__cell parent, struct ame__cell child) {
    struct ame__part beside[2] = {ame__part_of_root(parent), ame__part_of_root(child)};
    walk->depth = -1;
    walk->narrow = edit;
    walk->edited = edit ? edit->edited : 0;
    walk->keys = keys;
    if (root.value && root.key != parent.key && root.key != child.key)
        enter(walk, root, beside[0], beside[1]);
}

/* Whether the part at `level` has the very box. */
static bool has_box(struct ame__keys keys, struct ame__part part, uint64_t key, uint32_t level) {
    uint64_t hash = 0;
    for (; part.kind == AME__PART_NODE && level < AME__LIST_LEVEL; level++) {
        if (level == AME__ROUND_LEVELS || !hash)
            hash = ame__hash_of(keys, key, level >= AME__ROUND_LEVELS);
        part = ame__part_below(part, ame__place(hash, level));
    }
    if (part.kind != AME__PART_NODE)
        return part.kind == AME__PART_ENTRY && part.cell.key == key;
    for (uint64_t i = 0; i < part.cell.value; i++)
        if (ame__cells(part.cell)[i].key == key)
            return true;
    return false;
}

static void free_boxes_in(struct walk *walk, const struct level *here) {
    uint32_t level = (uint32_t)walk->depth;
    bool list = level == AME__LIST_LEVEL;
    uint32_t used = list ? 0 : ame__used(here->node), nodes = list ? 0 : ame__nodes(here->node);
    uint32_t count = ame__cell_count(here->node, level);
    uint32_t interest = list ? 0 : places_of_interest(walk) & ~nodes;
    for (uint32_t i = 0; i < count; i++, used &= used - 1) {
        struct ame__part beside[2] = {here->beside[0], here->beside[1]};
        const struct ame__cell *cell = ame__cells(here->node) + i;
        if (!list) {
            uint32_t place = (uint32_t)__builtin_ctz(used);
            if (!(interest & ame__bit(place)))
                continue;
            cell = ame__cell_at(here->node, place);
            beside[0] = ame__part_below(beside[0], place);
            beside[1] = ame__part_below(beside[1], place);
        }
        uint32_t below = list ? level : level + 1;
        if (!has_box(walk->keys, beside[0], cell->key, below) &&
            !has_box(walk->keys, beside[1], cell->key, below))
            ame__free_box(walk->keys.type, cell->key);
    }
}

/* Frees up to `*budget` nodes, from the leaves up, since a node leads to those below it.
 * True: all are free. */
static bool walk_on(struct walk *walk, size_t *budget) {
    bool boxed = ame__boxed(walk->keys.type);
    while (walk->depth >= 0) {
        struct level *here = &walk->levels[walk->depth];
        if (!here->nodes_left) {
            if (boxed)
                free_boxes_in(walk, here);
            free(ame__cells(here->node));
            walk->depth--;
            if (!*budget || !--*budget)
                break;
            continue;
        }
        uint32_t place = (uint32_t)__builtin_ctz(here->nodes_left);
        here->nodes_left &= here->nodes_left - 1;
        enter(walk, *ame__cell_at(here->node, place), ame__part_below(here->beside[0], place),
              ame__part_below(here->beside[1], place));
    }
    return walk->depth < 0;
}

static void begin(void *memory, const void *leaver, const void *above, const void *below) {
    _Static_assert(sizeof(struct walk) <= AME__WALK_BYTES, "a walk fits in its room");
    static const struct ame__cell none;
    const ame_map *version = leaver, *parent = above, *child = below;
    const ame_map *edit = child && child->links.one_edit                ? child
                          : !child && parent && version->links.one_edit ? version
                                                                        : NULL;
    walk_begin(memory, version->keys, edit, version->root, parent ? parent->root : none,
               child ? child->root : none);
}

static bool go_on(void *walk, size_t *budget) {
    return walk_on(walk, budget);
}

const struct ame__walker ame__map_walker = {begin, go_on};

void ame__free_only_in(struct ame__keys keys, struct ame__cell root, struct ame__cell other) {
    struct walk walk;
    size_t budget = SIZE_MAX;
    walk_begin(&walk, keys, NULL, root, other, (struct ame__cell){0, 0});
    walk_on(&walk, &budget);
}
