/* count.h - counts that blocks change without conflicting.
 *
 * In a block an addition is a delta in a private log; deltas are merged into the
 * counts when the block commits. So two blocks that change the same count do not
 * conflict (the operations commute: Herlihy and Koskinen, "Transactional
 * Boosting", PPoPP 2008). Reading a count is a real read: it sees every block
 * that committed before, and conflicts with those that commit later.
 * Outside blocks the same calls are plain atomic operations.
 *
 * All functions: any thread, in blocks and outside; constant time, except that
 * reading in a block looks through the block's own changes; no errors
 * (an addition for whose delta no memory is left makes the block start again on
 * the serial path, where none is needed). The memory that holds a count must
 * stay valid until every block that changed it has committed: free it in a
 * block, or after a block that made it unreachable. */
#ifndef AME_COUNT_H
#define AME_COUNT_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* A sum. Zero-initialised memory is a valid counter with value 0. */
typedef struct ame_counter {
    int64_t value; /* use the functions below */
} ame_counter;

/* Adds `delta` (which may be negative). Wraps around on overflow, in all builds: additions are
 * merged in any order, so a sum may leave the range on the way to a value in it, and that
 * value is right. */
void ame_counter_add(ame_counter *counter, int64_t delta);

/* The value: in a block, as of the block's place in the serial order, the
 * block's own additions included. */
int64_t ame_counter_read(ame_counter *counter);

/* A reference count. The object that holds it is destroyed once, by the thread
 * that merges the last release, after that block's commit and outside it.
 * A count that goes below 0 or beyond INT64_MAX ends the program, in all builds: the message
 * names the object and the place of the call, or where a block's changes are merged, the block. */
typedef struct ame_ref {
    int64_t count; /* use the functions below */
} ame_ref;

/* Frees one object whose count reached zero. Runs outside blocks. May release
 * other objects: their destruction is queued, not nested, so chains of any
 * length need no stack. At once, if no steps are set (see below). */
typedef void ame_destroy_fn(ame_ref *ref);

/* Starts a count at 1, owned by the caller. The object must not be shared yet. */
void ame_ref_init(ame_ref *ref);

/* Takes one more reference. The caller must hold one, or in a block have
 * reached the object through memory that the block reads; outside blocks, taking
 * one of a dead object ends the program with a message. */
void ame_ref_retain(ame_ref *ref);

/* Gives one reference back; at zero `destroy` is called (see ame_destroy_fn)
 * once no running block can still be reading the object. */
void ame_ref_release(ame_ref *ref, ame_destroy_fn *destroy);

/* Sets for all threads how many objects are destroyed by the release that finds them dead, or by
 * the end of its block: 0, as in the beginning, for all, those that they release included. What is
 * more waits: each later release that ends an object goes on with it, and so does
 * ame_ref_destroy_waiting. What waits when the program ends is not destroyed. */
void ame_ref_destroy_in_steps(size_t objects);

/* Destroys up to so many objects that wait, of all threads, so that one in the background may do
 * it for the others. Returns how many it was: fewer if no more wait. In blocks and in destroy
 * functions it does nothing. */
size_t ame_ref_destroy_waiting(size_t objects);

/* The count, for tests and debugging: a real read, like ame_counter_read. */
int64_t ame_ref_read(ame_ref *ref);

#pragma GCC visibility pop
#endif
