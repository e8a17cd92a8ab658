/* vector.h - ame_vector: an immutable array with structural sharing.
 *
 * A vector is a value: set, push and pop leave it as it is and return a new version that
 * shares all but one path with the old one. Versions may be read by any number of threads
 * and handed between them by passing the pointer.
 *
 * The structure is the persistent vector of Clojure (Hickey, 2007; L'orange, "Improving RRB-
 * Tree Performance through Transience", 2014, describes it): a trie over the index, five bits
 * a level, whose last up to 32 elements lie outside it, in a tail. Elements are one
 * pointer-sized word, uninterpreted, as the values of maps.
 *
 * Ownership, memory and blocks are as for maps (map.h): every function that returns a vector
 * gives the caller one reference, ame_vector_release gives it back, no function consumes one;
 * all functions may be called in blocks and outside, and in a block reads of the vector
 * record nothing; a function that returns NULL for want of memory has changed nothing. Who
 * frees what: runtime/versions/versions.h.
 *
 * Cost: get and set O(log32 n), push and pop O(1) but for one in 32, which is O(log32 n);
 * each of them copies up to 32 words on each level that it changes. */
#ifndef AME_VECTOR_H
#define AME_VECTOR_H

#include <ame/map.h>

#pragma GCC visibility push(default)

typedef struct ame_vector ame_vector;

/* A new empty vector; NULL when out of memory. */
ame_safe ame_vector *ame_vector_new(void);

/* One more reference; returns `vector`. */
ame_safe ame_vector *ame_vector_retain(ame_vector *vector);

/* Gives a reference back; NULL is allowed. Takes bounded time: what is left of a large vector
 * is freed by later releases, and by ame_map_reclaim. */
ame_safe void ame_vector_release(ame_vector *vector);

ame_safe size_t ame_vector_size(const ame_vector *vector);

/* Stores the element (unless `value` is NULL) and returns true; false if index >= size. */
ame_safe bool ame_vector_get(const ame_vector *vector, size_t index, ame_value *value);

/* A version with another element at `index`: `vector` itself with one more reference when it
 * has that one already. NULL: out of memory, or index >= size. */
ame_safe ame_vector *ame_vector_set(ame_vector *vector, size_t index, ame_value value);

/* A version with one more element, at the end. */
ame_safe ame_vector *ame_vector_push(ame_vector *vector, ame_value value);

/* A version without the last element. NULL: out of memory, or the vector is empty. */
ame_safe ame_vector *ame_vector_pop(ame_vector *vector);

/* A version with `count` more elements, at the end. */
ame_vector *ame_vector_push_all(ame_vector *vector, const ame_value *values, size_t count);

/* A version of `front` with the elements of `back` at its end. O(size of back), or O(1) if front is
 * empty. */
ame_vector *ame_vector_concat(ame_vector *front, ame_vector *back);

/* The elements from `begin` to before `end`; what lies beyond the size is left out. O(their
 * number); from the beginning, O(what is left out) if that is less, and the rest is shared. */
ame_vector *ame_vector_slice(ame_vector *vector, size_t begin, size_t end);

/* Whether both have the same elements; parts that they share at the same index are skipped. */
ame_safe bool ame_vector_equal(const ame_vector *one, const ame_vector *other);

/* ---- iteration ---- */

/* A walk over a part of one version, in order. It borrows the vector: keep a reference while
 * it is used. A plain value that may be copied. */
typedef struct ame_vector_iterator {
    const ame_vector *vector;
    const void *leaf; /* use the functions below */
    size_t index, end;
} ame_vector_iterator;

/* Of the elements from `begin` to before `end`; what lies beyond the size is left out. */
ame_safe void ame_vector_iterate(const ame_vector *vector, size_t begin, size_t end,
                                 ame_vector_iterator *iterator);

/* Stores the next element and returns true, or returns false at the end. O(1) amortised. */
ame_safe bool ame_vector_next(ame_vector_iterator *iterator, ame_value *value);

/* ---- many changes at once ---- */

/* A vector under construction, which takes changes in place until it is sealed: as
 * ame_transient in map.h, with the same rules for threads and blocks. */
typedef struct ame_vector_transient ame_vector_transient;

/* Begins with the elements of `vector`; NULL when out of memory. O(1). Seal or drop it. */
ame_safe ame_vector_transient *ame_vector_transient_new(ame_vector *vector);

ame_safe size_t ame_vector_transient_size(const ame_vector_transient *transient);
bool ame_vector_transient_get(const ame_vector_transient *transient, size_t index,
                              ame_value *value);

/* AME_OK; AME_ENOMEM and no element has changed; AME_ENOENT: there is no such element. */
int ame_vector_transient_set(ame_vector_transient *transient, size_t index, ame_value value);
int ame_vector_transient_push(ame_vector_transient *transient, ame_value value);
int ame_vector_transient_pop(ame_vector_transient *transient);

/* Ends the transient: returns the new version (the old one with one more reference if nothing
 * was changed). Never fails; O(1). */
ame_vector *ame_vector_transient_seal(ame_vector_transient *transient);

/* Ends it and forgets what it changed. NULL is allowed. */
void ame_vector_transient_drop(ame_vector_transient *transient);

#pragma GCC visibility pop
#endif
