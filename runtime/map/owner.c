/* owner.c - what a transient owns: the pure part of transient.c. */
#include "base/compiler.h"
#include "base/diag.h"
#include "map/find.h"
#include "map/hash.h"
#include "map/part.h"
#include "map/transient.h"

#include <stddef.h>
#include <string.h>

void ame__transient_fill(struct ame_transient *transient, ame_map *base, ame_map *version) {
    *transient = (struct ame_transient){.base = base,
                                        .version = version,
                                        .seal = AME__OPEN,
                                        .size = base->size,
                                        .root = base->root,
                                        .keys = base->keys,
                                        /* What is outside needs a walk in any case. */
                                        .replacing.incomplete = base->keys.outside};
}

void ame__note_replaced_path(struct ame_transient *transient, const struct ame__path *path,
                             uint32_t own) {
    for (int32_t level = (int32_t)own; level <= path->last; level++)
        ame__note_replaced(&transient->replacing, ame__cells(path->nodes[level]),
                           ame__words_on(path->nodes[level], (uint32_t)level));
}

void ame__note_nothing(struct ame_transient *transient) {
    transient->replacing.incomplete = true;
}

static AME__COLD _Noreturn void not_open(const struct ame_transient *transient,
                                         const char *function) {
    ame__die("%s: %p is no transient, or one that was sealed or dropped; begin another one",
             function, (const void *)transient);
}

bool ame__check_transient(const struct ame_transient *transient, const char *function) {
    if (AME__UNLIKELY(!transient || transient->seal != AME__OPEN))
        not_open(transient, function);
    return transient->outside;
}

size_t ame__transient_count(const struct ame_transient *transient) {
    return transient->size;
}

size_t ame__transient_nodes_made(const struct ame_transient *transient) {
    return transient->nodes_made;
}

uint32_t ame__own_levels(const struct ame_transient *transient, const struct ame__path *path,
                         const struct ame__hashes *hashes) {
    struct ame__part part = ame__part_of_root(transient->base->root);
    for (int32_t level = 0; level <= path->last; level++) {
        if (ame__part_is_node(part, path->nodes[level]))
            return (uint32_t)level;
        if (level < AME__LIST_LEVEL && part.kind == AME__PART_NODE)
            part = ame__part_below(part, ame__place_of(hashes, (uint32_t)level));
    }
    return (uint32_t)(path->last + 1);
}

/* ---- keys set in the transient's own nodes: most changes of a batch, and without a plan ---- */

/* What is set: a key of one word, or a text, which is the caller's until it is copied. In a set the
 * last word is of the key, and the same as that of the entry. */
struct set {
    struct ame__entry entry;
    uint64_t hash;
    uint32_t width;
};

static inline void copy(uint64_t *to, const uint64_t *from, size_t words) {
    memcpy(to, from, words * sizeof *to);
}

static inline void move(uint64_t *to, const uint64_t *from, size_t words) {
    memmove(to, from, words * sizeof *to);
}

/* Adds an entry where the node has nothing. False: out of memory, and nothing is done. */
AME__ALWAYS_INLINE bool add_entry(struct ame_transient *transient, struct ame__cell *at,
                                  uint32_t place, const struct set *set) {
    uint32_t width = set->width;
    uint64_t *words = (uint64_t *)ame__cells(*at), *entry = ame__entry_in(*at, place, width);
    size_t count = ame__words(at->value, width), before = (size_t)(entry - words);
    if (ame__capacity(count) == ame__capacity(count + width)) {
        move(entry + width, entry, count - before);
    } else {
        uint64_t *fresh = ame__take_node(count + width);
        if (!fresh)
            return false;
        copy(fresh, words, before);
        copy(fresh + before + width, entry, count - before);
        ame__give_node(words, count);
        transient->nodes_made++;
        at->key = (uint64_t)fresh | ame__width_bits(width);
        entry = fresh + before;
    }
    copy(entry, set->entry.words, width);
    at->value |= ame__places(0, ame__bit(place));
    return true;
}

/* The node with both keys that is to stand below. False: they need a longer way, or memory. */
AME__ALWAYS_INLINE bool node_of_both(const struct ame_transient *transient, const uint64_t *entry,
                                     uint32_t level, const struct set *set,
                                     struct ame__cell *node) {
    uint32_t width = set->width, here = ame__place(set->hash, level);
    uint32_t there = ame__place(ame__hash_of(transient->keys, entry, 0), level);
    uint64_t *words = here != there ? ame__take_node(2 * width) : NULL;
    if (!words)
        return false;
    copy(words + width * (here > there), set->entry.words, width);
    copy(words + width * (here < there), entry, width);
    *node = ame__node(words, 0, ame__bit(here) | ame__bit(there), width);
    return true;
}

/* Puts a node with both in place of an entry. False: nothing is done. */
AME__ALWAYS_INLINE bool split_entry(struct ame_transient *transient, struct ame__cell *at,
                                    uint32_t level, const struct set *set) {
    uint32_t width = set->width, place = ame__place(set->hash, level);
    uint64_t *words = (uint64_t *)ame__cells(*at), *fresh = words;
    uint64_t *entry = ame__entry_in(*at, place, width), *child = (uint64_t *)ame__child(*at, place);
    size_t count = ame__words(at->value, width), after = count - width + 2;
    struct ame__cell node;
    if (!node_of_both(transient, entry, level + 1, set, &node))
        return false;
    if (ame__capacity(count) != ame__capacity(after)) {
        fresh = ame__take_node(after);
        if (!fresh) {
            ame__give_node(ame__cells(node), 2 * width);
            return false;
        }
        copy(fresh, words, (size_t)(child - words));
    }
    /* Nodes stand before entries: what is between moves up, after what is behind. */
    move(fresh + (entry - words) + 2, entry + width, count - width - (size_t)(entry - words));
    move(fresh + (child - words) + 2, child, (size_t)(entry - child));
    copy(fresh + (child - words), (const uint64_t *)&node, 2);
    if (fresh != words) {
        ame__give_node(words, count);
        at->key = (uint64_t)fresh | ame__width_bits(width);
        transient->nodes_made++;
    }
    at->value = (at->value & ~ame__places(0, ame__bit(place))) | ame__places(ame__bit(place), 0);
    transient->nodes_made++;
    return true;
}

/* A copy of its own of a long text. */
static bool copy_text(struct set *set) {
    size_t length = set->entry.words[2] & ~AME__LONG;
    char *text = ame__take_node(ame__words_of_copy(length));
    if (!text)
        return false;
    memcpy(text, (const char *)set->entry.words[0], length + 1);
    set->entry.words[0] = (uint64_t)text;
    return true;
}

/* Where the node has another key at the place, or nothing. */
AME__ALWAYS_INLINE bool add(struct ame_transient *transient, struct ame__cell *at, uint32_t level,
                            struct set *set) {
    uint32_t place = ame__place(set->hash, level);
    bool displaces = ame__entries(*at) & ame__bit(place);
    bool copies = set->width > 2 && ame__is_long(set->entry.words);
    if (copies && !copy_text(set))
        return false;
    if (displaces ? !split_entry(transient, at, level, set)
                  : !add_entry(transient, at, place, set)) {
        if (copies)
            ame__drop_node((void *)set->entry.words[0]);
        return false;
    }
    transient->keys.outside |= copies;
    transient->size++;
    return true;
}

AME__ALWAYS_INLINE bool has_key(const struct ame_transient *transient, const uint64_t *entry,
                                const struct set *set) {
    return set->width <= 2 ? entry[0] == set->entry.words[0]
                           : ame__same_key(transient->keys, entry, set->entry.words);
}

/* The node at `*at` is the base's: replaces it by a copy. False: out of memory. */
AME__ALWAYS_INLINE bool make_own(struct ame_transient *transient, struct ame__cell *at,
                                 uint32_t width) {
    struct ame__cell *shared = ame__cells(*at);
    size_t words = ame__words(at->value, width);
    uint64_t *fresh = ame__take_node(words);
    if (!fresh)
        return false;
    copy(fresh, (const uint64_t *)shared, words);
    at->key = (uint64_t)fresh | ame__width_bits(width);
    transient->nodes_made++;
    ame__note_replaced(&transient->replacing, shared, words);
    return true;
}

/* Sets a key that the base has, in nodes of the base: the one at `*at` and those below. */
AME__ALWAYS_INLINE bool set_in_base(struct ame_transient *transient, struct ame__cell *at,
                                    uint32_t level, const struct set *set) {
    struct ame__cell node = *at;
    uint32_t width = set->width, last = level;
    for (; ame__nodes(node) & ame__bit(ame__place(set->hash, last)); last++) {
        if (last == AME__ROUND_LEVELS - 2)
            return false;
        node = *ame__child(node, ame__place(set->hash, last));
    }
    uint32_t place = ame__place(set->hash, last);
    uint64_t *entry = ame__entry_in(node, place, width);
    if (!(ame__entries(node) & ame__bit(place)) || !has_key(transient, entry, set))
        return false;
    if (entry[width - 1] == set->entry.words[width - 1])
        return true;
    for (; make_own(transient, at, width); level++) {
        if (level == last) {
            ame__entry_in(*at, place, width)[width - 1] = set->entry.words[width - 1];
            return true;
        }
        at = ame__child(*at, ame__place(set->hash, level));
    }
    return false;
}

AME__ALWAYS_INLINE bool set_own(struct ame_transient *transient, struct set *set, bool allocates) {
    uint64_t rest = set->hash;
    struct ame__cell *at = &transient->root, base = transient->base->root;
    for (uint32_t level = 0; level < AME__ROUND_LEVELS - 1; level++, rest >>= AME__LEVEL_BITS) {
        struct ame__cell node = *at;
        uint32_t place = rest & 31, bit = ame__bit(place);
        if (!node.value) /* empty: only the root can be */
            return false;
        if (node.key == base.key)
            return allocates && set_in_base(transient, at, level, set);
        if (!(ame__nodes(node) & bit)) {
            uint64_t *entry = ame__entry_in(node, place, set->width);
            if (!(ame__entries(node) & bit) || !has_key(transient, entry, set))
                return allocates && add(transient, at, level, set);
            entry[set->width - 1] = set->entry.words[set->width - 1];
            return true;
        }
        at = ame__child(node, place);
        /* No node of the base: from here on all are the transient's. */
        base = ame__nodes(base) & bit ? *ame__child(base, place) : (struct ame__cell){0, 0};
    }
    return false;
}

bool ame__set_own_word(struct ame_transient *transient, uint64_t key, uint64_t value,
                       bool allocates) {
    if (!ame__word_keys(transient->keys.type))
        return false;
    struct set set = {{{key, value}}, ame__hash_int((int64_t)key, 0), 2};
    if (!transient->keys.set)
        return set_own(transient, &set, allocates);
    set.width = 1;
    return set_own(transient, &set, allocates);
}

bool ame__set_own_text(struct ame_transient *transient, const char *text, uint64_t value) {
    struct set set = {.width = ame__width_of(&transient->keys)};
    set.hash = ame__text_key(text, set.entry.words);
    set.entry.words[AME__TEXT_WORDS] = value;
    return set_own(transient, &set, true);
}

bool ame__replace_value(const struct ame__path *path, const uint64_t *found, uint64_t value,
                        uint32_t own) {
    if ((uint32_t)path->last >= own)
        return false;
    ((uint64_t *)found)[path->candidates.width - 1] = value;
    return true;
}

void ame__transient_edit(struct ame_transient *transient, const struct ame__edit *edit, int grows) {
    struct ame__cell node = ame__fill(edit);
    if (!edit->first)
        transient->root = node;
    transient->size += (size_t)grows;
    transient->keys.outside |= edit->outside;
    for (uint32_t i = edit->first; i < edit->count; i++)
        transient->nodes_made += edit->fresh[i] != NULL;
}

void *ame__own_outside(const struct ame_transient *transient, const uint64_t *entry) {
    void *outside = ame__outside(transient->keys.type, entry);
    if (!outside || !transient->base->keys.outside)
        return outside;
    const uint64_t *other = ame__find_like(&transient->base->root, transient->keys, entry);
    return other && *other == *entry ? NULL : outside;
}

bool ame__transient_finish(struct ame_transient *transient, bool *shares) {
    const ame_map *base = transient->base;
    *shares = transient->size && base->size;
    if (transient->root.key == base->root.key && transient->root.value == base->root.value)
        return false;
    ame__header_fill(transient->version, *shares ? transient->base : NULL, NULL, transient->keys,
                     transient->size, transient->root);
    if (*shares && !transient->replacing.incomplete) {
        transient->version->replaced = transient->replacing.list;
        transient->replacing.list.nodes = NULL;
    }
    return true;
}

bool ame__transient_end(struct ame_transient *transient) {
    ame__forget_replaced(&transient->replacing); /* empty in a block that has begun it */
    transient->seal = 0;
    transient->ended = true;
    return transient->outside;
}
