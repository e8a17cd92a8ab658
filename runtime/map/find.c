#include "map/find.h"
#include "base/compiler.h"
#include "map/hash.h"
#include "map/key.h"
#include "map/spot.h"

#include <stddef.h>
#include <string.h>

static const struct ame__candidates no_candidates;

/* Where no node leads on. */
AME__ALWAYS_INLINE const uint64_t *entry_at(struct ame__cell node, uint32_t place, uint32_t width) {
    return ame__entries(node) & ame__bit(place) ? ame__entry_in(node, place, width) : NULL;
}

static inline struct ame__candidates candidate_at(struct ame__cell node, uint32_t place) {
    uint32_t width = ame__width(node);
    const uint64_t *entry = entry_at(node, place, width);
    return (struct ame__candidates){entry, entry != NULL, width};
}

/* Past the last bit of round 0. */
static AME__NOINLINE struct ame__candidates
walk_on(struct ame__cell node, const struct ame__hashes *hashes, struct ame__path *path) {
    if (!hashes->complete)
        return (struct ame__candidates){.count = AME__NEEDS_ROUND_1};
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
    struct ame__run list = ame__entries_of(node, AME__LIST_LEVEL);
    return (struct ame__candidates){list.words, list.count, list.width};
}

/* All of a node will be copied: its lines come while the walk goes on. */
static inline void fetch(struct ame__cell node) {
    const char *cells = (const char *)ame__cells(node);
    const char *end = cells + ame__words_of_node(node) * sizeof(uint64_t);
    for (const char *line = cells; line < end; line += 64)
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

uint64_t ame__read_value(const uint64_t *entry, enum ame_key_type type) {
    return ame__value(entry, type);
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

static const uint64_t *match_word(struct ame__candidates candidates, uint64_t key) {
    const uint64_t *entry = candidates.entries;
    for (uint32_t i = 0; i < candidates.count; i++, entry += candidates.width)
        if (*entry == key)
            return entry;
    return NULL;
}

static AME__NOINLINE const uint64_t *find_word_further(struct ame__cell root, uint64_t key) {
    struct ame__hashes hashes = {{ame__hash_int((int64_t)key, 0), ame__hash_int((int64_t)key, 1)},
                                 true};
    return match_word(walk(root, &hashes, NULL), key);
}

AME__ALWAYS_INLINE const uint64_t *find_hashed_word(const ame_map *map, uint64_t key, uint64_t hash,
                                                    uint32_t width) {
    struct ame__spot spot = ame__find_spot(map, hash, width);
    if (AME__UNLIKELY(spot.further))
        return find_word_further(map->root, key);
    if (!ame__is_small(map->size)) /* the value is asked for before the key is there */
        return spot.there && AME__LIKELY(*spot.entry == key) ? spot.entry : NULL;
    bool same = spot.there & (*spot.entry == key);
    return same ? spot.entry : NULL;
}

AME__ALWAYS_INLINE const uint64_t *find_word(const ame_map *map, uint64_t key, uint32_t width) {
    return find_hashed_word(map, key, ame__hash_int((int64_t)key, 0), width);
}

const uint64_t *ame__find_word(const ame_map *map, uint64_t key) {
    return find_word(map, key, 2);
}

const uint64_t *ame__find_word_in_set(const ame_map *map, uint64_t key) {
    return find_word(map, key, 1);
}

const uint64_t *ame__find_word_path(const struct ame__cell *root, uint64_t key,
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
static const uint64_t further[1];

/* All go down a level together: the cell that one reads next has been asked for while the others
 * were handled. `entries` are then those at the places of the hashes. */
AME__ALWAYS_INLINE void walk_together(const struct ame__cell *root, const uint64_t *hashes,
                                      uint32_t count, const uint64_t **entries, uint32_t width) {
    const struct ame__cell *cells[AME__TOGETHER];
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
                __builtin_prefetch(cells[i]);
                walking[still++] = i;
            } else {
                entries[i] = entry_at(node, place, width);
                __builtin_prefetch(entries[i]);
                if (width > 2 && entries[i]) /* it may end in the next line */
                    __builtin_prefetch(entries[i] + width - 1);
            }
        }
        walkers = still;
    }
    for (uint32_t w = 0; w < walkers; w++)
        entries[walking[w]] = further;
}

void ame__find_words(const struct ame__cell *root, const uint64_t *keys, uint32_t count,
                     const uint64_t **entries) {
    uint64_t hashes[AME__TOGETHER];
    for (uint32_t i = 0; i < count; i++)
        hashes[i] = ame__hash_int((int64_t)keys[i], 0);
    walk_together(root, hashes, count, entries, 2);
    for (uint32_t i = 0; i < count; i++)
        if (AME__UNLIKELY(entries[i] == further))
            entries[i] = find_word_further(*root, keys[i]);
        else if (entries[i] && *entries[i] != keys[i])
            entries[i] = NULL;
}

/* ---- typed keys ---- */

const uint64_t *ame__find_typed_path(const struct ame__cell *root,
                                     const struct ame_key_functions *functions, const void *key,
                                     struct ame__hashes *hashes, struct ame__path *path) {
    *hashes = (struct ame__hashes){{ame__hash_typed(functions, key, 0)}, false};
    ame__find_path(root, hashes, path);
    if (path->candidates.count == AME__NEEDS_ROUND_1) {
        hashes->round[1] = ame__hash_typed(functions, key, 1);
        hashes->complete = true;
        ame__find_path(root, hashes, path);
    }
    const uint64_t *entry = path->candidates.entries;
    for (uint32_t i = 0; i < path->candidates.count; i++, entry += path->candidates.width)
        if (ame__has_hash(*entry, hashes->round[0]) &&
            functions->equal(ame__typed_key(*entry), key))
            return entry;
    return NULL;
}

const uint64_t *ame__find_typed(const struct ame__cell *root,
                                const struct ame_key_functions *functions, const void *key) {
    struct ame__hashes hashes;
    struct ame__path path;
    return ame__find_typed_path(root, functions, key, &hashes, &path);
}

/* ---- texts, outside blocks ---- */

/* A text that is looked for. */
struct text {
    const char *text;
    size_t length;
    uint64_t words[AME__TEXT_WORDS]; /* of a short one */
};

static inline struct text text_of(const char *characters) {
    struct text text = {.text = characters, .length = strlen(characters)};
    if (text.length <= AME__SHORT)
        ame__short_words(text.words, characters, text.length);
    return text;
}

static AME__NOINLINE uint64_t hash_of_chunks(const char *text, size_t length, uint64_t round) {
    uint64_t hash = round;
    for (size_t offset = 0; offset < length; offset += AME__CHUNK)
        hash = ame__hash_chunk(text + offset, ame__chunk_size(length, offset), hash);
    return hash;
}

static inline uint64_t hash_of_long(const char *text, size_t length, uint64_t round) {
    return AME__LIKELY(length <= AME__CHUNK) ? ame__hash_chunk(text, length, round)
                                             : hash_of_chunks(text, length, round);
}

static inline uint64_t hash_of_text(const struct text *text, uint64_t round) {
    return text->length <= AME__SHORT
               ? ame__hash_short(text->words[0], text->words[1], text->words[2], round)
               : hash_of_long(text->text, text->length, round);
}

static inline bool has_text(const uint64_t *entry, uint64_t hash, const struct text *text) {
    if (text->length <= AME__SHORT)
        return ame__same_words(entry, text->words);
    return ame__may_be_long(entry, hash, text->length) &&
           !memcmp((const char *)entry[0], text->text, text->length);
}

uint64_t ame__text_key(const char *characters, uint64_t key[AME__TEXT_WORDS]) {
    struct text text = text_of(characters);
    uint64_t hash = hash_of_text(&text, 0);
    bool is_short = text.length <= AME__SHORT;
    key[0] = is_short ? text.words[0] : (uint64_t)characters;
    key[1] = is_short ? text.words[1] : hash;
    key[2] = is_short ? text.words[2] : text.length | AME__LONG;
    return hash;
}

static AME__NOINLINE const uint64_t *find_text_further(struct ame__cell root,
                                                       const char *characters) {
    struct text text = text_of(characters);
    struct ame__hashes hashes = {{hash_of_text(&text, 0), hash_of_text(&text, 1)}, true};
    struct ame__candidates candidates = walk(root, &hashes, NULL);
    const uint64_t *entry = candidates.entries;
    for (uint32_t i = 0; i < candidates.count; i++, entry += candidates.width)
        if (has_text(entry, hashes.round[0], &text))
            return entry;
    return NULL;
}

AME__ALWAYS_INLINE const uint64_t *find_this(const ame_map *map, const struct text *text,
                                             uint32_t width) {
    uint64_t hash = hash_of_text(text, 0);
    struct ame__spot spot = ame__find_spot(map, hash, width);
    if (AME__UNLIKELY(spot.further))
        return find_text_further(map->root, text->text);
    if (!ame__is_small(map->size))
        return spot.there && has_text(spot.entry, hash, text) ? spot.entry : NULL;
    bool same = spot.there & has_text(spot.entry, hash, text);
    return same ? spot.entry : NULL;
}

static AME__NOINLINE const uint64_t *find_long(const ame_map *map, const char *characters,
                                               size_t length) {
    struct text text = {.text = characters, .length = length};
    return map->keys.set ? find_this(map, &text, AME__TEXT_WORDS)
                         : find_this(map, &text, AME__TEXT_WORDS + 1);
}

/* Functions of their own, so that each saves no more registers than it needs. */
AME__ALWAYS_INLINE const uint64_t *find_text(const ame_map *map, const char *characters,
                                             uint32_t width) {
    struct text text = {.text = characters, .length = strlen(characters)};
    if (text.length > AME__SHORT)
        return find_long(map, characters, text.length);
    ame__short_words(text.words, characters, text.length);
    return find_this(map, &text, width);
}

const uint64_t *ame__find_text(const ame_map *map, const char *text) {
    return find_text(map, text, AME__TEXT_WORDS + 1);
}

const uint64_t *ame__find_text_in_set(const ame_map *map, const char *text) {
    return find_text(map, text, AME__TEXT_WORDS);
}

/* Long texts are one more step that all take together. */
void ame__find_texts(const struct ame__cell *root, const ame_key *keys, uint32_t count,
                     const uint64_t **entries) {
    enum { LINE = 64 };
    uint64_t hashes[AME__TOGETHER];
    struct text texts[AME__TOGETHER];
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = text_of(keys[i].string);
        hashes[i] = hash_of_text(&texts[i], 0);
    }
    walk_together(root, hashes, count, entries, AME__TEXT_WORDS + 1);
    for (uint32_t i = 0; i < count; i++)
        if (texts[i].length > AME__SHORT && entries[i] && entries[i] != further &&
            ame__may_be_long(entries[i], hashes[i], texts[i].length)) {
            __builtin_prefetch((const char *)entries[i][0]);
            __builtin_prefetch((const char *)entries[i][0] + LINE);
        }
    for (uint32_t i = 0; i < count; i++)
        if (AME__UNLIKELY(entries[i] == further))
            entries[i] = find_text_further(*root, texts[i].text);
        else if (entries[i] && !has_text(entries[i], hashes[i], &texts[i]))
            entries[i] = NULL;
}

/* ---- keys in entries ---- */

uint64_t ame__hash_of(struct ame__keys keys, const uint64_t *key, uint64_t round) {
    if (keys.type == AME_KEY_TYPED)
        return round ? ame__hash_typed(keys.functions, ame__typed_key(*key), round)
                     : ame__box_of(*key)->hash;
    if (keys.type != AME_KEY_STRING)
        return ame__hash_int((int64_t)*key, round);
    if (!ame__is_long(key))
        return ame__hash_short(key[0], key[1], key[2], round);
    return round ? hash_of_long((const char *)key[0], key[2] & ~AME__LONG, round) : key[1];
}

static inline bool same_text(const uint64_t *one, const uint64_t *other) {
    return ame__same_words(one, other) ||
           (ame__is_long(one) && ame__may_be_long(other, one[1], one[2] & ~AME__LONG) &&
            !memcmp((const char *)one[0], (const char *)other[0], one[2] & ~AME__LONG));
}

bool ame__same_key(struct ame__keys keys, const uint64_t *one, const uint64_t *other) {
    bool same = one[0] == other[0];
    if (keys.type == AME_KEY_STRING)
        return same_text(one, other);
    if (same || keys.type != AME_KEY_TYPED)
        return same;
    uint64_t hash = ame__box_of(*one)->hash;
    return ame__has_hash(*other, hash) &&
           keys.functions->equal(ame__typed_key(*one), ame__typed_key(*other));
}

const uint64_t *ame__find_like(const struct ame__cell *root, struct ame__keys keys,
                               const uint64_t *key) {
    struct ame__hashes hashes = {{ame__hash_of(keys, key, 0)}, false};
    struct ame__candidates candidates = walk(*root, &hashes, NULL);
    if (candidates.count == AME__NEEDS_ROUND_1) {
        hashes.round[1] = ame__hash_of(keys, key, 1);
        hashes.complete = true;
        candidates = walk(*root, &hashes, NULL);
    }
    const uint64_t *entry = candidates.entries;
    for (uint32_t i = 0; i < candidates.count; i++, entry += candidates.width)
        if (ame__same_key(keys, entry, key))
            return entry;
    return NULL;
}

/* ---- keys that are hashed before the map is known ---- */

uint64_t ame__key_to_find(enum ame_key_type type, ame_key key, uint64_t words[AME__TEXT_WORDS]) {
    if (type == AME_KEY_STRING)
        return ame__text_key(key.string, words);
    words[0] = (uint64_t)key.integer;
    return ame__hash_int(key.integer, 0);
}

static const uint64_t *find_hashed_text(const ame_map *map, const uint64_t *key, uint64_t hash) {
    struct ame__spot spot = ame__find_spot(map, hash, AME__TEXT_WORDS + 1);
    if (AME__UNLIKELY(spot.further))
        return ame__find_like(&map->root, map->keys, key);
    return spot.there && same_text(key, spot.entry) ? spot.entry : NULL;
}

const uint64_t *ame__find_hashed(const ame_map *map, const uint64_t *key, uint64_t hash) {
    return map->keys.type == AME_KEY_STRING ? find_hashed_text(map, key, hash)
                                            : find_hashed_word(map, *key, hash, 2);
}
