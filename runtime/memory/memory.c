#include "memory/memory.h"
#include "stm/stm.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Logs larger than this give their memory back after the block. */
enum { KEEP_ENTRIES = 1 << 12 };

static void free_allocations(struct ame_tx *tx, bool only_freed) {
    for (size_t i = 0; i < tx->allocations.count; i++)
        if (!only_freed || tx->allocations.entries[i].freed)
            free(tx->allocations.entries[i].memory);
    AME__LOG_CLEAR(&tx->allocations, KEEP_ENTRIES);
}

void ame__memory_abort(struct ame_tx *tx) {
    free_allocations(tx, false);
    AME__LOG_CLEAR(&tx->frees, KEEP_ENTRIES);
}

void ame__memory_rollback_to(struct ame_tx *tx, const struct ame__savepoint *savepoint) {
    while (tx->allocations.count > savepoint->allocations)
        free(tx->allocations.entries[--tx->allocations.count].memory);
    tx->frees.count = savepoint->frees;
}

void ame__memory_commit(struct ame_tx *tx) {
    if (tx->allocations.count)
        free_allocations(tx, true);
    for (size_t i = 0; i < tx->frees.count; i++)
        free(tx->frees.entries[i]);
    AME__LOG_CLEAR(&tx->frees, KEEP_ENTRIES);
}

/* ---- the twins ---- */

void *ame__twin_malloc(size_t) AME__TWIN("malloc");
void *ame__twin_calloc(size_t, size_t) AME__TWIN("calloc");
void *ame__twin_realloc(void *, size_t) AME__TWIN("realloc");
void *ame__twin_reallocarray(void *, size_t, size_t) AME__TWIN("reallocarray");
void *ame__twin_aligned_alloc(size_t, size_t) AME__TWIN("aligned_alloc");
int ame__twin_posix_memalign(void **, size_t, size_t) AME__TWIN("posix_memalign");
void ame__twin_free(void *) AME__TWIN("free");
char *ame__twin_strdup(const char *) AME__TWIN("strdup");
char *ame__twin_strndup(const char *, size_t) AME__TWIN("strndup");

size_t ame__twin_strnlen(const char *, size_t) AME__TWIN("strnlen"); /* of libc/ */

/* Before the allocation, which would be lost if there were no room. */
static struct ame_tx *reserve(void) {
    struct ame_tx *tx = ame__self;
    if (!AME__LOG_RESERVE(&tx->allocations))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    return tx;
}

static void *logged(struct ame_tx *tx, void *memory) {
    if (memory)
        tx->allocations.entries[tx->allocations.count++] = (struct ame__allocation){memory, false};
    return memory;
}

void *ame__twin_malloc(size_t size) {
    return logged(reserve(), malloc(size));
}

void *ame__twin_calloc(size_t count, size_t size) {
    struct ame_tx *tx = reserve();
    return logged(tx, calloc(count, size));
}

void *ame__twin_aligned_alloc(size_t alignment, size_t size) {
    struct ame_tx *tx = reserve();
    return logged(tx, aligned_alloc(alignment, size));
}

int ame__twin_posix_memalign(void **result, size_t alignment, size_t size) {
    struct ame_tx *tx = reserve();
    void *memory;
    int error = posix_memalign(&memory, alignment, size);
    if (error)
        return error;
    logged(tx, memory);
    ame__stm_write(tx, result, &memory, sizeof memory, __builtin_return_address(0));
    return 0;
}

/* Among the last few allocations: most that live as short as a block are there.
 * One that is not found is freed with the others, which is right too (M2). */
static struct ame__allocation *own_allocation(struct ame_tx *tx, const void *memory) {
    enum { LOOKS = 64 };
    size_t last = tx->allocations.count > LOOKS ? tx->allocations.count - LOOKS : 0;
    /* Older ones must stay as they are, for a block that is cancelled. */
    if (tx->savepoint && last < tx->savepoint->allocations)
        last = tx->savepoint->allocations;
    for (size_t i = tx->allocations.count; i-- > last;)
        if (tx->allocations.entries[i].memory == memory)
            return &tx->allocations.entries[i];
    return NULL;
}

void ame__twin_free(void *memory) {
    struct ame_tx *tx = ame__self;
    if (!memory)
        return;
    struct ame__allocation *own = own_allocation(tx, memory);
    if (own && !own->freed) {
        own->freed = true;
        return;
    }
    if (!AME__LOG_RESERVE(&tx->frees))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    tx->frees.entries[tx->frees.count++] = memory;
}

void *ame__twin_realloc(void *old, size_t size) {
    if (old && !size) { /* as glibc does */
        ame__twin_free(old);
        return NULL;
    }
    struct ame_tx *tx = reserve();
    void *memory = logged(tx, malloc(size));
    if (!memory || !old)
        return memory;
    size_t usable = malloc_usable_size(old);
    ame__stm_read(tx, memory, old, usable < size ? usable : size, __builtin_return_address(0));
    ame__twin_free(old);
    return memory;
}

void *ame__twin_reallocarray(void *old, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return ame__twin_realloc(old, count * size);
}

static char *duplicate(const char *text, size_t length, const void *place) {
    struct ame_tx *tx = reserve();
    char *copy = logged(tx, malloc(length + 1));
    if (copy) {
        ame__stm_read(tx, copy, text, length, place);
        copy[length] = '\0';
    }
    return copy;
}

char *ame__twin_strdup(const char *text) {
    return duplicate(text, ame__twin_strnlen(text, SIZE_MAX), __builtin_return_address(0));
}

char *ame__twin_strndup(const char *text, size_t limit) {
    return duplicate(text, ame__twin_strnlen(text, limit), __builtin_return_address(0));
}
