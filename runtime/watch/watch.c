#define _GNU_SOURCE
#include "watch/watch.h"
#include "base/arch.h"
#include "base/heap.h"
#include "core/tx.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS };

enum state { WOKEN, WATCHING, ASLEEP };

struct watched {
    struct watched *next, **link; /* in its bucket; link is NULL when it was unlinked */
    uint64_t key;
    struct ame__watcher *watcher;
};

struct ame__watcher {
    ame__word state;            /* enum state; its lower half is the futex */
    struct ame__watcher *below; /* of the block in whose abort action this one's block runs */
    const struct ame_abi_block *woken_by; /* a hint */
    size_t count;
    struct watched keys[];
};

struct bucket {
    struct watched *first;
    pthread_mutex_t lock;
};

AME__ALIGNED_LINE ame__word ame__watchers;

static struct bucket buckets[BUCKETS] = {[0 ... BUCKETS - 1] = {NULL, PTHREAD_MUTEX_INITIALIZER}};

static struct bucket *bucket_of(uint64_t key) {
    /* Fibonacci hashing (Knuth, vol. 3, 6.4) */
    return &buckets[key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - BUCKET_BITS)];
}

static void futex(ame__word *word, int operation, uint32_t value) {
    syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* ---- the table ---- */

struct ame__watcher *ame__watcher_begin(struct ame__watcher **stack, size_t keys) {
    struct ame__watcher *watcher = ame__malloc(sizeof *watcher + keys * sizeof watcher->keys[0]);
    if (!watcher)
        return NULL;
    watcher->state = WATCHING;
    watcher->below = *stack;
    watcher->woken_by = NULL;
    watcher->count = 0;
    *stack = watcher;
    ame__add_full(&ame__watchers, 1);
    return watcher;
}

void ame__watcher_add(struct ame__watcher *watcher, uint64_t key) {
    struct bucket *bucket = bucket_of(key);
    struct watched *watched = &watcher->keys[watcher->count++];
    pthread_mutex_lock(&bucket->lock);
    *watched = (struct watched){bucket->first, &bucket->first, key, watcher};
    if (watched->next)
        watched->next->link = &watched->next;
    /* Full fence: R1. */
    ame__store_full((ame__word *)&bucket->first, (uint64_t)watched);
    pthread_mutex_unlock(&bucket->lock);
}

static void unlink_key(struct watched *watched) {
    if (watched->next)
        watched->next->link = watched->link;
    ame__store_relaxed((ame__word *)watched->link, (uint64_t)watched->next);
    watched->link = NULL;
}

void ame__watcher_end(struct ame__watcher **stack) {
    struct ame__watcher *watcher = *stack;
    for (size_t i = 0; i < watcher->count; i++) {
        struct bucket *bucket = bucket_of(watcher->keys[i].key);
        pthread_mutex_lock(&bucket->lock);
        if (watcher->keys[i].link)
            unlink_key(&watcher->keys[i]);
        pthread_mutex_unlock(&bucket->lock);
    }
    ame__add_full(&ame__watchers, (uint64_t)-1);
    *stack = watcher->below;
    free(watcher);
}

/* ---- sleeping ---- */

/* Where somebody is about to change what is watched, a moment's patience saves two system calls.
 * More of it is time taken from whoever is to make the change, where processors are scarce. */
static bool woken_within_a_moment(struct ame__watcher *watcher) {
    enum { PAUSES = 20 };
    for (int i = 0; i < PAUSES; i++) {
        if (ame__load_acquire(&watcher->state) == WOKEN)
            return true;
        ame__pause();
    }
    return !ame__cas_full(&watcher->state, WATCHING, ASLEEP);
}

void ame__watcher_sleep(struct ame__watcher *watcher) {
    int type;
    if (woken_within_a_moment(watcher))
        return;
    /* The thread is in no block and holds nothing but the watcher, which its end takes away. */
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    while (ame__load_acquire(&watcher->state) == ASLEEP)
        futex(&watcher->state, FUTEX_WAIT, ASLEEP);
    pthread_setcanceltype(type, &type);
}

static void wake_watcher(struct ame__watcher *watcher) {
    uint64_t state;
    if (ame__load_relaxed(&watcher->state) != WOKEN && ame__self)
        watcher->woken_by = ame__self->block;
    do
        state = ame__load_relaxed(&watcher->state);
    while (state != WOKEN && !ame__cas_full(&watcher->state, state, WOKEN));
    if (state == ASLEEP)
        futex(&watcher->state, FUTEX_WAKE, 1);
}

/* With NULL for `key`, whoever watches anything in the bucket. */
static void wake_in(struct bucket *bucket, const uint64_t *key) {
    if (!ame__load_acquire((ame__word *)&bucket->first))
        return;
    pthread_mutex_lock(&bucket->lock);
    for (struct watched *watched = bucket->first, *next; watched; watched = next) {
        next = watched->next;
        if (key && watched->key != *key)
            continue;
        unlink_key(watched); /* R3: the next commit need not look at it again */
        wake_watcher(watched->watcher);
    }
    pthread_mutex_unlock(&bucket->lock);
}

const struct ame_abi_block *ame__watcher_woken_by(const struct ame__watcher *watcher) {
    return watcher->woken_by;
}

void ame__wake(uint64_t key) {
    wake_in(bucket_of(key), &key);
}

void ame__wake_all(void) {
    for (size_t i = 0; i < BUCKETS; i++)
        wake_in(&buckets[i], NULL);
}
