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

enum { AME__CHUNK = 240 }; /* the longest input of XXH3 that needs no set-up */

struct ame__probe {
    const char *text; /* the caller's */
    size_t length;
    struct ame__hashes hashes;
    char first_chunk[AME__CHUNK]; /* private copy; all of the text if it fits */
};

/* The next of the candidates after `previous` (NULL: the first) whose key has the
 * probe's hash, length and first chunk; or NULL. */
ame_pure const struct ame__cell *ame__match_start(struct ame__candidates candidates,
                                                  const struct ame__cell *previous,
                                                  const struct ame__probe *probe);

/* Whether the cell's key has these bytes at `offset`. */
ame_pure bool ame__same_chunk(const struct ame__cell *cell, size_t offset, const char *chunk,
                              size_t size);

/* Writes the box of a key, of which `text` is the first chunk; returns the key. */
ame_pure uint64_t ame__box_fill(struct ame__box *box, uint64_t hash, size_t length,
                                const char *text);

/* Adds a later chunk, or the NUL at the end. */
ame_pure void ame__box_add(uint64_t key, size_t offset, const char *chunk, size_t size);

AME__ALWAYS_INLINE size_t ame__chunk_size(size_t length, size_t offset) {
    return length - offset < AME__CHUNK ? length - offset : AME__CHUNK;
}

/* One round of the hash of the caller's text; the first chunk has been copied. */
AME__ALWAYS_INLINE uint64_t ame__hash_probe(const struct ame__probe *probe, uint64_t round) {
    size_t length = probe->length;
    uint64_t hash = ame__hash_chunk(probe->first_chunk, ame__chunk_size(length, 0), round);
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
AME__ALWAYS_INLINE bool ame__same_rest(const struct ame__probe *probe,
                                       const struct ame__cell *cell) {
    for (size_t offset = AME__CHUNK; offset < probe->length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(probe->length, offset);
        memcpy(chunk, probe->text + offset, size);
        if (!ame__same_chunk(cell, offset, chunk, size))
            return false;
    }
    return true;
}

/* The candidate with the probe's key, or NULL. */
AME__ALWAYS_INLINE const struct ame__cell *ame__match_text(struct ame__candidates candidates,
                                                           const struct ame__probe *probe) {
    const struct ame__cell *cell = ame__match_start(candidates, NULL, probe);
    while (cell && !ame__same_rest(probe, cell))
        cell = ame__match_start(candidates, cell, probe);
    return cell;
}

/* What ame__find_text is in a block. */
AME__ALWAYS_INLINE const struct ame__cell *ame__find_copied_text(const struct ame__cell *root,
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

/* A key of its own with the probe's text; 0: out of memory. */
AME__ALWAYS_INLINE uint64_t ame__text_key_new(const struct ame__probe *probe) {
    size_t length = probe->length;
    struct ame__box *box = malloc(sizeof *box + length + 1);
    if (!box)
        return 0;
    uint64_t key = ame__box_fill(box, probe->hashes.round[0], length, probe->first_chunk);
    for (size_t offset = AME__CHUNK; offset < length; offset += AME__CHUNK) {
        char chunk[AME__CHUNK];
        size_t size = ame__chunk_size(length, offset);
        memcpy(chunk, probe->text + offset, size);
        ame__box_add(key, offset, chunk, size);
    }
    ame__box_add(key, length, "", 1);
    return key;
}

#endif
