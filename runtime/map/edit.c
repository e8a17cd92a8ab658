#include "map/edit.h"
#include "map/hash.h"

#include <string.h>

static const struct ame__node empty_node;

/* ---- planning ---- */

static void plan(struct ame__edit *edit, const struct ame__node *old, uint32_t place,
                 enum ame__becomes becomes) {
    edit->changes[edit->count++] = (struct ame__change){old, place, becomes};
}

/* The nodes above `level` get the new node below them as a child. */
static void plan_path_to(struct ame__edit *edit, uint64_t hash, const struct ame__path *path,
                         uint32_t level) {
    edit->count = 0;
    for (uint32_t i = 0; i < level; i++)
        plan(edit, path->nodes[i], ame__place(hash, i), AME__CHILD);
}

static uint64_t hash_of_slot(const struct ame_map *map, const struct ame__slot *slot) {
    return map->keys == AME_KEY_INT ? ame__hash_int((int64_t)slot->key)
                                    : ame__text_key_of(slot->key)->hash;
}

/* Two keys want one place: nodes with a single child lead down to the level where
 * their hashes differ, or past the last bit to a collision node. */
static void plan_split(struct ame__edit *edit, uint64_t hash, uint64_t displaced_hash,
                       struct ame__slot displaced) {
    uint32_t level = edit->count;
    for (; level < AME__BITMAP_LEVELS; level++) {
        if (ame__place(hash, level) != ame__place(displaced_hash, level))
            break;
        plan(edit, &empty_node, ame__place(hash, level), AME__CHILD);
    }
    struct ame__lone_node *lone = &edit->displaced;
    memset(lone, 0, sizeof *lone);
    if (level < AME__BITMAP_LEVELS) {
        lone->node.entry_map = UINT32_C(1) << ame__place(displaced_hash, level);
        lone->content.slot = displaced;
        plan(edit, &lone->node, ame__place(hash, level), AME__ENTRY);
    } else {
        lone->content.collision.count.slots = 1;
        lone->content.collision.slot = displaced;
        plan(edit, &lone->node, 1, AME__ENTRY);
    }
}

void ame__plan_set(struct ame__edit *edit, const struct ame_map *map, uint64_t hash,
                   const struct ame__path *path, const struct ame__slot *found,
                   struct ame__slot entry) {
    edit->entry = entry;
    if (path->last < 0) {
        edit->count = 0;
        plan(edit, &empty_node, ame__place(hash, 0), AME__ENTRY);
        return;
    }
    uint32_t last = (uint32_t)path->last;
    const struct ame__node *node = path->nodes[last];
    const struct ame__candidates *candidates = &path->candidates;
    plan_path_to(edit, hash, path, last);
    if (last == AME__BITMAP_LEVELS) {
        uint64_t index = found ? (uint64_t)(found - candidates->slots) : candidates->count;
        plan(edit, node, (uint32_t)index, AME__ENTRY);
    } else if (found || !candidates->count) {
        plan(edit, node, ame__place(hash, last), AME__ENTRY);
    } else {
        plan(edit, node, ame__place(hash, last), AME__CHILD);
        plan_split(edit, hash, hash_of_slot(map, candidates->slots), *candidates->slots);
    }
}

void ame__plan_remove(struct ame__edit *edit, uint64_t hash, const struct ame__path *path,
                      const struct ame__slot *found) {
    uint32_t level = (uint32_t)path->last;
    const struct ame__node *node = path->nodes[level];
    const struct ame__slot *slots = ame__slots(node);
    uint32_t entries = ame__entry_count(node);
    uint32_t children = ame__child_count(node);
    if (entries == 1 && !children) { /* only the root can be like that */
        edit->count = 0;
    } else if (level > 0 && entries == 2 && !children) {
        /* One entry would be left: it moves up into the parent, and on through
         * parents that have nothing else. So equal maps have equal shapes. */
        edit->entry = slots[found == slots];
        do
            level--;
        while (level > 0 && ame__entry_count(path->nodes[level]) == 0 &&
               ame__child_count(path->nodes[level]) == 1);
        plan_path_to(edit, hash, path, level);
        plan(edit, path->nodes[level], ame__place(hash, level), AME__ENTRY);
    } else {
        plan_path_to(edit, hash, path, level);
        uint32_t place =
            level == AME__BITMAP_LEVELS ? (uint32_t)(found - slots) : ame__place(hash, level);
        plan(edit, node, place, AME__NOTHING);
    }
}

/* ---- sizes ---- */

static uint32_t map_with(uint32_t old_map, uint32_t place, bool present) {
    uint32_t bit = UINT32_C(1) << place;
    return present ? old_map | bit : old_map & ~bit;
}

static size_t node_size(uint64_t words_before_slots, uint64_t slots) {
    return sizeof(struct ame__node) + words_before_slots * sizeof(uint64_t) +
           slots * sizeof(struct ame__slot);
}

static uint64_t collision_slots_after(const struct ame__change *change) {
    uint64_t slots = ame__collision_count(change->old)->slots;
    if (change->becomes == AME__NOTHING)
        return slots - 1;
    return change->place == slots ? slots + 1 : slots;
}

size_t ame__fresh_size(const struct ame__edit *edit, uint32_t level) {
    const struct ame__change *change = &edit->changes[level];
    if (level == AME__BITMAP_LEVELS)
        return node_size(1, collision_slots_after(change));
    uint32_t children =
        map_with(change->old->child_map, change->place, change->becomes == AME__CHILD);
    uint32_t entries =
        map_with(change->old->entry_map, change->place, change->becomes == AME__ENTRY);
    return node_size(ame__popcount(children), ame__popcount(entries));
}

/* ---- filling ---- */

static void copy_children(struct ame__node *node, const struct ame__change *change,
                          struct ame__node *child) {
    const struct ame__node *old = change->old;
    uint32_t bit = UINT32_C(1) << change->place;
    uint32_t before = ame__popcount(old->child_map & (bit - 1));
    uint32_t skipped = before + !!(old->child_map & bit);
    struct ame__child *to = ame__children(node);
    const struct ame__child *from = ame__children(old);
    memcpy(to, from, before * sizeof *to);
    to += before;
    if (change->becomes == AME__CHILD)
        *to++ = (struct ame__child){child};
    memcpy(to, from + skipped, (ame__child_count(old) - skipped) * sizeof *to);
}

/* Slots with `index` left out (or, if not `present`, none) and `entry` there. */
static void copy_slots(struct ame__slot *to, const struct ame__slot *from, uint64_t count,
                       uint64_t index, bool present, const struct ame__slot *entry) {
    memcpy(to, from, index * sizeof *to);
    to += index;
    if (entry)
        *to++ = *entry;
    index += present;
    memcpy(to, from + index, (count - index) * sizeof *to);
}

static void fill_bitmap_node(struct ame__node *node, const struct ame__change *change,
                             const struct ame__slot *entry, struct ame__node *child) {
    const struct ame__node *old = change->old;
    uint32_t bit = UINT32_C(1) << change->place;
    node->child_map = map_with(old->child_map, change->place, change->becomes == AME__CHILD);
    node->entry_map = map_with(old->entry_map, change->place, change->becomes == AME__ENTRY);
    copy_children(node, change, child);
    copy_slots(ame__slots_after(node, ame__child_count(node)),
               ame__slots_after(old, ame__child_count(old)), ame__popcount(old->entry_map),
               ame__popcount(old->entry_map & (bit - 1)), old->entry_map & bit, entry);
}

static void fill_collision_node(struct ame__node *node, const struct ame__change *change,
                                const struct ame__slot *entry) {
    uint64_t old_slots = ame__collision_count(change->old)->slots;
    node->child_map = 0;
    node->entry_map = 0;
    ame__collision_count(node)->slots = collision_slots_after(change);
    copy_slots(ame__slots_after(node, 1), ame__slots_after(change->old, 1), old_slots,
               change->place, change->place < old_slots, entry);
}

void ame__fill(const struct ame__edit *edit) {
    for (uint32_t level = 0; level < edit->count; level++) {
        const struct ame__change *change = &edit->changes[level];
        const struct ame__slot *entry = change->becomes == AME__ENTRY ? &edit->entry : NULL;
        if (level == AME__BITMAP_LEVELS)
            fill_collision_node(edit->fresh[level], change, entry);
        else
            fill_bitmap_node(edit->fresh[level], change, entry,
                             change->becomes == AME__CHILD ? edit->fresh[level + 1] : NULL);
    }
}
