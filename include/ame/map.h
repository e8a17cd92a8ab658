/* map.h - ame_map: an immutable map with structural sharing.
 *
 * A map is a value: set and remove leave it as it is and return a new version
 * that shares all but one path with the old one. Versions may be read by any
 * number of threads and handed between them by passing the pointer.
 *
 * The structure is a hash array mapped trie (Bagwell, "Ideal Hash Trees", 2001)
 * in the compressed form of Steindorfer and Vinju ("Optimizing Hash-Array Mapped
 * Tries for Fast and Lean Immutable JVM Collections", OOPSLA 2015): five bits of
 * the hash a level, entries and children in separate compact arrays.
 *
 * Keys are int64 or strings, chosen when the map is made; string keys are copied
 * into the map. Values are one pointer-sized word, uninterpreted.
 *
 * Reference counts: every ame_map_* that returns a map gives the caller one
 * reference; ame_map_release gives it back. No function consumes a reference.
 *
 * All functions may be called in blocks and outside; maps and string keys that
 * are given to them must not be NULL, ame_map_release's apart. In a block a lookup
 * records no reads of the map, which never changes: only of the text of a string
 * key that the caller gives, if that is shared. Cost: get, set and remove
 * O(log32 n), and the length of a string key; size O(1).
 *
 * The hash has a random seed in each process; AME_HASH_SEED in the environment
 * (a decimal or 0x number) fixes it, and with it the order of iteration. */
#ifndef AME_MAP_H
#define AME_MAP_H

#include <ame/atomic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

typedef struct ame_map ame_map;

enum ame_key_type { AME_KEY_INT, AME_KEY_STRING };

typedef union ame_key {
    int64_t integer;
    const char *string; /* not NULL, ends with NUL; in a map: owned by the map */
} ame_key;

typedef union ame_value {
    int64_t integer;
    void *pointer;
} ame_value;

/* A new empty map, or NULL when out of memory or `keys` is not a key type. */
ame_safe ame_map *ame_map_new(enum ame_key_type keys);

/* One more reference to `map`; returns `map`. */
ame_safe ame_map *ame_map_retain(ame_map *map);

/* Gives a reference back; the last one frees what no other version shares.
 * NULL is allowed and does nothing. Time: the number of nodes freed. */
ame_safe void ame_map_release(ame_map *map);

/* The number of entries. */
ame_safe size_t ame_map_size(const ame_map *map);

ame_safe enum ame_key_type ame_map_key_type(const ame_map *map);

/* Looks `key` up. Returns true and stores the value (unless `value` is NULL). */
ame_safe bool ame_map_get(const ame_map *map, ame_key key, ame_value *value);

/* A version with `key` set to `value`: `map` itself with one more reference when
 * it has that value already; NULL when out of memory (then nothing has changed). */
ame_safe ame_map *ame_map_set(ame_map *map, ame_key key, ame_value value);

/* A version without `key`: `map` itself with one more reference when the key is
 * absent; NULL when out of memory. */
ame_safe ame_map *ame_map_remove(ame_map *map, ame_key key);

static inline ame_key ame_int_key(int64_t i) {
    return (ame_key){.integer = i};
}
static inline ame_key ame_string_key(const char *s) {
    return (ame_key){.string = s};
}
static inline ame_value ame_int_value(int64_t i) {
    return (ame_value){.integer = i};
}
static inline ame_value ame_pointer_value(void *p) {
    return (ame_value){.pointer = p};
}

/* A walk over the entries of one version, in the version's own stable order.
 * The iterator borrows the map: keep a reference while it is used. It is a
 * plain value, needs no clean-up and may be copied. */
enum { AME_MAP_MAX_DEPTH = 14 }; /* 13 levels of five hash bits, and collisions */
typedef struct ame_map_iterator {
    const void *entry, *entries_end; /* what is left of the present node's entries */
    struct {
        const void *child, *children_end; /* and of the children, on the path to it */
    } path[AME_MAP_MAX_DEPTH];
    int32_t depth;
} ame_map_iterator;

ame_safe void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator);

/* Stores the next entry and returns true, or returns false at the end. `key` and
 * `value` may be NULL. O(1) amortised. */
ame_safe bool ame_map_next(ame_map_iterator *iterator, ame_key *key, ame_value *value);

#pragma GCC visibility pop
#endif
