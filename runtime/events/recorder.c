#define _GNU_SOURCE
#include "events/recorder.h"

#include "base/arch.h"
#include "base/diag.h"
#include "events/file.h"
#include "events/format.h"
#include <ame/error.h>

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

volatile bool ame__recording;
struct ame__writer *ame__writers;

enum {
    EVENTS = 1024,
    EVENTS_OF_ATTEMPT = 4, /* at most: it waited in three ways, and was aborted */
    BLOCKS = 64,           /* a power of two */
    FLUSHES_PER_SECOND = 10,
    FIRST_FLUSH =
        64, /* comes after so small a part of the interval; the next ones later and later */
    NAME = 64
};

/* What a thread has gathered since it last wrote to the file. The owner adds to
 * it, and the thread that ends the process writes out what the others have: the
 * lock is between those two. */
struct ame__recorder {
    pthread_mutex_t lock;
    struct ame__recorder *previous, *next; /* under list_lock */
    uint32_t thread;
    bool used;     /* an attempt was recorded in this process */
    bool finished; /* the recording ends: no more, so that events and totals agree */
    bool named;    /* its name is in the file */
    char name[NAME];
    uint64_t session;  /* the recording that the rest is of */
    uint64_t interval; /* ticks to the next flush */
    uint64_t begin_ticks;
    uint64_t previous_end;                   /* of the last attempt; at first, begin_ticks */
    uint64_t outside_ticks;                  /* before the first attempts of blocks */
    uint64_t flush_ticks;                    /* when to write next */
    uint64_t last_end;                       /* end of the last attempt if it was aborted, else 0 */
    uint64_t events_dropped;                 /* since the thread began */
    struct ame__block_totals totals[BLOCKS]; /* a hash table by block; 0 is free */
    unsigned blocks;
    unsigned event_count;
    struct ame__event events[EVENTS];
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ame__recorder *all; /* of the threads that live */
static uint32_t threads;          /* numbers given out */
static bool finished;             /* the recording has ended: under list_lock */
static volatile uint64_t session; /* number of the recording: grows, under list_lock */
static uint64_t flush_interval;   /* ticks */
static uint64_t orecs;            /* the size of the table of writers */

static __thread struct ame__recorder *own; /* of this thread, to keep it after fork */
static __thread char own_name[NAME];       /* as the program gave it */

/* ---- writing out; with the recorder's lock held, or by its owner when it is no
 * longer in the list ---- */

static void flush_events(struct ame__recorder *recorder) {
    if (recorder->event_count &&
        !ame__file_append_events(recorder->events,
                                 recorder->event_count * sizeof *recorder->events))
        recorder->events_dropped += recorder->event_count;
    recorder->event_count = 0;
}

static void flush_totals(struct ame__recorder *recorder) {
    struct ame__block_totals used[BLOCKS];
    size_t count = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        struct ame__block_totals *totals = &recorder->totals[i];
        if (totals->commits_htm + totals->commits_stm + totals->commits_serial + totals->aborts)
            used[count++] = *totals;
        /* The block stays in the table: its name need not be looked for again. */
        memset(&totals->commits_htm, 0,
               offsetof(struct ame__block_totals, thread) -
                   offsetof(struct ame__block_totals, commits_htm));
    }
    if (count)
        ame__file_append(AME__CHUNK_TOTALS, used, count * sizeof *used, NULL, 0);
}

static void flush(struct ame__recorder *recorder, uint64_t now) {
    flush_events(recorder);
    flush_totals(recorder);
    struct ame__thread_chunk thread = {
        .thread = recorder->thread,
        .begin_ticks = recorder->begin_ticks,
        .end_ticks = now,
        .outside_ticks = recorder->outside_ticks + (now - recorder->previous_end),
        .events_dropped = recorder->events_dropped,
    };
    ame__file_append(AME__CHUNK_THREAD, &thread, sizeof thread, NULL, 0);
    if (!recorder->named && *recorder->name) {
        struct ame__name_chunk name = {.thread = recorder->thread};
        recorder->named = ame__file_append(AME__CHUNK_NAME, &name, sizeof name, recorder->name,
                                           strlen(recorder->name) + 1);
    }
    if (recorder->interval < flush_interval)
        recorder->interval *= 2;
    recorder->flush_ticks = now + recorder->interval;
}

/* ---- an attempt ---- */

/* The slot of `block`, or the free one where it belongs. */
static struct ame__block_totals *find_totals(struct ame__recorder *recorder,
                                             const struct ame_abi_block *block) {
    /* Blocks are static objects: the low bits of their addresses say little. */
    size_t slot = (uintptr_t)block / 16;
    for (;; slot++) {
        struct ame__block_totals *totals = &recorder->totals[slot % BLOCKS];
        if (!totals->block || totals->block == (uint64_t)block)
            return totals;
    }
}

/* A block that this thread runs for the first time. Its names are written while
 * it runs: later it may be gone with a library that was unloaded. */
static struct ame__block_totals *add_block(struct ame__recorder *recorder,
                                           const struct ame_abi_block *block) {
    if (++recorder->blocks > BLOCKS / 2) {
        flush(recorder, ame__ticks());
        memset(recorder->totals, 0, sizeof recorder->totals);
        recorder->blocks = 1;
    }
    struct ame__block_totals *totals = find_totals(recorder, block);
    *totals = (struct ame__block_totals){.block = (uint64_t)block, .thread = recorder->thread};
    return totals;
}

static void add_to_totals(struct ame__block_totals *totals, const struct ame__attempt *attempt,
                          uint64_t worked, uint64_t waited) {
    totals->waiting_ticks += waited;
    if (attempt->reason) {
        totals->aborts++;
        totals->wasted_ticks += worked;
        return;
    }
    totals->committed_ticks += worked;
    totals->commits_htm += attempt->way == 1;
    totals->commits_stm += attempt->way == 2;
    if (attempt->way == 3) {
        totals->commits_serial++;
        totals->serial_ticks += worked;
    }
}

/* ---- allocations ---- */

/* For each line of memory, by its number modulo the size of the table: where it was allocated, in
 * the lower 48 bits, and the lowest bits of the rest of its number. One word, so that places and
 * lines of different threads do not mix. */
static volatile uint64_t *allocations;

enum { LINE_BITS = 6, PLACE_BITS = 48 };

static uint64_t tag_of(uint64_t line) {
    return line / orecs << PLACE_BITS;
}

void ame__recorder_allocated(const void *memory, size_t size, const void *place) {
    const size_t most = 1024;
    uint64_t first = (uintptr_t)memory >> LINE_BITS;
    uint64_t last = ((uintptr_t)memory + (size < most ? size : most) - 1) >> LINE_BITS;
    if (!allocations || !size)
        return;
    for (uint64_t line = first; line <= last; line++)
        allocations[line % orecs] =
            tag_of(line) | ((uintptr_t)place & ((UINT64_C(1) << PLACE_BITS) - 1));
}

static uint64_t allocation_of(const void *address) {
    uint64_t line = (uintptr_t)address >> LINE_BITS;
    if (!allocations || !address)
        return 0;
    uint64_t entry = allocations[line % orecs];
    return entry >> PLACE_BITS << PLACE_BITS == tag_of(line)
               ? entry & ((UINT64_C(1) << PLACE_BITS) - 1)
               : 0;
}

/* ---- an attempt's events ---- */

static void add_event(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                      uint32_t reason, uint64_t lost, const struct ame__conflict *conflict) {
    recorder->events[recorder->event_count++] = (struct ame__event){
        .ticks = attempt->end_ticks,
        .lost = lost,
        .block = (uint64_t)attempt->block,
        .my_place = (uint64_t)conflict->my_place,
        .other_block = (uint64_t)conflict->other.block,
        .other_place = (uint64_t)conflict->other.place,
        .address = (uint64_t)conflict->address,
        .other_address = (uint64_t)conflict->other.address,
        .other_bytes = conflict->other.bytes,
        .allocated_at = allocation_of(conflict->address),
        .why = (uint64_t)attempt->serial_why,
        .reason = reason,
        .thread = recorder->thread,
        .other_thread = conflict->other.block ? conflict->other.thread : AME__THREAD_UNKNOWN,
        .flags = conflict->other.flags,
    };
}

static void add_block_wait(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                           uint32_t reason, const struct ame__block_wait *wait, uint64_t waited) {
    struct ame__conflict conflict = {
        .other = {.block = wait->block, .thread = AME__THREAD_UNKNOWN}};
    if (wait->ticks)
        add_event(recorder, attempt, reason, wait->ticks < waited ? wait->ticks : waited,
                  &conflict);
}

static void add_events(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                       uint64_t worked, uint64_t waited) {
    const struct ame__access_wait *wait = &attempt->waited;
    if (attempt->reason)
        add_event(recorder, attempt, attempt->reason, worked, &attempt->conflict);
    if (wait->ticks)
        add_event(recorder, attempt,
                  wait->write ? AME__RECORDED_WRITE_WAITED : AME__RECORDED_READ_WAITED,
                  wait->ticks < waited ? wait->ticks : waited, &wait->at);
    add_block_wait(recorder, attempt, AME__RECORDED_GATE_WAITED, &attempt->gate, waited);
    add_block_wait(recorder, attempt, AME__RECORDED_COMMIT_WAITED, &attempt->commit, waited);
}

/* Names new to this thread go to the file before its own lock is taken: looking
 * modules up takes the dynamic loader's. Only the owner changes the table, so it
 * may look without the lock. */
static void name_what_is_new(struct ame__recorder *recorder, const struct ame__attempt *attempt) {
    if (AME__UNLIKELY(!find_totals(recorder, attempt->block)->block))
        ame__file_name_block(attempt->block);
    if (AME__UNLIKELY(attempt->serial_why != NULL))
        ame__file_name_text(attempt->serial_why);
}

/* The thread's first attempt in this recording. */
static void begin_session(struct ame__recorder *recorder, uint64_t now) {
    recorder->session = session;
    recorder->used = recorder->finished = recorder->named = false;
    recorder->last_end = recorder->events_dropped = recorder->outside_ticks = 0;
    recorder->blocks = recorder->event_count = 0;
    memset(recorder->totals, 0, sizeof recorder->totals);
    recorder->begin_ticks = recorder->previous_end = now;
    recorder->interval = flush_interval / FIRST_FLUSH + 1;
    recorder->flush_ticks = now + recorder->interval;
}

/* Only the owner does this, since it looks at the table without the lock. */
static void enter_session(struct ame__recorder *recorder, uint64_t now) {
    if (AME__LIKELY(recorder->session == session))
        return;
    pthread_mutex_lock(&recorder->lock);
    begin_session(recorder, now);
    pthread_mutex_unlock(&recorder->lock);
}

void ame__recorder_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt) {
    enter_session(recorder, attempt->begin_ticks);
    uint64_t begin = recorder->last_end ? recorder->last_end : attempt->begin_ticks;
    uint64_t length = attempt->end_ticks > begin ? attempt->end_ticks - begin : 0;
    uint64_t waited = attempt->waiting_ticks < length ? attempt->waiting_ticks : length;
    name_what_is_new(recorder, attempt);
    pthread_mutex_lock(&recorder->lock);
    if (!recorder->finished) {
        struct ame__block_totals *totals = find_totals(recorder, attempt->block);
        if (AME__UNLIKELY(!totals->block))
            totals = add_block(recorder, attempt->block);
        add_to_totals(totals, attempt, length - waited, waited);
        if (begin > recorder->previous_end)
            recorder->outside_ticks += begin - recorder->previous_end;
        recorder->previous_end = begin + length;
        add_events(recorder, attempt, length - waited, waited);
        recorder->last_end = attempt->reason ? attempt->end_ticks : 0;
        recorder->used = true;
        if (AME__UNLIKELY(attempt->end_ticks >= recorder->flush_ticks ||
                          recorder->event_count >= EVENTS - EVENTS_OF_ATTEMPT)) {
            flush(recorder, attempt->end_ticks);
            ame__file_clock(false);
        }
    }
    pthread_mutex_unlock(&recorder->lock);
}

/* ---- writers ---- */

static uint64_t bits_of(const void *address, uint32_t size) {
    uint64_t ones = size < 64 ? (UINT64_C(1) << size) - 1 : UINT64_MAX;
    return ones << ((uintptr_t)address & 63);
}

void ame__recorder_wrote(struct ame__writer *writer, const void *address, const void *old,
                         uint32_t size) {
    if (!size)
        writer->flags = AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE;
    else if (memcmp(address, old, size))
        writer->flags &= ~(uint32_t)AME__OTHER_SAME_VALUE;
    writer->bytes = size ? writer->bytes | bits_of(address, size) : 0;
}

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

struct ame__recorder *ame__recorder_open_thread(void) {
    if (!ame__recording)
        return NULL;
    struct ame__recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) {
        ame__warn("out of memory for a thread's recording; what it does is not recorded");
        return NULL;
    }
    pthread_mutex_init(&recorder->lock, NULL);
    take_name(recorder);
    pthread_mutex_lock(&list_lock);
    begin_session(recorder, ame__ticks());
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
    if (!finished && recorder->used && recorder->session == session)
        flush(recorder, ame__ticks());
    pthread_mutex_unlock(&list_lock);
    own = NULL;
    pthread_mutex_destroy(&recorder->lock);
    free(recorder);
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
        begin_session(own, ame__ticks());
    }
    pthread_mutex_unlock(&list_lock);
}

/* What is made once and stays: other threads may use it when a recording has ended. */
static bool prepare(void) {
    static bool forks_known;
    size_t size = orecs * (sizeof *ame__writers + sizeof *allocations);
    if (!forks_known && pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child)) {
        ame__warn("out of memory; the program runs without a recording");
        return false;
    }
    forks_known = true;
    if (ame__writers) {
        madvise(ame__writers, size, MADV_DONTNEED); /* those of the recording before */
        return true;
    }
    void *writers = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (writers == MAP_FAILED) {
        ame__warn("no address space for %zu bytes; the program runs without a recording", size);
        return false;
    }
    ame__writers = writers;
    allocations = (uint64_t *)(ame__writers + orecs);
    return true;
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
        flush_interval = ame__file_ticks_per_second() / FLUSHES_PER_SECOND;
        session++;
        finished = false;
        ame__recording = true;
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
        if (recorder->used && recorder->session == session)
            flush(recorder, ame__ticks());
        recorder->finished = true;
        pthread_mutex_unlock(&recorder->lock);
    }
    ame__file_clock(true);
    ame__recording = false;
    finished = true;
    pthread_mutex_unlock(&list_lock);
    return AME_OK;
}

void ame__recorder_start(uint64_t orec_count) {
    const char *path = secure_getenv("AME_RECORD");
    orecs = orec_count;
    if (path && *path)
        ame__recorder_begin(path);
}

/* A destructor runs after the functions given to atexit, which may run blocks. */
__attribute__((destructor)) static void end_recording(void) {
    ame__recorder_end();
}
