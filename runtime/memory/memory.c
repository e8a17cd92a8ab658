#include "memory/memory.h"
#include "base/heap.h"
#include "events/recorder.h"
#include "memory/fresh.h"
#include "nodes/nodes.h"
#include "stm/stm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ame__memory_abort(struct ame_tx *tx) {
    ame__fresh_free_since(tx, 0);
    ame__fresh_clear(tx);
    AME__LOG_CLEAR(&tx->frees);
}

void ame__memory_rollback_to(struct ame_tx *tx, const struct ame__savepoint *savepoint) {
    ame__fresh_free_since(tx, savepoint->fresh);
    tx->frees.count = savepoint->frees;
}

void ame__memory_commit(struct ame_tx *tx, uint64_t version) {
    if (tx->fresh_extent)
        ame__fresh_clear(tx);
    if (tx->frees.count)
        ame__memory_free_later(tx, version);
    AME__LOG_CLEAR(&tx->frees);
}

/* ---- what the logs say of fresh memory ---- */

/* Undo entries are of stripes that the block has locked, and it keeps the locks. */
static bool some_stripe_is_locked(const struct ame_tx *tx, const char *memory, size_t stripes) {
    uint32_t first = ame__stripe(memory);
    if (stripes > tx->locks.count) {
        for (size_t i = 0; i < tx->locks.count; i++) {
            uint32_t stripe = ame__stripe_of_orec(tx->locks.entries[i].orec);
            if (((stripe - first) & (AME__OREC_COUNT - 1)) < stripes)
                return true;
        }
        return false;
    }
    for (size_t i = 0; i < stripes; i++) {
        uint32_t orec = ame__orec_of_stripe((uint32_t)(first + i) & (AME__OREC_COUNT - 1));
        if (ame__load_relaxed(&ame__orecs[orec]) == ((uint64_t)tx | AME__LOCKED))
            return true;
    }
    return false;
}

/* True also if it would take too long to find out. */
static bool undo_may_point_into(const struct ame_tx *tx, const char *memory, size_t size) {
    enum { LOOKS = 64, LOOKS_PER_STRIPE = 16 };
    size_t stripes = ((uintptr_t)memory + size - 1) / AME__STRIPE_SIZE -
                     (uintptr_t)memory / AME__STRIPE_SIZE + 1;
    if (!some_stripe_is_locked(tx, memory, stripes))
        return false;
    if (tx->undo.count > LOOKS + stripes * LOOKS_PER_STRIPE)
        return true;
    for (size_t i = 0; i < tx->undo.count; i++) {
        const char *logged = tx->undo.entries[i].address;
        if (logged < memory + size && logged + tx->undo.entries[i].size > memory)
            return true;
    }
    return false;
}

/* Whether the block may do with the memory what it likes (M3); then it is no longer fresh. */
static bool take_back(struct ame_tx *tx, void *memory) {
    if (!ame__fresh_begins(tx, memory))
        return false;
    size_t size = ame__usable_size(memory);
    if (undo_may_point_into(tx, memory, size) || ame__fresh_is_counted(tx, memory, size))
        return false;
    return ame__fresh_remove(tx, memory, size);
}

static inline bool enter_fresh(struct ame_tx *tx, void *memory, size_t asked) {
    bool exact = AME__UNLIKELY(asked >= AME__FRESH_LEAST_EXACT);
    return ame__fresh_add(tx, memory, exact ? ame__usable_size(memory) : asked);
}

/* ---- for twins' own use ---- */

void *ame__memory_take(struct ame_tx *tx, size_t size) {
    int before = errno;
    void *memory = ame__malloc(size);
    if (memory && enter_fresh(tx, memory, size))
        return memory;
    free(memory);
    errno = before; /* the block runs again */
    ame__tx_abort(tx, AME__ABORT_MEMORY);
}

void ame__memory_give_back(struct ame_tx *tx, void *memory) {
    if (take_back(tx, memory)) {
        ame__drop_node(memory);
        return;
    }
    if (!AME__LOG_RESERVE(&tx->frees))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    tx->frees.entries[tx->frees.count++] = memory;
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

/* `memory` was just allocated, or NULL. */
static void *fresh(struct ame_tx *tx, void *memory, size_t asked) {
    if (AME__LIKELY(!memory || enter_fresh(tx, memory, asked)))
        return memory;
    ame__drop_node(memory);
    ame__tx_abort(tx, AME__ABORT_MEMORY);
}

void *ame__twin_malloc(size_t size) {
    return fresh(ame__self, ame__allocator.malloc(size, __builtin_return_address(0)), size);
}

void *ame__twin_calloc(size_t count, size_t size) {
    return fresh(ame__self, ame__allocator.calloc(count, size, __builtin_return_address(0)),
                 count * size);
}

void *ame__twin_aligned_alloc(size_t alignment, size_t size) {
    return fresh(ame__self,
                 ame__allocator.aligned_alloc(alignment, size, __builtin_return_address(0)), size);
}

int ame__twin_posix_memalign(void **result, size_t alignment, size_t size) {
    struct ame_tx *tx = ame__self;
    const void *place = __builtin_return_address(0);
    void *memory;
    int error = ame__allocator.posix_memalign(&memory, alignment, size, place);
    if (error)
        return error;
    fresh(tx, memory, size);
    ame__stm_write(tx, result, &memory, sizeof memory, place);
    return 0;
}

void ame__twin_free(void *memory) {
    if (memory)
        ame__memory_give_back(ame__self, memory);
}

void *ame__twin_realloc(void *old, size_t size) {
    struct ame_tx *tx = ame__self;
    if (old && !size) { /* as glibc does */
        ame__twin_free(old);
        return NULL;
    }
    if (old && take_back(tx, old)) {
        void *moved = ame__allocator.realloc(old, size, __builtin_return_address(0));
        void *kept = moved ? moved : old;
        fresh(tx, kept, moved ? size : ame__usable_size(kept));
        return moved;
    }
    void *memory = fresh(tx, ame__allocator.malloc(size, __builtin_return_address(0)), size);
    if (!memory || !old)
        return memory;
    size_t usable = ame__usable_size(old);
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
    struct ame_tx *tx = ame__self;
    char *copy = fresh(tx, ame__allocator.malloc(length + 1, place), length + 1);
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

/* ---- nodes (N4 of nodes/nodes.h) ---- */

void *ame__twin_take_node(size_t) AME__TWIN("ame__take_node");
void ame__twin_give_node(void *, size_t) AME__TWIN("ame__give_node");
void ame__twin_drop_node(void *) AME__TWIN("ame__drop_node");

void *ame__twin_take_node(size_t words) {
    return fresh(ame__self, ame__take_node(words), ame__capacity(words) * sizeof(uint64_t));
}

void ame__twin_give_node(void *node, size_t words) {
    (void)words;
    ame__memory_give_back(ame__self, node);
}

void ame__twin_drop_node(void *node) {
    ame__twin_free(node);
}
