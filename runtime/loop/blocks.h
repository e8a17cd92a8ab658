/* blocks.h - the block descriptors of loop bodies.
 *
 * A descriptor holds what the policy has learnt about a body, and recordings refer
 * to it by its address: so there is one for each body, and it is never freed. */
#ifndef AME_LOOP_BLOCKS_H
#define AME_LOOP_BLOCKS_H

#include <ame/abi.h>

/* What makes calls of a body into a block: `plain` gets the argument record of a
 * call and calls the body, `twin` does the same with the body's twin. */
struct ame__trampolines {
    void (*plain)(void *args);
    void (*twin)(void *args);
};

/* The descriptor for `body` called through `trampolines`, made at the first call;
 * NULL when out of memory. `*twin` is the body's twin or NULL: then its block runs
 * on the serial path. Any thread. `trampolines` must be static. */
struct ame_abi_block *ame__loop_block(const void *body, const struct ame__trampolines *trampolines,
                                      const void **twin);

#endif
