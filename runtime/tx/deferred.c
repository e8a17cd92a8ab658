#include "tx/deferred.h"
#include "base/diag.h"
#include "htm/htm.h"
#include <ame/abi.h>
#include <ame/atomic.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

static void log_call(struct ame_tx *tx, enum ame__call_time time, void (*function)(void *),
                     void *argument) {
    if (!AME__LOG_RESERVE(&tx->deferred)) {
        if (tx->way == AME__HTM)
            ame__htm_abort_now();
        if (tx->way == AME__STM || tx->way == AME__HYBRID)
            ame__tx_abort(tx, AME__ABORT_MEMORY);
        ame__die("out of memory for a call that the atomic block in %s defers",
                 tx->block->function);
    }
    tx->deferred.entries[tx->deferred.count++] =
        (struct ame__deferred_call){function, argument, time};
}

static void defer(struct ame_tx *tx, void (*function)(void *), void *argument) {
    log_call(tx, AME__ON_COMMIT, function, argument);
}

void ame__deferred_undone(struct ame_tx *tx, size_t older) {
    size_t kept = older;
    for (size_t i = older; i < tx->deferred.count; i++) {
        struct ame__deferred_call call = tx->deferred.entries[i];
        if (call.time == AME__ON_COMMIT)
            continue;
        call.time = AME__UNDONE;
        tx->deferred.entries[kept++] = call;
    }
    tx->deferred.count = kept;
}

/* The log is taken away first: what is called may run blocks, which defer calls of their own; if
 * none of them did, the next block gets its memory. */
void ame__run_deferred(struct ame_tx *tx) {
    size_t count = tx->deferred.count, capacity = tx->deferred.capacity;
    struct ame__deferred_call *calls = tx->deferred.entries;
    if (!count)
        return;
    tx->deferred.entries = NULL;
    tx->deferred.count = tx->deferred.capacity = 0;
    pthread_cleanup_push(free, calls); /* a call may end the thread */
    for (size_t i = count; i-- > 0;)
        if (calls[i].time == AME__UNDONE)
            calls[i].function(calls[i].argument);
    for (size_t i = 0; i < count; i++)
        if (calls[i].time == AME__ON_COMMIT)
            calls[i].function(calls[i].argument);
    pthread_cleanup_pop(0);
    if (tx->deferred.entries) {
        free(calls);
        return;
    }
    tx->deferred.entries = calls;
    tx->deferred.capacity = capacity;
    AME__LOG_CLEAR(&tx->deferred);
}

void ame_on_commit(void (*function)(void *), void *argument) {
    struct ame_tx *tx = ame__self;
    if (tx && tx->way != AME__OUTSIDE)
        defer(tx, function, argument);
    else
        function(argument);
}

void ame__twin_on_commit(void (*)(void *), void *) AME__TWIN("ame_on_commit");
void ame__twin_on_commit(void (*function)(void *), void *argument) {
    defer(ame__self, function, argument);
}

/* Hardware would undo the log too, and the serial path is never undone. */
void ame_on_abort(void (*function)(void *), void *argument) {
    struct ame_tx *tx = ame__self;
    if (!tx)
        return;
    if (tx->way == AME__HTM)
        ame__htm_abort_now();
    if (tx->way == AME__STM)
        log_call(tx, AME__ON_ABORT, function, argument);
}

void ame__twin_on_abort(void (*)(void *), void *) AME__TWIN("ame_on_abort");
void ame__twin_on_abort(void (*function)(void *), void *argument) {
    if (ame__self->way == AME__HYBRID)
        ame__htm_abort_now();
    if (ame__self->simulated)
        ame__tx_abort(ame__self, AME__ABORT_HTM_EXPLICIT);
    log_call(ame__self, AME__ON_ABORT, function, argument);
}

/* ---- functions of the C library that wake others: too early before the commit ---- */

int ame__twin_sem_post(sem_t *) AME__TWIN("sem_post");
int ame__twin_cond_signal(pthread_cond_t *) AME__TWIN("pthread_cond_signal");
int ame__twin_cond_broadcast(pthread_cond_t *) AME__TWIN("pthread_cond_broadcast");

static void post(void *semaphore) {
    sem_post(semaphore);
}

static void signal_one(void *condition) {
    pthread_cond_signal(condition);
}

static void signal_all(void *condition) {
    pthread_cond_broadcast(condition);
}

int ame__twin_sem_post(sem_t *semaphore) {
    defer(ame__self, post, semaphore);
    return 0;
}

int ame__twin_cond_signal(pthread_cond_t *condition) {
    defer(ame__self, signal_one, condition);
    return 0;
}

int ame__twin_cond_broadcast(pthread_cond_t *condition) {
    defer(ame__self, signal_all, condition);
    return 0;
}
