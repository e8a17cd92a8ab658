#include "base/log.h"
#include "base/heap.h"

#include <stdint.h>
#include <stdlib.h>

bool ame__log_grow(void **entries, size_t *capacity, size_t entry_size) {
    size_t larger = *capacity ? *capacity * 2 : 64;
    if (larger > SIZE_MAX / entry_size)
        return false;
    void *moved = ame__realloc(*entries, larger * entry_size);
    if (!moved)
        return false;
    *entries = moved;
    *capacity = larger;
    return true;
}

void ame__log_free(void **entries, size_t *capacity) {
    free(*entries);
    *entries = NULL;
    *capacity = 0;
}
