/* merge.h - more values that blocks change together without conflicting.
 *
 * What a block adds to one of these is kept aside and merged into the value when the
 * block commits, so blocks that only add never conflict, whatever the order in which
 * they commit: a sum (ame_counter, in count.h), the largest or smallest of all that was
 * added, a journal of entries, or a value with a merge function of your own. Reading is
 * a real read: it sees all of each block that committed before and what the block itself
 * has added, and conflicts with those that commit later and change the value. The
 * operations are the same outside blocks, where a look may see a part of what a block on
 * the serial path adds.
 *
 * Rules for threads and memory are those of count.h: any thread, in blocks and outside;
 * the memory of a value stays valid until every block that changed it has committed. An
 * addition for which no memory is left makes the block start again on the serial path,
 * where none is needed, unless it is said otherwise. */
#ifndef AME_MERGE_H
#define AME_MERGE_H

#include <ame/atomic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* ---- the largest and the smallest ---- */

/* Zero-initialised memory is one to which nothing was added. Constant time; merging one
 * that does not change the value writes nothing. */
typedef struct ame_max {
    uint64_t stored; /* use the functions below */
} ame_max;

typedef struct ame_min {
    uint64_t stored; /* use the functions below */
} ame_min;

void ame_max_add(ame_max *max, int64_t value);
void ame_min_add(ame_min *min, int64_t value);

/* Of all that was added; INT64_MIN (ame_max) or INT64_MAX (ame_min) if nothing was. */
int64_t ame_max_read(ame_max *max);
int64_t ame_min_read(ame_min *min);

/* ---- a merge function of your own ---- */

enum { AME_MERGED_BYTES = 32 };

/* How values of one type are merged. */
struct ame_merge {
    size_t size; /* of a value in bytes: 1 to AME_MERGED_BYTES */

    /* Merges *from into *into: associative and commutative, so that the order does not
     * matter in which blocks commit. Both are aligned to 8 bytes and belong to the call.
     * Blocks call it as it is, and so do commits: it touches nothing else that changes,
     * and calls no function of this library. */
    void (*merge)(void *into, const void *from);
};

/* A value of at most AME_MERGED_BYTES. To be set up by ame_merged_init. */
typedef struct ame_merged {
    uint64_t changes; /* use the functions below */
    const struct ame_merge *how;
    uint64_t value[AME_MERGED_BYTES / sizeof(uint64_t)];
} ame_merged;

/* Sets up `merged`, which must not be shared yet, with a first value. `how` must stay as
 * it is. AME_OK, or AME_EINVAL: no such size, or no function. */
int ame_merged_init(ame_merged *merged, const struct ame_merge *how, const void *value);

/* Merges `value`, which is copied, into `merged`. One without ame_merged_init ends the
 * program with a message. Merging is constant time, and excludes other threads that merge
 * into the same value; a merge that does not change the value makes no reader run again. */
void ame_merged_add(ame_merged *merged, const void *value);

/* Copies the value to *value. */
void ame_merged_read(ame_merged *merged, void *value);

/* ---- journals ---- */

/* Entries that are only ever appended. The entries of one block stay together, in the
 * order in which it appended them; blocks follow each other in the order of their commits
 * (which for blocks that append to several journals may differ from one to another).
 * Zero-initialised memory is an empty journal. */
typedef struct ame_journal {
    void *last, *first; /* use the functions below */
} ame_journal;

/* Appends an entry of `size` bytes, which are copied. AME_OK, or AME_ENOMEM and nothing is
 * appended. O(size). */
ame_safe int ame_journal_append(ame_journal *journal, const void *bytes, size_t size);

/* A walk over the entries, the oldest first: all of the blocks that committed before, and
 * at the end the block's own, be they appended during the walk. A walk that begins in a
 * block is good until that ends, one that begins outside sees what was there when it
 * began. The iterator is a plain value. O(1) an entry, O(changes of the block) where its
 * own begin. */
typedef struct ame_journal_iterator {
    ame_journal *journal;
    const void *next, *last, *own; /* use the functions below */
} ame_journal_iterator;

ame_safe void ame_journal_iterate(ame_journal *journal, ame_journal_iterator *iterator);

/* Stores where the next entry's bytes are, aligned to 8, and how many (either may be NULL),
 * and returns true; or returns false at the end. The bytes never change, and stay until the
 * journal is cleared. */
ame_safe bool ame_journal_next(ame_journal_iterator *iterator, const void **bytes, size_t *size);

/* Frees all entries. Outside blocks only, while no other thread uses the journal: in a block
 * it ends the program with a message. To empty one that is in use, put another one in its
 * place in a block, and clear the old one after it. */
ame_irrevocable_fn void ame_journal_clear(ame_journal *journal);

#pragma GCC visibility pop
#endif
