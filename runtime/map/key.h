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

#include <string.h>

enum { AME__CHUNK = 240 }; /* the longest input of XXH3 that needs no set-up */

struct ame__probe {
    const char *text; /* the caller's */
    size_t length;
    struct ame__hashes hashes;
    uint64_t words[AME__TEXT_WORDS]; /* of a short text */
    char first_chunk[AME__CHUNK];    /* private copy; all of the text if it fits */
};

/* Fills in the words of a short text; returns one round of its hash. */
ame_pure uint64_t ame__hash_first_chunk(struct ame__probe *probe, uint64_t round);

/* The next of the candidates after `previous` (NULL: the first) whose key has the
 * probe's hash, length and first chunk; or NULL. */
ame_pure const uint64_t *ame__match_start(struct ame__candidates candidates,
                                          const uint64_t *previous, const struct ame__probe *probe);

/* Whether the entry's text, which is long, has these bytes at `offset`. */
ame_pure bool ame__same_chunk(const uint64_t *entry, size_t offset, const char *chunk, size_t size);

/* Write an entry's key: a short text, and a long one of which `copy` is the copy, so far without
 * what is behind the first chunk. */
ame_pure void ame__short_key_fill(struct ame__entry *entry, const struct ame__probe *probe);
ame_pure void ame__long_key_fill(struct ame__entry *entry, const struct ame__probe *probe,
                                 char *copy);

/* Adds a later chunk to the copy, or the NUL at the end. */
ame_pure void ame__copy_add(char *copy, size_t offset, const char *chunk, size_t size);

AME__ALWAYS_INLINE size_t ame__chunk_size(size_t length, size_t offset) {
    return length - offset < AME__CHUNK ? length - offset : AME__CHUNK;
}

/* One round of the hash of the caller's text; the first chunk has been copied. */
AME__ALWAYS_INLINE uint64_t ame__hash_probe(struct ame__probe *probe, uint64_t round) {
    size_t length = probe->length;
    uint64_t hash = ame__hash_first_chunk(probe, round);
    for (size_t offset = AME__CHUNK; offset < length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(length, offset);
        memcpy(chunk, probe->text + offset, size);
        hash = ame__hash_chunk(chunk, size, hash);
    }
    return hash;
}

AME__ALWAYS_INLINE void ame__probe_text(struct ame__probe *probe, const char *text) {
    size_t length = strlen(text);
    memcpy(probe->first_chunk, text, ame__chunk_size(length, 0));
    probe->text = text;
    probe->length = length;
    probe->hashes.round[0] = ame__hash_probe(probe, 0);
    probe->hashes.complete = false;
}

AME__ALWAYS_INLINE void ame__probe_complete(struct ame__probe *probe) {
    probe->hashes.round[1] = ame__hash_probe(probe, 1);
    probe->hashes.complete = true;
}

/* Compares what follows the first chunk. */
AME__ALWAYS_INLINE bool ame__same_rest(const struct ame__probe *probe, const uint64_t *entry) {
    for (size_t offset = AME__CHUNK; offset < probe->length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(probe->length, offset);
        memcpy(chunk, probe->text + offset, size);
        if (!ame__same_chunk(entry, offset, chunk, size))
            return false;
    }
    return true;
}

/* The candidate with the probe's key, or NULL. */
AME__ALWAYS_INLINE const uint64_t *ame__match_text(struct ame__candidates candidates,
                                                   const struct ame__probe *probe) {
    const uint64_t *entry = ame__match_start(candidates, NULL, probe);
    while (entry && !ame__same_rest(probe, entry))
        entry = ame__match_start(candidates, entry, probe);
    return entry;
}

/* What ame__find_text is in a block. */
AME__ALWAYS_INLINE const uint64_t *ame__find_copied_text(const struct ame__cell *root,
                                                         const char *text) {
    struct ame__probe probe;
    ame__probe_text(&probe, text);
    struct ame__candidates candidates = ame__find(root, &probe.hashes);
    if (candidates.count == AME__NEEDS_ROUND_1) {
        ame__probe_complete(&probe);
        candidates = ame__find(root, &probe.hashes);
    }
    return ame__match_text(candidates, &probe);
}

/* An entry's key with the probe's text. False: out of memory. */
AME__ALWAYS_INLINE bool ame__text_key_new(const struct ame__probe *probe,
                                          struct ame__entry *entry) {
    size_t length = probe->length;
    if (length <= AME__SHORT) {
        ame__short_key_fill(entry, probe);
        return true;
    }
    char *copy = ame__take_node(ame__words_of_copy(length));
    if (!copy)
        return false;
    ame__long_key_fill(entry, probe, copy);
    for (size_t offset = AME__CHUNK; offset < length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(length, offset);
        memcpy(chunk, probe->text + offset, size);
        ame__copy_add(copy, offset, chunk, size);
    }
    ame__copy_add(copy, length, "", 1);
    return true;
}

#endif
