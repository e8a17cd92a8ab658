/* check.h - what the whole-program tests share: checks, threads, random numbers.
 *
 * A program runs its threads for a number of steps, not for a time, and exits 0
 * when all its checks held. The mode comes from outside, in AME_MODE. */
#ifndef CHECK_H
#define CHECK_H

#include <ame/ame.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Sanitized code takes several times as long. */
#define STEPS(n) (SANITIZED ? (n) / 5 : (n))

/* Also called in blocks, where it must speak at once: an attempt that saw a state
 * which never was may not be allowed to be undone and forgotten. */
ame_pure __attribute__((unused, noinline)) static void check_failed(const char *file, int line,
                                                                    const char *what) {
    fprintf(stderr, "%s:%d: check failed in mode %s: %s\n", file, line, ame_mode_name(), what);
    _exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* ---- random numbers: splitmix64 (Steele, Lea, Flood 2014) ---- */

__attribute__((unused)) static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* ---- threads ---- */

/* In the middle of a block: gives the others time to meet it there. Mostly it
 * spins, sometimes it leaves the processor to them. */
ame_pure __attribute__((unused, noinline)) static void linger(uint64_t random) {
    if (random % 32 == 0)
        sched_yield();
    else
        for (volatile uint64_t i = random % 256; i; i--)
            ;
}

enum { MAX_THREADS = 64 };

struct check_thread {
    pthread_t handle;
    int number;
    void (*body)(int number);
    pthread_barrier_t *start;
};

struct ame_tx *ame__tx_self(void);

/* The runtime knows all threads before one runs a block: else, on a busy machine, one could be
 * through before the next begins, and be the only one that has ever run blocks. Those that are too
 * large for hardware would then run alone. */
static void *check_thread_start(void *argument) {
    struct check_thread *thread = argument;
    ame__tx_self();
    pthread_barrier_wait(thread->start);
    thread->body(thread->number);
    return NULL;
}

/* Runs body(0) .. body(count - 1), all beginning at the same time; returns when
 * all have ended. */
__attribute__((unused)) static void run_threads(int count, void (*body)(int number)) {
    struct check_thread threads[MAX_THREADS];
    pthread_barrier_t start;
    CHECK(count <= MAX_THREADS);
    CHECK(!pthread_barrier_init(&start, NULL, (unsigned)count));
    for (int i = 0; i < count; i++) {
        threads[i] = (struct check_thread){.number = i, .body = body, .start = &start};
        CHECK(!pthread_create(&threads[i].handle, NULL, check_thread_start, &threads[i]));
    }
    for (int i = 0; i < count; i++)
        CHECK(!pthread_join(threads[i].handle, NULL));
    pthread_barrier_destroy(&start);
}

/* Another thread that has run a block and stays, so that the one that tests is not the only one. */
struct check_other {
    pthread_t handle;
    void (*block)(void);
    pthread_barrier_t has_run, may_end;
};

static void *check_other_start(void *argument) {
    struct check_other *other = argument;
    other->block();
    pthread_barrier_wait(&other->has_run);
    pthread_barrier_wait(&other->may_end);
    return NULL;
}

__attribute__((unused)) static void start_other(struct check_other *other, void (*block)(void)) {
    other->block = block;
    CHECK(!pthread_barrier_init(&other->has_run, NULL, 2));
    CHECK(!pthread_barrier_init(&other->may_end, NULL, 2));
    CHECK(!pthread_create(&other->handle, NULL, check_other_start, other));
    pthread_barrier_wait(&other->has_run);
}

__attribute__((unused)) static void end_other(struct check_other *other) {
    pthread_barrier_wait(&other->may_end);
    CHECK(!pthread_join(other->handle, NULL));
    pthread_barrier_destroy(&other->has_run);
    pthread_barrier_destroy(&other->may_end);
}

/* ---- ways ---- */

/* May blocks run in the processor's transactions? */
__attribute__((unused)) static bool hardware_runs_blocks(void) {
    bool works;
    ame_hardware_status(&works);
    const char *mode = ame_mode_name();
    return works && (!strcmp(mode, "auto") || !strcmp(mode, "htm"));
}

/* ---- the end of a program ---- */

/* What main returns. Also checks that blocks ran the way the mode says: a program
 * that fell back to the serial path everywhere would prove little. `alone` is the
 * number of blocks that have to run alone. */
__attribute__((unused)) static int finish(uint64_t alone) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    fprintf(stderr,
            "commits: %" PRIu64 " hardware, %" PRIu64 " software, %" PRIu64
            " serial; aborts: %" PRIu64 " hardware, %" PRIu64 " conflict, %" PRIu64
            " to serial, %" PRIu64 " memory\n",
            s.commits_htm, s.commits_stm, s.commits_serial, s.aborts_htm, s.aborts_conflict,
            s.aborts_serial, s.aborts_memory);
    bool hardware_works;
    ame_hardware_status(&hardware_works);
    const char *mode = ame_mode_name();
    bool simulated = !strcmp(mode, "simulated"); /* what runs so counts as hardware */
    if ((!hardware_works && !simulated) || !strcmp(mode, "stm") || !strcmp(mode, "serial"))
        CHECK(s.commits_htm == 0);
    if (!strcmp(mode, "serial")) {
        CHECK(s.commits_stm == 0 && s.aborts_conflict == 0);
        return 0;
    }
    CHECK(s.aborts_serial <= alone);
    CHECK(s.aborts_memory == 0);
    CHECK(s.commits_serial + s.commits_htm >= alone); /* hardware runs foreign code as it is */
    bool only_thread_may = !hardware_works && !strcmp(mode, "auto");
    if (!alone && !only_thread_may)
        CHECK(s.commits_stm + s.commits_htm > s.commits_serial);
    return 0;
}

#endif
