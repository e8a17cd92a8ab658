/* hash.h - the hash of keys: XXH3, 64 bits, with a seed of the process.
 *
 * The seed is random, so that nobody who chooses keys can make them collide, and
 * iteration order differs from run to run. AME_HASH_SEED in the environment (a
 * decimal or 0x number) fixes it, for runs that must be the same.
 *
 * Round 1 is another hash of the same key, for keys that agree in round 0. */
#ifndef AME_MAP_HASH_H
#define AME_MAP_HASH_H

#include "map/node.h"

#include <stddef.h>
#include <stdint.h>

ame_pure uint64_t ame__hash_int(int64_t key, uint64_t round);
ame_pure uint64_t ame__hash_typed(const struct ame_key_functions *functions, const void *key,
                                  uint64_t round);

/* The hash of a text that is its own words (node.h), which are mostly in registers. */
ame_pure uint64_t ame__hash_short(uint64_t first, uint64_t second, uint64_t third, uint64_t round);

/* The hash of a longer one given in chunks: `previous` is the round for the first chunk,
 * then the hash so far. `bytes` must be private to the caller, or never change. */
ame_pure uint64_t ame__hash_chunk(const char *bytes, size_t size, uint64_t previous);

#endif
