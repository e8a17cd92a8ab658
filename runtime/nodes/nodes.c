#include "nodes/nodes.h"
#include "base/arch.h"
#include "base/atomics.h"
#include "base/forks.h"
#include "base/heap.h"
#include "nodes/lock.h"
#include "nodes/slabs.h"

#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { KEPT = 30, SIZES = AME__SLAB_SIZES };

/* Freed nodes of one size. */
struct magazine {
    struct magazine *next;
    const void *seller; /* the thread, if it is full and traded */
    uint32_t count;
    bool bought; /* of another thread, and this one has put nothing into it */
    void *nodes[KEPT];
};

/* Of one size. A magazine is taken from and put into until it is empty or full; the spare one is
 * the other way round, so that neither a node taken after one put nor the reverse needs a trade. */
struct kept {
    struct magazine *loaded, *spare;
};

static __thread struct kept kept[SIZES] __attribute__((tls_model("initial-exec")));
static __thread bool known __attribute__((tls_model("initial-exec"))); /* to `thread_end` */

/* What threads trade; `lock` guards it. The lists of full ones are looked at without it. */
static struct {
    ame__word lock;
    struct magazine *full[SIZES], *empty;
    size_t bytes;
} AME__ALIGNED_LINE traded;

static pthread_key_t thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_end; /* of threads: without it nothing is kept */

/* 4, 6, 8, 16, 24 ... 128 words. */
static inline size_t size_of(size_t words) {
    size_t capacity = ame__capacity(words);
    return capacity <= 8 ? capacity / 2 - 2 : capacity / 8 + 1;
}

static inline size_t bytes_of(size_t size) {
    return (size < 3 ? 2 * size + 4 : 8 * size - 8) * sizeof(uint64_t);
}

static void free_all(struct magazine *magazine) {
    uint32_t of_slabs = 0;
    for (uint32_t i = 0; i < magazine->count; i++) {
        void *node = magazine->nodes[i];
        if (ame__is_of_slab(node))
            magazine->nodes[of_slabs++] = node;
        else
            free(node);
    }
    ame__give_to_slabs(magazine->nodes, of_slabs);
    magazine->count = 0;
}

static void free_alone(void *node) {
    if (ame__is_of_slab(node))
        ame__give_to_slabs(&node, 1);
    else
        free(node);
}

/* ---- trade ---- */

/* Where a full one hangs that this thread has sold, if it is among the newest, else the newest:
 * threads that all give what they have taken find it in their caches. */
static struct magazine **own_or_newest(size_t size) {
    enum { LOOKED_AT = 8 };
    struct magazine **at = &traded.full[size];
    for (int i = 0; *at && i < LOOKED_AT; i++, at = &(*at)->next)
        if ((*at)->seller == kept)
            return at;
    return &traded.full[size];
}

static struct magazine *buy_full(size_t size) {
    ame__lock(&traded.lock);
    struct magazine **at = own_or_newest(size), *magazine = *at;
    if (magazine) {
        /* Relaxed: looks without the lock see that there is one or none, no more. */
        ame__store_relaxed((ame__word *)at, (uint64_t)magazine->next);
        traded.bytes -= KEPT * bytes_of(size);
        magazine->bought = magazine->seller != kept;
    }
    ame__unlock(&traded.lock);
    return magazine;
}

static void sell_empty(struct magazine *magazine) {
    ame__lock(&traded.lock);
    magazine->next = traded.empty;
    traded.empty = magazine;
    ame__unlock(&traded.lock);
}

/* NULL: out of memory. */
static struct magazine *buy_empty(void) {
    ame__lock(&traded.lock);
    struct magazine *magazine = traded.empty;
    if (magazine)
        traded.empty = magazine->next;
    ame__unlock(&traded.lock);
    if (!magazine && (magazine = ame__malloc(sizeof *magazine)))
        magazine->count = 0;
    return magazine;
}

/* A full magazine for an empty one, or NULL for want of memory. Where enough are traded it is
 * emptied (N2). */
static struct magazine *trade_full(size_t size, struct magazine *magazine) {
    size_t bytes = KEPT * bytes_of(size);
    ame__lock(&traded.lock);
    bool accepted = traded.bytes + bytes <= AME__TRADED_BYTES;
    if (accepted) {
        traded.bytes += bytes;
        magazine->next = traded.full[size];
        magazine->seller = kept;
        ame__store_relaxed((ame__word *)&traded.full[size], (uint64_t)magazine);
    }
    ame__unlock(&traded.lock);
    if (accepted)
        return buy_empty();
    free_all(magazine);
    return magazine;
}

static void hold(void) {
    ame__lock(&traded.lock);
}

static void let_go(void) {
    ame__unlock(&traded.lock);
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold, let_go);
}

/* ---- threads ---- */

/* Half-full magazines are not traded. */
static void keep_nothing(bool trades) {
    for (size_t size = 0; size < SIZES; size++) {
        struct magazine *mine[] = {kept[size].loaded, kept[size].spare};
        kept[size] = (struct kept){NULL, NULL};
        for (size_t i = 0; i < 2; i++) {
            struct magazine *magazine = mine[i];
            if (trades && magazine && magazine->count == KEPT)
                magazine = trade_full(size, magazine);
            if (!magazine)
                continue;
            free_all(magazine);
            sell_empty(magazine);
        }
    }
}

/* N3. Functions that run at a later end of the thread may take and give nodes again, and then this
 * is called once more. */
static void end_thread(void *unused) {
    (void)unused;
    known = false;
    keep_nothing(true);
}

void ame__free_kept_nodes(void) {
    struct magazine *magazine;
    keep_nothing(false);
    for (size_t size = 0; size < SIZES; size++)
        while ((magazine = buy_full(size))) {
            free_all(magazine);
            sell_empty(magazine);
        }
    ame__give_back_slabs();
}

static void start(void) {
    has_end = !pthread_key_create(&thread_end, end_thread);
    ame__reserve_slabs();
}

/* Whether the thread's end will be known. */
static bool make_known(void) {
    pthread_once(&once, start);
    if (!known)
        known = has_end && !pthread_setspecific(thread_end, &known);
    return known;
}

/* ---- taking and giving ---- */

static void *take_alone(size_t size) {
    void *node;
    bool taken = ame__take_from_slabs((uint32_t)size, (uint32_t)bytes_of(size), &node, 1);
    return taken ? node : malloc(bytes_of(size));
}

/* There is no magazine, or `loaded` and it is empty. */
static void *take_new(size_t size) {
    struct kept *here = &kept[size];
    struct magazine *magazine = here->loaded ? here->loaded : buy_empty();
    if (!magazine)
        return take_alone(size);
    here->loaded = magazine;
    magazine->bought = false;
    magazine->count =
        ame__take_from_slabs((uint32_t)size, (uint32_t)bytes_of(size), magazine->nodes, KEPT);
    return magazine->count ? magazine->nodes[--magazine->count] : malloc(bytes_of(size));
}

static AME__NOINLINE void *take_further(size_t size) {
    struct kept *here = &kept[size];
    struct magazine *full = here->spare;
    if (full && full->count) {
        here->spare = here->loaded;
        here->loaded = full;
        return full->nodes[--full->count];
    }
    if (!make_known())
        return take_alone(size);
    if (!ame__load_relaxed((ame__word *)&traded.full[size]) || !(full = buy_full(size)))
        return take_new(size);
    if (here->loaded) {
        if (here->spare)
            sell_empty(here->spare);
        here->spare = here->loaded;
    }
    here->loaded = full;
    return full->nodes[--full->count];
}

/* Another thread may have looked at it last: its lines come while others are still written. */
static inline void fetch_to_write(char *node, size_t bytes) {
    for (size_t at = 0; at < bytes; at += AME__CACHE_LINE)
        ame__prefetch_to_write(node + at);
}

void *ame__take_node(size_t words) {
    if (AME__ASAN || AME__UNLIKELY(words > AME__MOST_NODE_WORDS))
        return malloc(ame__capacity(words) * sizeof(uint64_t));
    size_t size = size_of(words);
    struct magazine *magazine = kept[size].loaded;
    if (AME__LIKELY(magazine && magazine->count)) {
        char *node = magazine->nodes[--magazine->count];
        if (AME__UNLIKELY(magazine->bought))
            fetch_to_write(node, bytes_of(size));
        return node;
    }
    return take_further(size);
}

/* `loaded` is full, or there is none. */
static AME__NOINLINE void give_further(size_t size, void *node) {
    struct kept *here = &kept[size];
    struct magazine *empty = here->spare;
    if (!empty || empty->count) {
        if (!make_known()) {
            free_alone(node);
            return;
        }
        empty = empty ? trade_full(size, empty) : buy_empty();
    }
    here->spare = here->loaded;
    here->loaded = empty;
    if (!empty) {
        free_alone(node);
        return;
    }
    empty->bought = false;
    empty->nodes[empty->count++] = node;
}

static inline void give(void *node, size_t size) {
    struct magazine *magazine = kept[size].loaded;
    if (AME__LIKELY(magazine && magazine->count < KEPT)) {
        magazine->bought = false;
        magazine->nodes[magazine->count++] = node;
    } else {
        give_further(size, node);
    }
}

void ame__give_node(void *node, size_t words) {
    if (AME__ASAN || AME__UNLIKELY(words > AME__MOST_NODE_WORDS))
        free(node);
    else
        give(node, size_of(words));
}

void ame__drop_node(void *node) {
    if (ame__is_of_slab(node))
        give(node, ame__size_in_slab(node));
    else
        free(node);
}

size_t ame__usable_size(void *memory) {
    return ame__is_of_slab(memory) ? ame__bytes_in_slab(memory) : malloc_usable_size(memory);
}
