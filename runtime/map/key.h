/* key.h - string keys that the caller gives: read, hashed, compared, copied.
 *
 * In a block the caller's text may be shared memory, which only instrumented code
 * may read; hashing and comparing are pure code, which must not see it. So the
 * text is copied to private memory first, a chunk at a time: any length works and
 * nothing is allocated, which leaves a lookup with no way to fail.
 *
 * What reads the caller's text is always in line, in functions that have the probe
 * as a local: so the plugin knows it for memory of the frame, and reading it back
 * needs no barrier. */
#ifndef AME_MAP_KEY_H
#define AME_MAP_KEY_H

#include "map/find.h"
#include "map/hash.h"

#include <stdlib.h>
#include <string.h>

#define AME__ALWAYS_INLINE static inline __attribute__((always_inline))

enum { AME__CHUNK = 240 }; /* the longest input of XXH3 that needs no set-up */

struct ame__probe {
    const char *text; /* the caller's */
    size_t length;
    uint64_t hash;
    char first_chunk[AME__CHUNK]; /* private copy; all of the text if it fits */
};

/* The next of the candidates after `previous` (NULL: the first) whose key has the
 * probe's hash, length and first chunk; or NULL. */
ame_pure const struct ame__slot *ame__match_start(struct ame__candidates candidates,
                                                  const struct ame__slot *previous,
                                                  const struct ame__probe *probe);

/* Whether the slot's key has these bytes at `offset`. */
ame_pure bool ame__same_chunk(const struct ame__slot *slot, size_t offset, const char *chunk,
                              size_t size);

AME__ALWAYS_INLINE size_t ame__chunk_size(size_t length, size_t offset) {
    return length - offset < AME__CHUNK ? length - offset : AME__CHUNK;
}

AME__ALWAYS_INLINE void ame__probe_text(struct ame__probe *probe, const char *text) {
    size_t length = strlen(text);
    size_t size = ame__chunk_size(length, 0);
    memcpy(probe->first_chunk, text, size);
    uint64_t hash = ame__hash_chunk(probe->first_chunk, size, 0);
    for (size_t offset = AME__CHUNK; offset < length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size = ame__chunk_size(length, offset);
        memcpy(chunk, text + offset, size);
        hash = ame__hash_chunk(chunk, size, hash);
    }
    probe->text = text;
    probe->length = length;
    probe->hash = hash;
}

/* Compares what follows the first chunk. */
AME__ALWAYS_INLINE bool ame__same_rest(const struct ame__probe *probe,
                                       const struct ame__slot *slot) {
    for (size_t offset = AME__CHUNK; offset < probe->length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(probe->length, offset);
        memcpy(chunk, probe->text + offset, size);
        if (!ame__same_chunk(slot, offset, chunk, size))
            return false;
    }
    return true;
}

/* The candidate with the probe's key, or NULL. */
AME__ALWAYS_INLINE const struct ame__slot *ame__match_text(struct ame__candidates candidates,
                                                           const struct ame__probe *probe) {
    const struct ame__slot *slot = ame__match_start(candidates, NULL, probe);
    while (slot && !ame__same_rest(probe, slot))
        slot = ame__match_start(candidates, slot, probe);
    return slot;
}

/* A key of its own with the probe's text and one reference; NULL: out of memory. */
AME__ALWAYS_INLINE struct ame__text_key *ame__text_key_new(const struct ame__probe *probe) {
    struct ame__text_key *key = malloc(sizeof *key + probe->length + 1);
    if (!key)
        return NULL;
    ame_ref_init(&key->references);
    key->hash = probe->hash;
    key->length = probe->length;
    memcpy(key->text, probe->text, probe->length);
    key->text[probe->length] = 0;
    return key;
}

#endif
