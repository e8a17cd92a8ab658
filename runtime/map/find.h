/* find.h - the walk from the root to where a hash belongs. */
#ifndef AME_MAP_FIND_H
#define AME_MAP_FIND_H

#include "map/node.h"

/* Both rounds of a key's hash; the second is computed only if it is needed. */
struct ame__hashes {
    uint64_t round[AME__ROUNDS];
    bool complete; /* round 1 is there */
};

/* The entries that may hold a key with the hash that was looked for: none, the one
 * at its place, or those of a list. The caller compares keys. */
struct ame__candidates {
    const uint64_t *entries;
    uint32_t count; /* or AME__NEEDS_ROUND_1: complete the hashes and walk again */
    uint32_t width;
};

#define AME__NEEDS_ROUND_1 UINT32_MAX

/* The nodes from the root to the end of the walk. */
struct ame__path {
    struct ame__cell nodes[AME_MAP_MAX_DEPTH];
    int32_t last; /* index of the last node; -1: the map is empty */
    struct ame__candidates candidates;
};

static inline uint32_t ame__place_of(const struct ame__hashes *hashes, uint32_t level) {
    return ame__place(hashes->round[level >= AME__ROUND_LEVELS], level);
}

/* For instrumented code, in which an entry of a transient is no immutable memory. */
ame_pure uint64_t ame__read_value(const uint64_t *entry, enum ame_key_type type);

ame_pure struct ame__candidates ame__find(const struct ame__cell *root,
                                          const struct ame__hashes *hashes);
ame_pure void ame__find_path(const struct ame__cell *root, const struct ame__hashes *hashes,
                             struct ame__path *path);

/* For keys of one word. The entry with the key, or NULL. */
ame_pure const uint64_t *ame__find_word(const ame_map *map, uint64_t key);
ame_pure const uint64_t *ame__find_word_in_set(const ame_map *map, uint64_t key);

/* For `count` keys of a map at once, which overlaps their cache misses. */
enum { AME__TOGETHER = 32 };
ame_pure void ame__find_words(const struct ame__cell *root, const uint64_t *keys, uint32_t count,
                              const uint64_t **entries);

/* The entry with a text as its key, or NULL. Outside blocks: see map.c. */
ame_safe const uint64_t *ame__find_text(const ame_map *map, const char *text);
ame_safe const uint64_t *ame__find_text_in_set(const ame_map *map, const char *text);

/* An entry's key with a text, of which a longer one is not copied. Returns round 0 of its hash.
 * Outside blocks. */
uint64_t ame__text_key(const char *text, uint64_t key[AME__TEXT_WORDS]);

/* A key as in an entry, for ame__find_hashed; of a long text it has the caller's bytes. Not of a
 * user's type. Returns round 0 of its hash. Outside blocks, though blocks have a call of it. */
ame_pure uint64_t ame__key_to_find(enum ame_key_type type, ame_key key,
                                   uint64_t words[AME__TEXT_WORDS]);

/* The entry with such a key, or NULL. */
ame_pure const uint64_t *ame__find_hashed(const ame_map *map, const uint64_t *key, uint64_t hash);

/* For `count` texts of a map at once, outside blocks. */
ame_safe void ame__find_texts(const struct ame__cell *root, const ame_key *keys, uint32_t count,
                              const uint64_t **entries);

/* The entry with a typed key, or NULL. */
ame_pure const uint64_t *ame__find_typed(const struct ame__cell *root,
                                         const struct ame_key_functions *functions,
                                         const void *key);

/* The walk to a key of one word, or typed. Completes the hashes if need be. Returns the
 * entry with the key, or NULL. */
ame_pure const uint64_t *ame__find_word_path(const struct ame__cell *root, uint64_t key,
                                             struct ame__hashes *hashes, struct ame__path *path);
ame_pure const uint64_t *ame__find_typed_path(const struct ame__cell *root,
                                              const struct ame_key_functions *functions,
                                              const void *key, struct ame__hashes *hashes,
                                              struct ame__path *path);

/* The entry with the same key as one of another map, or NULL. */
ame_pure const uint64_t *ame__find_like(const struct ame__cell *root, struct ame__keys keys,
                                        const uint64_t *key);

/* One round of the hash of an entry's key. */
ame_pure uint64_t ame__hash_of(struct ame__keys keys, const uint64_t *key, uint64_t round);

/* Whether two entries have the same key. */
ame_pure bool ame__same_key(struct ame__keys keys, const uint64_t *one, const uint64_t *other);

#endif
