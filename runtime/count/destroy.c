/* destroy.c - the end of counted objects: those that a thread has found dead are in tx->dying. With
 * a step, it puts off what is more, into one list for all threads; who releases next takes from
 * there. What waits no block reads any more. */
#include "base/atomics.h"
#include "base/forks.h"
#include "base/log.h"
#include "count/count.h"
#include "stm/stm.h"
#include <ame/count.h>

#include <pthread.h>
#include <string.h>

static ame__word step; /* 0: none */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static AME__LOG(struct ame__release_entry) waiting; /* guarded by `lock` */
static ame__word anything_waits;                    /* written under `lock`, a hint without it */

static void hold(void) {
    pthread_mutex_lock(&lock);
}

static void let_go(void) {
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold, let_go);
}

/* All but the first `kept`. Without memory they are destroyed now. */
static void put_off(struct ame_tx *tx, size_t kept) {
    pthread_mutex_lock(&lock);
    while (tx->dying.count > kept && AME__LOG_RESERVE(&waiting))
        waiting.entries[waiting.count++] = tx->dying.entries[--tx->dying.count];
    ame__store_release(&anything_waits, waiting.count != 0);
    pthread_mutex_unlock(&lock);
}

static void take_up(struct ame_tx *tx, size_t most) {
    if (!ame__load_relaxed(&anything_waits))
        return;
    pthread_mutex_lock(&lock);
    for (; most && waiting.count && AME__LOG_RESERVE(&tx->dying); most--)
        tx->dying.entries[tx->dying.count++] = waiting.entries[--waiting.count];
    if (!waiting.count)
        AME__LOG_CLEAR(&waiting);
    ame__store_release(&anything_waits, waiting.count != 0);
    pthread_mutex_unlock(&lock);
}

static void destroy_first(struct ame_tx *tx, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct ame__release_entry dead = tx->dying.entries[i];
        tx->dying.entries[i].destroy = NULL; /* the thread may end in there */
        if (dead.destroy)
            dead.destroy(dead.ref);
    }
    tx->dying.count -= count;
    memmove(tx->dying.entries, tx->dying.entries + count,
            tx->dying.count * sizeof *tx->dying.entries);
}

/* Up to `most` objects; what these release comes behind them, and needs a wait of its own. */
static size_t destroy(struct ame_tx *tx, size_t most) {
    size_t left = most;
    tx->destroying = true;
    for (;;) {
        if (!tx->dying.count)
            take_up(tx, left);
        if (!tx->dying.count)
            break;
        ame__stm_quiesce(tx);
        if (tx->dying.count > left)
            put_off(tx, left);
        size_t batch = tx->dying.count;
        destroy_first(tx, batch);
        left -= batch < left ? batch : left;
    }
    AME__LOG_CLEAR(&tx->dying);
    tx->destroying = false;
    return most - left;
}

void ame__count_destroy_dying(struct ame_tx *tx) {
    if (tx->destroying)
        return; /* called from a destroy function: the loop above goes on with it */
    size_t limit = ame__load_relaxed(&step);
    destroy(tx, limit ? limit : SIZE_MAX);
}

void ame_ref_destroy_in_steps(size_t objects) {
    ame__store_release(&step, objects);
}

size_t ame_ref_destroy_waiting(size_t objects) {
    struct ame_tx *tx = ame__tx_self();
    return tx->way != AME__OUTSIDE || tx->destroying ? 0 : destroy(tx, objects);
}
