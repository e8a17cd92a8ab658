/* set.h - ame_set: an immutable set with structural sharing.
 *
 * All that map.h says of maps holds for sets: a set is a value, add and remove return new
 * versions that share all but one path with the old one, and ownership, blocks, threads,
 * errors, hashes and the cost of everything are the same. The nodes are those of a map
 * without room for values, so an entry takes about two thirds of a map's memory.
 *
 * Every function that returns a set gives the caller one reference, and NULL when out of
 * memory; then nothing has changed. */
#ifndef AME_SET_H
#define AME_SET_H

#include <ame/map.h>

#pragma GCC visibility push(default)

typedef struct ame_set ame_set;

/* A new empty set, or NULL when out of memory or `keys` is not a key type. AME_KEY_TYPED is
 * for the second function; `functions` must stay as they are. */
ame_safe ame_set *ame_set_new(enum ame_key_type keys);
ame_safe ame_set *ame_set_new_typed(const struct ame_key_functions *functions);

ame_safe ame_set *ame_set_retain(ame_set *set);
ame_safe void ame_set_release(ame_set *set); /* NULL is allowed; see ame_map_release */

ame_safe size_t ame_set_size(const ame_set *set);
ame_safe enum ame_key_type ame_set_key_type(const ame_set *set);
ame_safe bool ame_set_contains(const ame_set *set, ame_key key);

/* A version with the key or without it: `set` itself with one more reference where that makes
 * no difference. */
ame_safe ame_set *ame_set_add(ame_set *set, ame_key key);
ame_safe ame_set *ame_set_remove(ame_set *set, ame_key key);

/* Versions of `one`: with what `other` has, with only what it has, without what it has. Time
 * of the difference between the two (without: of the smaller one, if that is more), as parts
 * that they share are skipped. NULL also for two kinds of keys. */
ame_set *ame_set_union(ame_set *one, ame_set *other);
ame_set *ame_set_intersection(ame_set *one, ame_set *other);
ame_set *ame_set_without(ame_set *one, ame_set *other);

/* Whether both have the same keys; equal sets have equal hashes, in one process. */
ame_safe bool ame_set_equal(const ame_set *one, const ame_set *other);
ame_safe uint64_t ame_set_hash(const ame_set *set);

/* Calls `function` for each key that one of them has and the other has not; `added`: `changed`
 * has it. As ame_map_diff. */
typedef int ame_set_diff_fn(ame_key key, bool added, void *context);
int ame_set_diff(const ame_set *old, const ame_set *changed, ame_set_diff_fn *function,
                 void *context);

/* ---- many changes at once: see ame_transient in map.h ---- */

typedef struct ame_set_transient ame_set_transient;

ame_safe ame_set_transient *ame_set_transient_new(ame_set *set);
ame_safe size_t ame_set_transient_size(const ame_set_transient *transient);
bool ame_set_transient_contains(const ame_set_transient *transient, ame_key key);

/* AME_OK, also if it makes no difference, or AME_ENOMEM. */
int ame_set_transient_add(ame_set_transient *transient, ame_key key);
int ame_set_transient_remove(ame_set_transient *transient, ame_key key);

ame_set *ame_set_transient_seal(ame_set_transient *transient);
void ame_set_transient_drop(ame_set_transient *transient);

/* ---- iteration: as ame_map_iterate ---- */

typedef struct ame_set_iterator {
    ame_map_iterator walk; /* use the functions below */
} ame_set_iterator;

ame_safe void ame_set_iterate(const ame_set *set, ame_set_iterator *iterator);

static inline bool ame_set_next(ame_set_iterator *iterator, ame_key *key) {
    ame_map_iterator *walk = &iterator->walk;
    if (walk->next == walk->end && !ame_map_next_node(walk))
        return false;
    const struct ame_map_word *entry = walk->next;
    walk->next = entry + walk->width;
    if (key)
        *key = ame_map_key_of(entry, walk->keys);
    return true;
}

#pragma GCC visibility pop
#endif
