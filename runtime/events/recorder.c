#define _GNU_SOURCE
#include "events/recorder.h"

#include "base/arch.h"
#include "base/diag.h"
#include "base/heap.h"
#include "events/allocations.h"
#include "events/buffer.h"
#include "events/file.h"
#include "events/writers.h"
#include <ame/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef ame__recording
volatile uint64_t ame__recording;
volatile uint64_t ame__session; /* under list_lock */
struct ame__rates ame__rates;

/* What is in seconds, of which so many parts are meant. */
enum {
    FLUSHES = 10,
    LOOKS = 2500000,
    SHORT_BLOCKS = 25000,
    TINY_BLOCKS = 20000000,
    LONG_BLOCKS = 5000,
    FIRST_CREDIT = 2500,
    MOST_CREDIT = 500,
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ame__recorder *all;    /* of the threads that live */
static struct ame__recorder *unused; /* of those that have ended */
static uint32_t threads;             /* numbers given out */
static bool finished;                /* the recording has ended: under list_lock */

static __thread struct ame__recorder *own;       /* of this thread, to keep it after fork */
static __thread char own_name[AME__THREAD_NAME]; /* as the program gave it */

/* ---- threads ---- */

uint32_t ame__recorder_thread(const struct ame__recorder *recorder) {
    return recorder ? recorder->thread : AME__THREAD_UNKNOWN;
}

/* Threads are born with the name of their process, which says nothing. */
static void take_name(struct ame__recorder *recorder) {
    const char *program = program_invocation_short_name;
    memcpy(recorder->name, own_name, sizeof own_name);
    if (*own_name || pthread_getname_np(pthread_self(), recorder->name, sizeof recorder->name) ||
        !strncmp(recorder->name, program, 15)) /* of which the system keeps 15 bytes */
        memcpy(recorder->name, own_name, sizeof own_name);
}

void ame__recorder_name_thread(struct ame__recorder *recorder, const char *name) {
    snprintf(own_name, sizeof own_name, "%s", name);
    if (!recorder)
        return;
    pthread_mutex_lock(&recorder->lock);
    memcpy(recorder->name, own_name, sizeof own_name);
    recorder->named = false;
    pthread_mutex_unlock(&recorder->lock);
}

void ame__recorder_mark(struct ame__recorder *recorder, const char *text) {
    struct ame__mark_chunk mark = {.ticks = ame__ticks(), .thread = recorder->thread};
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    if (ame__recording)
        ame__file_append(AME__CHUNK_MARK, &mark, sizeof mark, copy, strlen(copy) + 1);
}

/* Perhaps one of a thread that has ended: programs that start threads all the time would wait for
 * the system's memory at each. */
static struct ame__recorder *make_recorder(void) {
    pthread_mutex_lock(&list_lock);
    struct ame__recorder *recorder = unused;
    if (recorder)
        unused = recorder->next;
    pthread_mutex_unlock(&list_lock);
    if (recorder) {
        recorder->previous = recorder->next = NULL;
        return recorder;
    }
    recorder = ame__calloc(1, sizeof *recorder);
    if (recorder)
        pthread_mutex_init(&recorder->lock, NULL);
    return recorder;
}

struct ame__recorder *ame__recorder_open_thread(struct ame__watching *watching) {
    if (!ame__recording)
        return NULL;
    struct ame__recorder *recorder = make_recorder();
    if (!recorder) {
        ame__warn("out of memory for a thread's recording; what it does is not recorded");
        return NULL;
    }
    recorder->watching = watching;
    take_name(recorder);
    pthread_mutex_lock(&list_lock);
    ame__buffer_begin(recorder, ame__session, ame__ticks());
    recorder->finished = finished;
    recorder->thread = threads++;
    recorder->next = all;
    if (all)
        all->previous = recorder;
    all = recorder;
    pthread_mutex_unlock(&list_lock);
    own = recorder;
    return recorder;
}

void ame__recorder_close_thread(struct ame__recorder *recorder) {
    if (!recorder)
        return;
    pthread_mutex_lock(&list_lock);
    if (recorder->previous)
        recorder->previous->next = recorder->next;
    else
        all = recorder->next;
    if (recorder->next)
        recorder->next->previous = recorder->previous;
    if (!finished && recorder->used && recorder->watching->session == ame__session)
        ame__buffer_flush(recorder, ame__ticks());
    recorder->next = unused;
    unused = recorder;
    pthread_mutex_unlock(&list_lock);
    own = NULL;
}

/* ---- the process ---- */

static void before_fork(void) {
    pthread_mutex_lock(&list_lock);
    ame__file_before_fork();
}

static void after_fork_in_parent(void) {
    ame__file_after_fork_in_parent();
    pthread_mutex_unlock(&list_lock);
}

/* Of the threads only this one lives on. The recorders of the others stay where
 * their descriptors point, unused. */
static void after_fork_in_child(void) {
    ame__file_after_fork_in_child();
    all = own;
    threads = own ? 1 : 0;
    if (own) {
        own->previous = own->next = NULL;
        own->thread = 0;
        ame__buffer_begin(own, ame__session, ame__ticks());
    }
    pthread_mutex_unlock(&list_lock);
}

/* What is made once and stays: other threads may use it when a recording has ended. */
static bool prepare(void) {
    static bool forks_known;
    if (!forks_known && pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child)) {
        ame__warn("out of memory; the program runs without a recording");
        return false;
    }
    forks_known = true;
    if (!ame__writers_forget()) {
        ame__warn("out of memory for a table; the program runs without a recording");
        return false;
    }
    ame__allocations_watch();
    return true;
}

/* The shortest of a few: the thread may be interrupted in between. */
static uint64_t ticks_of_two_looks(void) {
    enum { TRIALS = 16 };
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < TRIALS; i++) {
        uint64_t first = ame__ticks(), second = ame__ticks();
        if (second - first < shortest)
            shortest = second - first;
    }
    return shortest;
}

static void set_rates(uint64_t ticks_per_second) {
    ame__rates = (struct ame__rates){
        .flush_interval = ticks_per_second / FLUSHES,
        .two_looks = ticks_of_two_looks(),
        .look = ticks_per_second / LOOKS,
        .short_block = ticks_per_second / SHORT_BLOCKS,
        .tiny_block = ticks_per_second / TINY_BLOCKS,
        .long_block = ticks_per_second / LONG_BLOCKS,
        .first_credit = ticks_per_second / FIRST_CREDIT,
        .most_credit = ticks_per_second / MOST_CREDIT,
    };
}

int ame__recorder_begin(const char *path) {
    int result = AME_OK;
    pthread_mutex_lock(&list_lock);
    if (ame__recording)
        result = AME_EINVAL;
    else if (!prepare())
        result = AME_ENOMEM;
    else if (!ame__file_open(path))
        result = AME_EIO;
    if (result == AME_OK) {
        set_rates(ame__file_ticks_per_second());
        finished = false;
        ame__recording = ++ame__session;
    }
    pthread_mutex_unlock(&list_lock);
    return result;
}

/* Other threads may run on meanwhile: what they do from here on is not recorded. */
int ame__recorder_end(void) {
    pthread_mutex_lock(&list_lock);
    if (!ame__recording) {
        pthread_mutex_unlock(&list_lock);
        return AME_EINVAL;
    }
    for (struct ame__recorder *recorder = all; recorder; recorder = recorder->next) {
        pthread_mutex_lock(&recorder->lock);
        if (recorder->used && recorder->watching->session == ame__session)
            ame__buffer_flush(recorder, ame__ticks());
        recorder->finished = true;
        pthread_mutex_unlock(&recorder->lock);
    }
    ame__file_clock(true);
    ame__allocations_ignore();
    ame__recording = 0;
    finished = true;
    pthread_mutex_unlock(&list_lock);
    return AME_OK;
}

/* The file that the environment asks for, or NULL. */
static const char *wanted(void) {
    const char *path = secure_getenv("AME_RECORD");
    return path && *path ? path : NULL;
}

void ame__recorder_prepare(void) {
    if (!wanted())
        return;
    ame__allocations_watch();
    ame__file_ticks_per_second(); /* now, and not in the first block */
}

void ame__recorder_start(void) {
    if (wanted())
        ame__recorder_begin(wanted());
}

/* A destructor runs after the functions given to atexit, which may run blocks. */
__attribute__((destructor)) static void end_recording(void) {
    ame__recorder_end();
}
