/* twins.c - the registry of twins: an open-addressed hash table.
 *
 * Modules register as they are loaded, under a mutex; lookups take no lock:
 *   W1  A key is stored (release) after its twin, and never changes or moves
 *       within a table; a twin that is unloaded becomes NULL.
 *   W2  A table that has grown too full is replaced by a copy twice its size;
 *       the old one stays, for lookups that are under way (all old tables
 *       together are no larger than the present one). */
#include "tx/twins.h"
#include "base/atomics.h"
#include "base/diag.h"
#include "core/tx.h"
#include <ame/abi.h>

#include <pthread.h>
#include <stdlib.h>

struct slot {
    ame__word function, twin;
};

struct table {
    size_t size; /* a power of two, at least twice `used` */
    size_t used;
    struct table *older; /* W2; leak checkers look for a pointer to it */
    struct slot slots[];
};

static ame__word current; /* struct table *, NULL before the first registration */
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;

static struct slot *find(struct table *table, const void *function) {
    uint64_t hash = (uint64_t)function * UINT64_C(0x9E3779B97F4A7C15); /* Knuth's multiplicative */
    for (size_t i = hash >> 32;; i++) {
        struct slot *slot = &table->slots[i & (table->size - 1)];
        uint64_t key = ame__load_acquire(&slot->function); /* W1 */
        if (key == (uint64_t)function || !key)
            return slot;
    }
}

const void *ame__twin_lookup(const void *function) {
    struct table *table = (struct table *)ame__load_acquire(&current); /* W2 */
    if (!table || !function)
        return NULL;
    return (const void *)ame__load_acquire(&find(table, function)->twin);
}

static void enter(struct table *table, uint64_t function, uint64_t twin) {
    struct slot *slot = find(table, (const void *)function);
    if (!ame__load_relaxed(&slot->function))
        table->used++;
    ame__store_relaxed(&slot->twin, twin);
    ame__store_release(&slot->function, function); /* W1 */
}

static struct table *with_room_for(struct table *table, size_t more) {
    size_t used = table ? table->used : 0;
    size_t size = table ? table->size : 256;
    if (table && (used + more) * 2 <= size)
        return table;
    while (size < (used + more) * 2)
        size *= 2;
    struct table *larger = calloc(1, sizeof *larger + size * sizeof larger->slots[0]);
    if (!larger)
        ame__die("out of memory while a module registers its atomic functions");
    larger->size = size;
    larger->older = table;
    for (size_t i = 0; table && i < table->size; i++)
        if (table->slots[i].twin)
            enter(larger, table->slots[i].function, table->slots[i].twin);
    return larger;
}

void ame_abi_register(const struct ame_abi_twin *twins, size_t count) {
    pthread_mutex_lock(&registering);
    struct table *table = with_room_for((struct table *)current, count);
    for (size_t i = 0; i < count; i++)
        if (twins[i].original)
            enter(table, (uint64_t)twins[i].original, (uint64_t)twins[i].twin);
    ame__store_release(&current, (uint64_t)table); /* W2 */
    pthread_mutex_unlock(&registering);
}

void ame_abi_unregister(const struct ame_abi_twin *twins, size_t count) {
    pthread_mutex_lock(&registering);
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = find((struct table *)current, twins[i].original);
        /* Another module's copy of a weak function may have taken its place. */
        if (slot->twin == (uint64_t)twins[i].twin)
            ame__store_release(&slot->twin, 0);
    }
    pthread_mutex_unlock(&registering);
}

const void *ame__tx_twin_of(struct ame_tx *tx, const void *function, const char *why,
                            const void *place) {
    const void *twin = ame__twin_lookup(function);
    if (AME__LIKELY(twin))
        return twin;
    ame__tx_need_serial(tx, why, place);
    return function;
}

const void *ame_abi_twin_of(const void *function) {
    return ame__tx_twin_of(ame__self, function, "a call through a pointer",
                           __builtin_return_address(0));
}

const void *ame_abi_twin_of_named(const void *function, const char *name) {
    return ame__tx_twin_of(ame__self, function, name, __builtin_return_address(0));
}
