#include "map/find.h"
#include "base/compiler.h"
#include "map/hash.h"
#include "map/key.h"

#include <stddef.h>
#include <string.h>

static const struct ame__candidates no_candidates = {NULL, 0};

/* Where no node leads on. */
AME__ALWAYS_INLINE const struct ame__cell *entry_at(struct ame__cell node, uint32_t place,
                                                    bool in_set) {
    return ame__entries(node) & ame__bit(place) ? ame__entry_in(node, place, in_set) : NULL;
}

static inline struct ame__candidates candidate_at(struct ame__cell node, uint32_t place) {
    const struct ame__cell *cell = entry_at(node, place, ame__in_set(node));
    return (struct ame__candidates){cell, cell != NULL};
}

/* Where only the entry at the place of a hash matters, or NULL. False: the way goes on past the
 * last bit of round 0. */
AME__ALWAYS_INLINE bool find_entry(const struct ame__cell *root, uint64_t hash, bool in_set,
                                   const struct ame__cell **entry) {
    struct ame__cell node = *root;
    for (uint32_t level = 0; level < AME__ROUND_LEVELS; level++, hash >>= AME__LEVEL_BITS) {
        uint32_t place = hash & 31;
        if (!(ame__nodes(node) & ame__bit(place))) {
            *entry = entry_at(node, place, in_set);
            return true;
        }
        node = *ame__child(node, place);
    }
    return false;
}

/* Past the last bit of round 0. */
static AME__NOINLINE struct ame__candidates
walk_on(struct ame__cell node, const struct ame__hashes *hashes, struct ame__path *path) {
    if (!hashes->complete)
        return (struct ame__candidates){NULL, AME__NEEDS_ROUND_1};
    for (uint32_t level = AME__ROUND_LEVELS; level < AME__LIST_LEVEL; level++) {
        if (path)
            path->nodes[++path->last] = node;
        uint32_t place = ame__place_of(hashes, level);
        if (!(ame__nodes(node) & ame__bit(place)))
            return candidate_at(node, place);
        node = *ame__child(node, place);
    }
    if (path)
        path->nodes[++path->last] = node;
    return (struct ame__candidates){ame__cells(node), node.value};
}

/* All of a node will be copied, and then freed, which needs what malloc keeps in front of it:
 * its lines come while the walk goes on. */
static inline void fetch(struct ame__cell node) {
    const char *cells = (const char *)ame__cells(node);
    const char *end = cells + ame__words(node.value, ame__in_set(node)) * sizeof(uint64_t);
    for (const char *line = cells - sizeof(size_t); line < end; line += 64)
        __builtin_prefetch(line);
    __builtin_prefetch(end - 1);
}

/* `path` is NULL where only the candidates matter. */
static inline struct ame__candidates walk(struct ame__cell node, const struct ame__hashes *hashes,
                                          struct ame__path *path) {
    if (!node.value)
        return no_candidates;
    uint64_t rest = hashes->round[0];
    for (uint32_t level = 0; level < AME__ROUND_LEVELS; level++, rest >>= AME__LEVEL_BITS) {
        if (path) {
            path->nodes[++path->last] = node;
            if (level > 1)
                fetch(node);
        }
        uint32_t place = rest & 31;
        if (!(ame__nodes(node) & ame__bit(place)))
            return candidate_at(node, place);
        node = *ame__child(node, place);
    }
    return walk_on(node, hashes, path);
}

struct ame__cell ame__read_cell(const struct ame__cell *cell) {
    return *cell;
}

uint64_t ame__read_key(const struct ame__cell *cell) {
    return cell->key;
}

struct ame__candidates ame__find(const struct ame__cell *root, const struct ame__hashes *hashes) {
    return walk(*root, hashes, NULL);
}

void ame__find_path(const struct ame__cell *root, const struct ame__hashes *hashes,
                    struct ame__path *path) {
    path->last = -1;
    path->candidates = walk(*root, hashes, path);
}

/* ---- keys of one word ---- */

static const struct ame__cell *match_word(struct ame__candidates candidates, uint64_t key) {
    for (uint64_t i = 0; i < candidates.count; i++)
        if (candidates.cells[i].key == key)
            return &candidates.cells[i];
    return NULL;
}

static AME__NOINLINE const struct ame__cell *find_word_further(struct ame__cell root,
                                                               uint64_t key) {
    struct ame__hashes hashes = {{ame__hash_int((int64_t)key, 0), ame__hash_int((int64_t)key, 1)},
                                 true};
    return match_word(walk(root, &hashes, NULL), key);
}

AME__ALWAYS_INLINE const struct ame__cell *find_word(const struct ame__cell *root, uint64_t key,
                                                     bool in_set) {
    const struct ame__cell *cell;
    if (AME__UNLIKELY(!find_entry(root, ame__hash_int((int64_t)key, 0), in_set, &cell)))
        return find_word_further(*root, key);
    return cell && cell->key == key ? cell : NULL;
}

const struct ame__cell *ame__find_word(const struct ame__cell *root, uint64_t key) {
    return find_word(root, key, false);
}

const struct ame__cell *ame__find_word_in_set(const struct ame__cell *root, uint64_t key) {
    return find_word(root, key, true);
}

const struct ame__cell *ame__find_word_path(const struct ame__cell *root, uint64_t key,
                                            struct ame__hashes *hashes, struct ame__path *path) {
    *hashes = (struct ame__hashes){{ame__hash_int((int64_t)key, 0)}, false};
    ame__find_path(root, hashes, path);
    if (AME__UNLIKELY(path->candidates.count == AME__NEEDS_ROUND_1)) {
        hashes->round[1] = ame__hash_int((int64_t)key, 1);
        hashes->complete = true;
        ame__find_path(root, hashes, path);
    }
    return match_word(path->candidates, key);
}

/* ---- many keys at once ---- */

/* For keys whose way goes on past the last bit of round 0. */
static const struct ame__cell further;

/* All go down a level together: the cell that one reads next has been asked for while the others
 * were handled. `cells` are then the entries at the places of the hashes. */
static void walk_together(const struct ame__cell *root, const uint64_t *hashes, uint32_t count,
                          const struct ame__cell **cells) {
    uint32_t walking[AME__TOGETHER], walkers = count;
    for (uint32_t i = 0; i < count; i++) {
        cells[i] = root;
        walking[i] = i;
    }
    for (uint32_t level = 0; walkers && level < AME__ROUND_LEVELS; level++) {
        uint32_t still = 0;
        for (uint32_t w = 0; w < walkers; w++) {
            uint32_t i = walking[w], place = ame__place(hashes[i], level);
            struct ame__cell node = *cells[i];
            if (ame__nodes(node) & ame__bit(place)) {
                cells[i] = ame__child(node, place);
                walking[still++] = i;
            } else {
                cells[i] = entry_at(node, place, false);
            }
            __builtin_prefetch(cells[i]);
        }
        walkers = still;
    }
    for (uint32_t w = 0; w < walkers; w++)
        cells[walking[w]] = &further;
}

void ame__find_words(const struct ame__cell *root, const uint64_t *keys, uint32_t count,
                     const struct ame__cell **cells) {
    uint64_t hashes[AME__TOGETHER];
    for (uint32_t i = 0; i < count; i++)
        hashes[i] = ame__hash_int((int64_t)keys[i], 0);
    walk_together(root, hashes, count, cells);
    for (uint32_t i = 0; i < count; i++)
        if (AME__UNLIKELY(cells[i] == &further))
            cells[i] = find_word_further(*root, keys[i]);
        else if (cells[i] && cells[i]->key != keys[i])
            cells[i] = NULL;
}

/* ---- typed keys ---- */

const struct ame__cell *ame__find_typed_path(const struct ame__cell *root,
                                             const struct ame_key_functions *functions,
                                             const void *key, struct ame__hashes *hashes,
                                             struct ame__path *path) {
    *hashes = (struct ame__hashes){{ame__hash_typed(functions, key, 0)}, false};
    ame__find_path(root, hashes, path);
    if (path->candidates.count == AME__NEEDS_ROUND_1) {
        hashes->round[1] = ame__hash_typed(functions, key, 1);
        hashes->complete = true;
        ame__find_path(root, hashes, path);
    }
    for (uint64_t i = 0; i < path->candidates.count; i++) {
        const struct ame__cell *cell = &path->candidates.cells[i];
        if (ame__may_be(cell->key, hashes->round[0]) &&
            functions->equal(ame__typed_key(cell->key), key))
            return cell;
    }
    return NULL;
}

const struct ame__cell *ame__find_typed(const struct ame__cell *root,
                                        const struct ame_key_functions *functions,
                                        const void *key) {
    struct ame__hashes hashes;
    struct ame__path path;
    return ame__find_typed_path(root, functions, key, &hashes, &path);
}

/* ---- texts, outside blocks ---- */

static uint64_t hash_of_text(const char *text, size_t length, uint64_t round) {
    uint64_t hash = round;
    size_t offset = 0;
    do {
        hash = ame__hash_chunk(text + offset, ame__chunk_size(length, offset), hash);
        offset += AME__CHUNK;
    } while (offset < length);
    return hash;
}

static bool has_text(const struct ame__cell *cell, uint64_t hash, const char *text, size_t length) {
    const struct ame__box *box = ame__may_be(cell->key, hash);
    return box && box->length == length && !memcmp(box->content, text, length);
}

static AME__NOINLINE const struct ame__cell *find_text_further(struct ame__cell root,
                                                               const char *text, size_t length) {
    struct ame__hashes hashes = {{hash_of_text(text, length, 0), hash_of_text(text, length, 1)},
                                 true};
    struct ame__candidates candidates = walk(root, &hashes, NULL);
    for (uint64_t i = 0; i < candidates.count; i++)
        if (has_text(&candidates.cells[i], hashes.round[0], text, length))
            return &candidates.cells[i];
    return NULL;
}

const struct ame__cell *ame__find_text(const struct ame__cell *root, const char *text) {
    size_t length = strlen(text);
    uint64_t hash = hash_of_text(text, length, 0);
    const struct ame__cell *cell;
    if (AME__UNLIKELY(!find_entry(root, hash, ame__in_set(*root), &cell)))
        return find_text_further(*root, text, length);
    return cell && has_text(cell, hash, text, length) ? cell : NULL;
}

/* The boxes are one more step that all take together. */
void ame__find_texts(const struct ame__cell *root, const ame_key *keys, uint32_t count,
                     const struct ame__cell **cells) {
    enum { LINE = 64 };
    uint64_t hashes[AME__TOGETHER];
    size_t lengths[AME__TOGETHER];
    for (uint32_t i = 0; i < count; i++) {
        lengths[i] = strlen(keys[i].string);
        hashes[i] = hash_of_text(keys[i].string, lengths[i], 0);
    }
    walk_together(root, hashes, count, cells);
    for (uint32_t i = 0; i < count; i++)
        if (cells[i] && cells[i] != &further && (cells[i]->key & AME__TAG) == ame__tag(hashes[i])) {
            __builtin_prefetch(ame__box_of(cells[i]->key));
            __builtin_prefetch((const char *)ame__box_of(cells[i]->key) + LINE);
        }
    for (uint32_t i = 0; i < count; i++)
        if (AME__UNLIKELY(cells[i] == &further))
            cells[i] = find_text_further(*root, keys[i].string, lengths[i]);
        else if (cells[i] && !has_text(cells[i], hashes[i], keys[i].string, lengths[i]))
            cells[i] = NULL;
}

/* ---- keys in cells ---- */

uint64_t ame__hash_of(struct ame__keys keys, uint64_t key, uint64_t round) {
    if (!ame__boxed(keys.type))
        return ame__hash_int((int64_t)key, round);
    if (round == 0)
        return ame__box_of(key)->hash;
    if (keys.type == AME_KEY_TYPED)
        return ame__hash_typed(keys.functions, ame__typed_key(key), round);
    return hash_of_text(ame__text_of(key), ame__box_of(key)->length, round);
}

bool ame__same_key(struct ame__keys keys, uint64_t one, uint64_t other) {
    if (one == other || !ame__boxed(keys.type))
        return one == other;
    if ((one ^ other) & AME__TAG)
        return false;
    const struct ame__box *a = ame__box_of(one), *b = ame__box_of(other);
    if (a->hash != b->hash || a->length != b->length)
        return false;
    if (keys.type == AME_KEY_TYPED)
        return keys.functions->equal(ame__typed_key(one), ame__typed_key(other));
    return !memcmp(a->content, b->content, a->length);
}

const struct ame__cell *ame__find_like(const struct ame__cell *root, struct ame__keys keys,
                                       uint64_t key) {
    struct ame__hashes hashes = {{ame__hash_of(keys, key, 0)}, false};
    struct ame__candidates candidates = walk(*root, &hashes, NULL);
    if (candidates.count == AME__NEEDS_ROUND_1) {
        hashes.round[1] = ame__hash_of(keys, key, 1);
        hashes.complete = true;
        candidates = walk(*root, &hashes, NULL);
    }
    for (uint64_t i = 0; i < candidates.count; i++)
        if (ame__same_key(keys, candidates.cells[i].key, key))
            return &candidates.cells[i];
    return NULL;
}
