#include "map/edit.h"

#include <string.h>

static struct ame__cell empty_node(uint32_t width) {
    static const struct ame__cell no_cells[1];
    return ame__node(no_cells, 0, 0, width);
}

/* ---- what a node becomes ---- */

/* `place` is the entry's index, or one more than the last. */
static struct ame__change change_in_list(struct ame__cell old, uint32_t place,
                                         enum ame__becomes becomes) {
    uint32_t entries = (uint32_t)old.value, width = ame__width(old);
    bool was_there = place < entries, is_there = becomes != AME__NOTHING;
    uint32_t after = entries - was_there + is_there;
    return (struct ame__change){.old = old,
                                .becomes = becomes,
                                .value = after,
                                .words_before = width * entries,
                                .words_after = width * after,
                                .from = width * place,
                                .was = width * was_there,
                                .to = width * place,
                                .is = width * is_there};
}

/* A place as one bit of a cell's `value`. */
static inline uint64_t as_bit(uint32_t place, enum ame__becomes kind) {
    return kind == AME__NOTHING ? 0 : (uint64_t)ame__bit(place) << (kind == AME__ENTRY ? 32 : 0);
}

AME__ALWAYS_INLINE struct ame__change change_in(struct ame__cell old, uint32_t place,
                                                enum ame__becomes becomes, uint32_t width) {
    uint64_t node = as_bit(place, AME__NODE), entry = as_bit(place, AME__ENTRY);
    uint64_t was = old.value & (node | entry), is = as_bit(place, becomes);
    uint64_t rest = old.value & ~was;
    return (struct ame__change){.old = old,
                                .becomes = becomes,
                                .value = rest | is,
                                .words_before = ame__words(old.value, width),
                                .words_after = ame__words(rest | is, width),
                                .from = ame__words(rest & ((was ? was : is) - 1), width),
                                .was = ame__words(was, width),
                                .to = ame__words(rest & ((is ? is : was) - 1), width),
                                .is = ame__words(is, width)};
}

/* ---- planning ---- */

static inline void plan(struct ame__edit *edit, struct ame__cell old, uint32_t place,
                        enum ame__becomes becomes) {
    uint32_t level = edit->count++;
    edit->changes[level] = AME__UNLIKELY(level == AME__LIST_LEVEL)
                               ? change_in_list(old, place, becomes)
                           : ame__width(old) == 2 ? change_in(old, place, becomes, 2)
                                                  : change_in(old, place, becomes, ame__width(old));
    struct ame__change *change = &edit->changes[level];
    size_t before = ame__capacity(change->words_before), after = ame__capacity(change->words_after);
    change->fresh_words = level < edit->own && before == after ? 0 : after;
}

/* The nodes above `level` get the changed node below them: but where that is changed in place, and
 * its places stay what they are, nothing above it differs. */
static void plan_path_to(struct ame__edit *edit, const struct ame__hashes *hashes,
                         const struct ame__path *path, uint32_t level) {
    uint32_t in_place = level < edit->own ? level : edit->own;
    edit->first = edit->count = in_place ? in_place - 1 : 0;
    for (uint32_t i = edit->first; i < level; i++)
        plan(edit, path->nodes[i], ame__place_of(hashes, i), AME__NODE);
}

static struct ame__entry read_entry(const uint64_t *words, uint32_t width) {
    struct ame__entry entry;
    for (uint32_t i = 0; i < width; i++)
        entry.words[i] = words[i];
    return entry;
}

/* The entry's index in a list. */
static uint32_t index_in(struct ame__cell list, const uint64_t *entry) {
    return (uint32_t)(entry - (const uint64_t *)ame__cells(list)) / ame__width(list);
}

/* Two keys want one place: nodes with a single cell lead down to the level where
 * their hashes differ, or past the last bit to a list. */
static void plan_split(struct ame__edit *edit, struct ame__keys keys, struct ame__hashes *hashes,
                       const uint64_t *displaced) {
    uint32_t width = ame__width_of(&keys);
    struct ame__hashes other = {{ame__hash_of(keys, displaced, 0)}, false};
    edit->displaced = read_entry(displaced, width);
    for (uint32_t level = edit->count; level < AME__LIST_LEVEL; level++) {
        if (level >= AME__ROUND_LEVELS && !other.complete) {
            other.round[1] = ame__hash_of(keys, displaced, 1);
            other.complete = true;
            if (!hashes->complete)
                hashes->round[1] = ame__hash_of(keys, edit->entry.words, 1);
            hashes->complete = true;
        }
        uint32_t place = ame__place_of(hashes, level), there = ame__place_of(&other, level);
        if (place != there) {
            plan(edit, ame__node(&edit->displaced, 0, ame__bit(there), width), place, AME__ENTRY);
            return;
        }
        plan(edit, empty_node(width), place, AME__NODE);
    }
    plan(edit, ame__node(&edit->displaced, 1, 0, width), 1, AME__ENTRY);
}

/* Own nodes whose memory the edit gives up. */
static void plan_drops(struct ame__edit *edit, const struct ame__path *path) {
    edit->dropped_count = 0;
    for (int32_t i = (int32_t)edit->first; i <= path->last && (uint32_t)i < edit->own; i++)
        if ((uint32_t)i >= edit->count || edit->changes[i].fresh_words) {
            edit->dropped[edit->dropped_count] = ame__cells(path->nodes[i]);
            edit->dropped_words[edit->dropped_count++] = ame__words_on(path->nodes[i], (uint32_t)i);
        }
}

static void plan_entry(struct ame__edit *edit, struct ame__keys keys, struct ame__hashes *hashes,
                       const struct ame__path *path, const uint64_t *found) {
    if (path->last < 0) {
        edit->first = edit->count = 0;
        plan(edit, empty_node(ame__width_of(&keys)), ame__place_of(hashes, 0), AME__ENTRY);
        return;
    }
    uint32_t last = (uint32_t)path->last;
    struct ame__cell node = path->nodes[last];
    const struct ame__candidates *candidates = &path->candidates;
    plan_path_to(edit, hashes, path, last);
    if (last == AME__LIST_LEVEL) {
        plan(edit, node, found ? index_in(node, found) : (uint32_t)node.value, AME__ENTRY);
    } else if (found || !candidates->count) {
        plan(edit, node, ame__place_of(hashes, last), AME__ENTRY);
    } else {
        plan(edit, node, ame__place_of(hashes, last), AME__NODE);
        plan_split(edit, keys, hashes, candidates->entries);
    }
}

void ame__plan_set(struct ame__edit *edit, const struct ame__keys *keys, struct ame__hashes *hashes,
                   const struct ame__path *path, const uint64_t *found,
                   const struct ame__entry *entry, uint32_t own) {
    edit->own = own;
    edit->entry = *entry;
    edit->outside = ame__outside(keys->type, entry->words);
    plan_entry(edit, *keys, hashes, path, found);
    plan_drops(edit, path);
}

/* Of two. */
static struct ame__entry other_entry(struct ame__run run, const uint64_t *entry) {
    return read_entry(run.words + (entry == run.words ? run.width : 0), run.width);
}

void ame__plan_remove(struct ame__edit *edit, const struct ame__hashes *hashes,
                      const struct ame__path *path, const uint64_t *found, uint32_t own) {
    uint32_t level = (uint32_t)path->last;
    struct ame__cell node = path->nodes[level];
    struct ame__run entries = ame__entries_of(node, level);
    uint32_t count = ame__cell_count(node, level);
    edit->own = own;
    edit->outside = false;
    if (count == 1) { /* only the root can be like that */
        edit->first = edit->count = 0;
    } else if (level > 0 && count == 2 && entries.count == 2) {
        /* One entry would be left: it moves up into the parent, and on through
         * parents that have nothing else. So equal maps have equal shapes. */
        edit->entry = other_entry(entries, found);
        do
            level--;
        while (level > 0 && ame__cell_count(path->nodes[level], level) == 1);
        plan_path_to(edit, hashes, path, level);
        plan(edit, path->nodes[level], ame__place_of(hashes, level), AME__ENTRY);
    } else {
        plan_path_to(edit, hashes, path, level);
        uint32_t place =
            level == AME__LIST_LEVEL ? index_in(node, found) : ame__place_of(hashes, level);
        plan(edit, node, place, AME__NOTHING);
    }
    plan_drops(edit, path);
}

/* ---- filling ---- */

/* What has room for the same number of words is copied up to there, without a look at how
 * many there are. */
static inline void copy_all(uint64_t *to, const uint64_t *from, uint32_t words) {
    if (words <= 8)
        for (uint32_t i = 0; i < words; i += 2)
            memcpy(to + i, from + i, 2 * sizeof *to);
    else
        for (uint32_t i = 0; i < words; i += 8)
            memcpy(to + i, from + i, 8 * sizeof *to);
}

static inline void move(uint64_t *to, const uint64_t *from, uint32_t words) {
    memmove(to, from, words * sizeof *to);
}

/* Works where `to` and `from` are the same. */
static inline void write_words(uint64_t *to, const uint64_t *from, const struct ame__change *change,
                               const uint64_t *what) {
    uint32_t before = change->words_before, out = change->from, was = change->was;
    uint32_t in = change->to, is = change->is;
    bool alike = in == out && was == is;
    if (to != from)
        copy_all(to, from, alike ? before : in < out ? in : out);
    if (!alike) {
        /* What is behind moves, and what is between, where an entry becomes a node or the reverse.
         */
        if (in > out)
            move(to + out, from + out + was, in - out);
        uint32_t last = in > out ? in : out;
        move(to + last + is, from + last + was, before - last - was);
        if (in < out)
            move(to + in + is, from + in, out - in);
    }
    for (uint32_t i = 0; i < is; i++)
        to[in + i] = what[i];
}

struct ame__cell ame__fill(const struct ame__edit *edit) {
    struct ame__cell node = {0, 0};
    for (uint32_t level = edit->count; level-- > edit->first;) {
        const struct ame__change *change = &edit->changes[level];
        const struct ame__cell *old = ame__cells(change->old);
        const struct ame__cell *cells = edit->fresh[level] ? edit->fresh[level] : old;
        const uint64_t *what =
            change->becomes == AME__NODE ? (const uint64_t *)&node : edit->entry.words;
        write_words((uint64_t *)cells, (const uint64_t *)old, change, what);
        uint64_t width = change->old.key & AME__WIDTH_BITS;
        node = (struct ame__cell){(uint64_t)cells | width, change->value};
    }
    return node;
}

/* An empty map shares nothing with its children, nor an empty child with its parent. */
void ame__version_fill(ame_map *version, ame_map *parent, const struct ame__edit *edit,
                       uint64_t edited, size_t size) {
    bool shares = size && parent->size;
    struct ame__keys keys = parent->keys;
    keys.outside |= edit->outside;
    ame__header_fill(version, shares ? parent : NULL, &edited, keys, size, ame__fill(edit));
}
