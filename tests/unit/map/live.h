/* live.h - counts the allocations that a program has not given back, of all threads, and
 * fails them on request. Include it in one file of the program. Under AddressSanitizer, which
 * has a malloc of its own and finds leaks by itself, nothing is counted and nothing fails. Freed
 * nodes go straight back, unless AME_TEST_KEEPS_NODES is defined. */
#ifndef AME_TEST_LIVE_H
#define AME_TEST_LIVE_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "nodes/nodes.h"

#include <malloc.h>
#include <stdlib.h>

static ame__word live;
static __thread bool counting;
static __thread long allocations_left = -1; /* negative: no limit */

#if !AME__ASAN
void *__libc_malloc(size_t size);
void __libc_free(void *memory);

void *malloc(size_t size) {
    if (counting && allocations_left == 0)
        return NULL;
    if (counting && allocations_left > 0)
        allocations_left--;
    void *memory = __libc_malloc(size);
    if (counting && memory)
        ame__add_full(&live, 1);
    return memory;
}

void free(void *memory) {
    if (counting && memory)
        ame__add_full(&live, (uint64_t)-1);
    __libc_free(memory);
}

#ifndef AME_TEST_KEEPS_NODES
/* In place of runtime/nodes/nodes.c: no node is kept. */
void *ame__take_node(size_t words) {
    return malloc(ame__capacity(words) * sizeof(uint64_t));
}

void ame__give_node(void *node, size_t words) {
    (void)words;
    free(node);
}

void ame__drop_node(void *node) {
    free(node);
}

size_t ame__usable_size(void *memory) {
    return malloc_usable_size(memory);
}

void ame__free_kept_nodes(void) {}
#endif
#endif

#endif
