/* loop.h - parallel loops: one atomic block for each entry, on a pool of threads.
 *
 * Each call of the body is an atomic block of its own, so bodies may share data
 * freely; the loop's result is that of running them one after another in some
 * order. The calling thread works too. A loop inside a block, or inside another
 * loop's body, runs its bodies one after another in that block, which runs alone
 * (the serial path).
 *
 * A body returns 0 to go on. Any other value stops the loop: bodies that have
 * begun finish, no new one starts, and the loop returns that value (one of them
 * if there are several). The block of a body that returns non-zero commits.
 *
 * Errors: AME_EINVAL for an argument; AME_ENOMEM; AME_ETHREAD when not even one
 * thread beyond the caller could be started and `threads` asked for more. On these
 * no body has run. A body must not end its thread: the loop stops then, and
 * returns AME_EINVAL unless it was the calling thread. Bodies that return positive
 * values can be told from errors.
 *
 * Bodies may start in any order. The caller holds on to what the loop runs over:
 * a map is a value and stays as it was when the loop began; elements of an array
 * may be changed by bodies. A body built without the plugin runs alone, one at a
 * time. Threads: any; several loops may run at once, each on its own pool.
 * Cancelling a thread in a loop that has a pool takes effect after the loop. */
#ifndef AME_LOOP_H
#define AME_LOOP_H

#include <ame/map.h>
#include <ame/tmap.h>

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

struct ame_loop_options {
    unsigned threads; /* the caller included; 0: one per processor the process may use */
    size_t grain;     /* bodies handed to a thread at a time; 0: chosen by the loop */
};

/* In a loop over a map with string keys, a key is valid as long as the map is. */
typedef int ame_map_body(ame_key key, ame_value value, void *context);
typedef int ame_array_body(void *element, void *context);
typedef int ame_range_body(int64_t index, void *context);

/* `options` may be NULL for the defaults. */
int ame_for_each_in_map(ame_map *map, ame_map_body *body, void *context,
                        const struct ame_loop_options *options);
/* The entries as of the moment when the loop begins: bodies may change the map. */
int ame_for_each_in_tmap(ame_tmap *map, ame_map_body *body, void *context,
                         const struct ame_loop_options *options);
int ame_for_each_in_array(void *first, size_t count, size_t element_size, ame_array_body *body,
                          void *context, const struct ame_loop_options *options);
/* For each i with begin <= i < end. */
int ame_for_each_in_range(int64_t begin, int64_t end, ame_range_body *body, void *context,
                          const struct ame_loop_options *options);

#pragma GCC visibility pop
#endif
