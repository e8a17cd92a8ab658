#include "base/log.h"
#include "base/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Page by page the kernel would take longer to give it than a block does to fill it. Where it can't
 * be done it is as it was. All of the pages, since realloc can't move a part of a mapping. */
static void ask_for_huge_pages(void *entries, size_t bytes) {
    enum { PAGE = 4096, MUCH = 1 << 22 };
    if (bytes < MUCH)
        return;
    uintptr_t begin = (uintptr_t)entries & ~(uintptr_t)(PAGE - 1);
    madvise((void *)begin, (uintptr_t)entries + bytes - begin, MADV_HUGEPAGE);
}

bool ame__log_grow(void **entries, size_t *capacity, size_t entry_size) {
    size_t larger = *capacity ? *capacity * 2 : 64;
    if (larger > SIZE_MAX / entry_size)
        return false;
    void *moved = ame__realloc(*entries, larger * entry_size);
    if (!moved)
        return false;
    ask_for_huge_pages(moved, larger * entry_size);
    *entries = moved;
    *capacity = larger;
    return true;
}

void ame__log_free(void **entries, size_t *capacity) {
    free(*entries);
    *entries = NULL;
    *capacity = 0;
}
