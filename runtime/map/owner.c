/* owner.c - what a transient owns: the pure part of transient.c. */
#include "base/compiler.h"
#include "base/diag.h"
#include "map/hash.h"
#include "map/part.h"
#include "map/transient.h"

#include <stddef.h>

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

bool ame__replace_own_value(const struct ame_transient *transient, uint64_t key, uint64_t value) {
    if (!ame__word_keys(transient->keys.type) || transient->keys.set)
        return false;
    uint64_t rest = ame__hash_int((int64_t)key, 0);
    struct ame__cell node = transient->root, base = transient->base->root;
    for (uint32_t level = 0; level < AME__ROUND_LEVELS; level++, rest >>= AME__LEVEL_BITS) {
        uint32_t bit = ame__bit(rest & 31);
        if (node.key == base.key)
            return false;
        if (!(ame__nodes(node) & bit)) {
            if (!(ame__entries(node) & bit))
                return false;
            uint64_t *entry = ame__entry_in(node, rest & 31, 2);
            if (entry[0] != key)
                return false;
            entry[1] = value;
            return true;
        }
        node = *ame__child(node, rest & 31);
        /* No node of the base: from here on all are the transient's. */
        base = ame__nodes(base) & bit ? *ame__child(base, rest & 31) : (struct ame__cell){0, 0};
    }
    return false;
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
