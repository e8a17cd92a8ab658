/* map.h - ame_map: an immutable map with structural sharing.
 *
 * A map is a value: set and remove leave it as it is and return a new version
 * that shares all but one path with the old one. Versions may be read by any
 * number of threads and handed between them by passing the pointer.
 *
 * The structure is a hash array mapped trie (Bagwell, "Ideal Hash Trees", 2001)
 * in the compressed form of Steindorfer and Vinju ("Optimizing Hash-Array Mapped
 * Tries for Fast and Lean Immutable JVM Collections", OOPSLA 2015; CHAMP): five bits of
 * the hash a level. What tells the places of a node stands beside the pointer to it,
 * so a lookup touches one cache line on each level.
 *
 * Keys are int64, pointers, strings or of a user's type, chosen when the map is made;
 * strings are copied into the map, those of up to 23 bytes into its nodes. Values are one
 * pointer-sized word, uninterpreted.
 *
 * Ownership: every ame_map_* that returns a map gives the caller one reference;
 * ame_map_release gives it back. No function consumes a reference. A version keeps what
 * it shares with others alive, and only that: how, see runtime/versions/versions.h. A string
 * key that iteration or a callback hands out belongs to the version that it came from and is
 * gone with it, even if later versions have the same key: copy it, or keep a reference.
 *
 * All functions may be called in blocks and outside; maps and string keys that
 * are given to them must not be NULL, ame_map_release's apart. In a block a lookup
 * records no reads of the map, which never changes: only of the text of a string
 * key that the caller gives, if that is shared. Cost: get, set and remove
 * O(log32 n), and the length of a string key; size O(1). A map that nobody holds
 * any more, or NULL, ends the program with a message, as far as it is noticed.
 *
 * Out of memory: functions that return a map return NULL, and all is as before.
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

enum ame_key_type { AME_KEY_INT, AME_KEY_STRING, AME_KEY_POINTER, AME_KEY_TYPED };

typedef union ame_key {
    int64_t integer;
    const char *string; /* not NULL, ends with NUL; in a map: see Ownership */
    void *pointer;      /* AME_KEY_POINTER: the address is the key; AME_KEY_TYPED: see below */
} ame_key;

typedef union ame_value {
    int64_t integer;
    void *pointer;
} ame_value;

/* A key type of the user. The functions see only keys that don't change while a map
 * holds them or a call looks for them; blocks call `hash` and `equal` as they are. */
struct ame_key_functions {
    /* Equal keys have equal hashes for each seed. Keys whose hashes agree for some seeds
     * but not for all are told apart; those that agree for all cost O(their number). */
    uint64_t (*hash)(const void *key, uint64_t seed);
    bool (*equal)(const void *one, const void *other);
    /* May be NULL. Called when a map takes a copy of the pointer: in a block as part of it. */
    ame_safe void (*retain)(void *key);
    /* May be NULL. Called once for each retain, when no version has the key any more;
     * outside blocks, by any thread. */
    void (*release)(void *key);
};

/* A new empty map, or NULL when out of memory or `keys` is not a key type. AME_KEY_TYPED
 * is for the second function; `functions` must stay as they are. */
ame_safe ame_map *ame_map_new(enum ame_key_type keys);
ame_safe ame_map *ame_map_new_typed(const struct ame_key_functions *functions);

/* One more reference to `map`; returns `map`. */
ame_safe ame_map *ame_map_retain(ame_map *map);

/* Gives a reference back; the last one frees what no other version shares. NULL is
 * allowed and does nothing. Takes bounded time: what is left of a large map is freed by
 * later calls of this function, some hundred nodes each, and by ame_map_reclaim. */
ame_safe void ame_map_release(ame_map *map);

/* Frees up to `nodes` nodes of maps that were released; returns how many it was: fewer
 * if nothing is left. Outside blocks only (in a block it does nothing).
 *
 * Threads keep memory of freed nodes for new ones: 60 nodes of each size at most, and all together
 * 2 MB more, which they trade. Nodes of all maps lie in memory of their own, in pieces of 2 MB; of
 * pieces without nodes as many stay as there are others, or 32. SIZE_MAX gives all that back to the
 * system, but for one piece and what other threads keep; who ends keeps nothing. */
ame_safe size_t ame_map_reclaim(size_t nodes);

/* The number of entries. */
ame_safe size_t ame_map_size(const ame_map *map);

ame_safe enum ame_key_type ame_map_key_type(const ame_map *map);

/* Looks `key` up. Returns true and stores the value (unless `value` is NULL). */
ame_safe bool ame_map_get(const ame_map *map, ame_key key, ame_value *value);

static inline bool ame_map_contains(const ame_map *map, ame_key key) {
    return ame_map_get(map, key, NULL);
}

/* Looks `count` keys up; values[i] and found[i] are set for keys[i], values only where
 * the key is there. Returns how many are. Faster than single lookups, as it fetches the
 * memory for many keys at once: for typed keys it does not, nor for texts in blocks. */
ame_safe size_t ame_map_get_many(const ame_map *map, const ame_key *keys, size_t count,
                                 ame_value *values, bool *found);

/* A version with `key` set to `value`: `map` itself with one more reference when
 * it has that value already; NULL when out of memory (then nothing has changed). */
ame_safe ame_map *ame_map_set(ame_map *map, ame_key key, ame_value value);

/* A version without `key`: `map` itself with one more reference when the key is
 * absent; NULL when out of memory. */
ame_safe ame_map *ame_map_remove(ame_map *map, ame_key key);

/* What an update does with a key. */
enum ame_map_update { AME_MAP_KEEP, AME_MAP_SET, AME_MAP_REMOVE };

/* A version in which `function` decided on `key`: it is called once, with a pointer to the
 * present value or to a zero one if `present` is false, may store another one there, and
 * says whether that is to be set. */
typedef enum ame_map_update ame_map_update_fn(ame_key key, bool present, ame_value *value,
                                              void *context);
ame_map *ame_map_update(ame_map *map, ame_key key, ame_map_update_fn *function, void *context);

static inline ame_key ame_int_key(int64_t i) {
    return (ame_key){.integer = i};
}
static inline ame_key ame_string_key(const char *s) {
    return (ame_key){.string = s};
}
static inline ame_key ame_pointer_key(const void *p) {
    return (ame_key){.pointer = (void *)p};
}
static inline ame_value ame_int_value(int64_t i) {
    return (ame_value){.integer = i};
}
static inline ame_value ame_pointer_value(void *p) {
    return (ame_value){.pointer = p};
}

/* ---- many changes at once ---- */

/* A transient is a map under construction: a copy of a map that takes changes in place,
 * until it is sealed and becomes a version. It belongs to one thread. Its changes are not
 * logged, so a block that changes a transient which was not begun in it runs alone. One that
 * is begun in a block must not be changed in a part of the block that is undone by itself:
 * an inner block that is cancelled, an alternative that retries. Versions may. */
typedef struct ame_transient ame_transient;

/* Begins with the entries of `map`; NULL when out of memory. O(1). Seal or drop it. */
ame_safe ame_transient *ame_transient_new(ame_map *map);

ame_safe size_t ame_transient_size(const ame_transient *transient);
bool ame_transient_get(const ame_transient *transient, ame_key key, ame_value *value);

/* AME_OK, or AME_ENOMEM and nothing has changed. */
int ame_transient_set(ame_transient *transient, ame_key key, ame_value value);

/* The same; AME_ENOENT if the key is absent. */
int ame_transient_remove(ame_transient *transient, ame_key key);

/* Ends the transient: returns the new version (the old one with one more reference if
 * nothing was changed). Never fails; O(1). */
ame_map *ame_transient_seal(ame_transient *transient);

/* Ends it and forgets what it changed. NULL is allowed. */
void ame_transient_drop(ame_transient *transient);

/* A version with keys[i] set to values[i] for each i, in this order. For int or pointer keys,
 * outside blocks, this is the fastest way: it goes through the map once, in the order of the
 * hashes, and takes 48 bytes of memory for each key meanwhile. */
ame_map *ame_map_set_all(ame_map *map, const ame_key *keys, const ame_value *values, size_t count);

/* A version in which `function` decided on each entry, as in ame_map_update: a filter, if it
 * answers KEEP or REMOVE; a map over values, if it answers SET. */
ame_map *ame_map_update_all(ame_map *map, ame_map_update_fn *function, void *context);

/* ---- two versions, or three ---- */

/* A key in which two maps differ. The value is zero where the key is not there. */
struct ame_map_difference {
    ame_key key;
    bool was_there, is_there;
    ame_value old_value, new_value;
};

/* Calls `function` for each key that is in one map only or has two values, in no special
 * order. It goes on while that returns 0, and returns the last result. AME_EINVAL for two
 * kinds of keys. Takes time of the difference, as parts that the maps share are skipped;
 * for maps that were made apart, of their size. */
typedef int ame_map_diff_fn(const struct ame_map_difference *difference, void *context);
int ame_map_diff(const ame_map *old, const ame_map *changed, ame_map_diff_fn *function,
                 void *context);

/* Whether both have the same keys and values; time as ame_map_diff at most. */
ame_safe bool ame_map_equal(const ame_map *one, const ame_map *other);

/* Equal maps have equal hashes, in one process. O(size). */
ame_safe uint64_t ame_map_hash(const ame_map *map);

/* Three-way merge: `ours` with the changes that lead from `base` to `theirs`. Where `ours`
 * has changed the same key in another way `resolve` decides, as in ame_map_update:
 * `present` and `*value` are what ours has; NULL keeps ours. Takes time of the difference
 * between base and theirs. NULL: out of memory, or maps of different kinds of keys. */
typedef enum ame_map_update ame_map_conflict_fn(const struct ame_map_difference *theirs,
                                                bool present, ame_value *value, void *context);
ame_map *ame_map_merge(ame_map *base, ame_map *ours, ame_map *theirs, ame_map_conflict_fn *resolve,
                       void *context);

/* ---- iteration ---- */

/* A walk over the entries of one version, in the version's own stable order.
 * The iterator borrows the map: keep a reference while it is used. It is a
 * plain value, needs no clean-up and may be copied. */
enum { AME_MAP_MAX_DEPTH = 27 }; /* 26 levels of five hash bits, and collisions */
typedef struct ame_map_iterator {
    const struct ame_map_word *next, *end; /* the entries of the present node that are left */
    enum ame_key_type keys;
    uint32_t width; /* the words of an entry */
    bool fetches;   /* nodes, before it comes to them */
    int32_t depth;
    struct {
        const void *next; /* on this level, the next node below, */
        uint32_t left;    /* and how many there are */
    } path[AME_MAP_MAX_DEPTH];
} ame_map_iterator;

ame_safe void ame_map_iterate(const ame_map *map, ame_map_iterator *iterator);

/* What ame_map_next is made of: entries as they stand in nodes, a key and then its value; and the
 * way to the next node with entries. Keys are one word, but strings three: up to 23 bytes are there
 * themselves, of a longer one the address, and the last byte is not NUL. */
struct ame_map_word {
    uint64_t word ame_immutable;
};

/* At the address in a word of AME_KEY_TYPED, but for the four lowest bits. */
struct ame_map_typed_key {
    uint64_t hash;
    const struct ame_key_functions *functions;
    void *pointer ame_immutable;
};

ame_safe bool ame_map_next_node(ame_map_iterator *iterator);

static inline ame_key ame_map_key_of(const struct ame_map_word *entry, enum ame_key_type keys) {
    uint64_t word = entry->word;
    if (keys == AME_KEY_STRING)
        return (ame_key){.string = (const char *)(entry[2].word >> 56 ? word : (uint64_t)entry)};
    if (keys == AME_KEY_TYPED)
        return (ame_key){.pointer =
                             ((const struct ame_map_typed_key *)(word & ~UINT64_C(15)))->pointer};
    return (ame_key){.integer = (int64_t)word};
}

/* Stores the next entry and returns true, or returns false at the end. `key` and
 * `value` may be NULL. O(1) amortised. */
static inline bool ame_map_next(ame_map_iterator *iterator, ame_key *key, ame_value *value) {
    if (iterator->next == iterator->end && !ame_map_next_node(iterator))
        return false;
    const struct ame_map_word *entry = iterator->next;
    iterator->next = entry + iterator->width;
    if (key)
        *key = ame_map_key_of(entry, iterator->keys);
    if (value)
        value->integer = (int64_t)entry[iterator->width - 1].word;
    return true;
}

#pragma GCC visibility pop
#endif
