#include "map/versions.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "map/find.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    STEP = 256,    /* nodes freed by a release; about 20 microseconds */
    FAMILIES = 64, /* locks */
};

#define GIVEN_UP UINT64_C(0x6e6f2d6d61702121) /* the seal of a version that nobody holds */

enum state { HELD, WAITING, LEAVING };

static struct AME__ALIGNED_LINE family {
    pthread_mutex_t lock;
} families[FAMILIES] = {[0 ... FAMILIES - 1] = {PTHREAD_MUTEX_INITIALIZER}};

static void lock_family(const ame_map *version) {
    pthread_mutex_lock(&families[version->family % FAMILIES].lock);
}

static void unlock_family(uint32_t family) {
    pthread_mutex_unlock(&families[family % FAMILIES].lock);
}

/* ---- what only one version has (V3) ---- */

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

void ame__free_only_in(struct ame__keys keys, struct ame__cell root, struct ame__cell other) {
    struct walk walk;
    size_t budget = SIZE_MAX;
    walk_begin(&walk, keys, NULL, root, other, (struct ame__cell){0, 0});
    walk_on(&walk, &budget);
}

/* ---- what waits to be freed ---- */

struct leaving {
    struct leaving *next;
    ame_map *version;
    struct walk walk;
};

static struct leaving *queue; /* newest first */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;

static void put_off(struct leaving *leaving) {
    pthread_mutex_lock(&queue_lock);
    leaving->next = queue;
    /* Release: looks without the lock see a queue that is there or not. */
    ame__store_release((ame__word *)&queue, (uint64_t)leaving);
    pthread_mutex_unlock(&queue_lock);
}

static struct leaving *take_up(void) {
    if (!ame__load_relaxed((ame__word *)&queue))
        return NULL;
    pthread_mutex_lock(&queue_lock);
    struct leaving *leaving = queue;
    if (leaving)
        ame__store_release((ame__word *)&queue, (uint64_t)leaving->next);
    pthread_mutex_unlock(&queue_lock);
    return leaving;
}

/* ---- the tree ---- */

static bool may_leave(const ame_map *version) {
    const ame_map *parent = version->parent, *child = version->first_child;
    return version->state == WAITING && !(child && child->next_child) &&
           !(parent && parent->state == LEAVING) && !(child && child->state == LEAVING);
}

static ame_map *first_to_leave(ame_map *one, ame_map *other) {
    ame_map *version = one && may_leave(one) ? one : other && may_leave(other) ? other : NULL;
    if (version)
        version->state = LEAVING;
    return version;
}

static void insert_child(ame_map *parent, ame_map *version) {
    version->parent = parent;
    version->previous_child = NULL;
    version->next_child = NULL;
    if (!parent)
        return;
    version->next_child = parent->first_child;
    if (parent->first_child)
        parent->first_child->previous_child = version;
    parent->first_child = version;
}

static void remove_child(ame_map *version) {
    if (version->next_child)
        version->next_child->previous_child = version->previous_child;
    if (version->previous_child)
        version->previous_child->next_child = version->next_child;
    else if (version->parent)
        version->parent->first_child = version->next_child;
}

/* The version has freed what was its own. Returns a neighbour that waited for it. */
static ame_map *leave_tree(ame_map *version) {
    uint32_t family = version->family;
    lock_family(version);
    ame_map *parent = version->parent, *child = version->first_child;
    remove_child(version);
    if (child) {
        insert_child(parent, child);
        child->one_edit = false;
    }
    ame_map *next = first_to_leave(parent, child);
    unlock_family(family);
    free(version);
    return next;
}

/* A version that leaves, and the neighbours that may leave after it. Its own neighbours
 * stay as they are until it has left (V4), and it gets no new ones. */
static void leave(ame_map *version, size_t *budget) {
    static const struct ame__cell none;
    while (version) {
        struct leaving *later = NULL, now;
        const ame_map *parent = version->parent, *child = version->first_child;
        const ame_map *edit = child && child->one_edit                ? child
                              : !child && parent && version->one_edit ? version
                                                                      : NULL;
        walk_begin(&now.walk, version->keys, edit, version->root, parent ? parent->root : none,
                   child ? child->root : none);
        if (!walk_on(&now.walk, budget)) {
            later = malloc(sizeof *later);
            if (later) {
                *later = now;
                later->version = version;
                put_off(later);
                return;
            }
            size_t all = SIZE_MAX; /* no memory to remember the rest by */
            walk_on(&now.walk, &all);
        }
        version = leave_tree(version);
    }
}

size_t ame__reclaim(size_t nodes) {
    size_t budget = nodes;
    struct leaving *leaving;
    while (budget && (leaving = take_up())) {
        if (!walk_on(&leaving->walk, &budget)) {
            put_off(leaving);
            break;
        }
        ame_map *next = leave_tree(leaving->version);
        free(leaving);
        leave(next, &budget);
    }
    return nodes - budget;
}

void ame__link(ame_map *version) {
    lock_family(version);
    insert_child(version->parent, version);
    unlock_family(version->family);
}

void ame__link_after_block(void *argument) {
    ame_map *version = argument, *parent = version->parent;
    ame__link(version);
    ame_map_release(parent);
    ame_map_release(version);
}

void ame__destroy_map(ame_ref *references) {
    _Static_assert(offsetof(struct ame_map, references) == 0, "the count comes first");
    ame_map *version = (ame_map *)references;
    size_t budget = STEP;
    lock_family(version);
    version->seal = GIVEN_UP;
    version->state = WAITING;
    ame_map *leaver = first_to_leave(version, NULL);
    unlock_family(version->family);
    leave(leaver, &budget);
    ame__reclaim(budget);
}
