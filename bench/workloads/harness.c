/* harness.c - runs a case of short blocks, and what the workloads call. */
#define _GNU_SOURCE
#include "run.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static const double SECONDS = 0.25, SECONDS_QUICK = 0.005;

int bench_threads;
long bench_threads_begun;
bool bench_quick;

static const struct bench_case *running;
static pthread_barrier_t start;
static volatile double time_left;

void bench_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: wrong result in %s: %s\n", file, line, VARIANT_NAME, what);
    _exit(STATUS_WRONG);
}

void bench_pin(int number) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) < bench_threads)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && number-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        }
}

static double clock_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double bench_clock(void) {
    return clock_of(CLOCK_MONOTONIC);
}

static double cpu_clock(void) {
    return clock_of(CLOCK_THREAD_CPUTIME_ID);
}

/* Looks at the clock each tenth of a millisecond or so. */
static void work_till_time_is_over(struct worker *self) {
    self->ended = self->began;
    for (long calls = 1; running->to_the_end || self->ended < self->began + time_left;) {
        double looked = self->ended;
        for (long i = 0; i < calls; i++) {
            long done = running->work(self);
            self->operations += done; /* of which bench_progress reads meanwhile */
            if (!done)
                return;
        }
        self->ended = bench_clock();
        if (self->ended - looked < 1e-4)
            calls *= 2;
    }
}

/* Whether a node of 48 bytes, in a chunk of 64, lies on one cache line or on two would else depend
 * on what has been allocated and freed before: here all of them begin with a line. Takes what is
 * free in the midst of the heap, and then shifts its end, by a chunk of 16 bytes more, until it is
 * at a line. */
static __thread struct {
    void *chunks[4096];
    int count;
} fillers;

static void align_heap(void) {
    enum { LINE = 64, HEADER = 8, SHIFT = 16, ENOUGH = 128, MOST = 4096 };
    size_t size = LINE - HEADER;
    for (int aligned = 0; aligned < ENOUGH && fillers.count < MOST;) {
        void *chunk = fillers.chunks[fillers.count++] = malloc(size);
        CHECK(chunk);
        bool fits = (uintptr_t)chunk % LINE == 0;
        aligned = fits && size < LINE ? aligned + 1 : 0;
        size = fits || size > LINE ? LINE - HEADER : LINE + SHIFT - HEADER;
    }
}

static void free_fillers(void) {
    while (fillers.count)
        free(fillers.chunks[--fillers.count]);
}

/* For which the runtime allocates what the thread needs. */
static void run_a_block(void) {
    ATOMIC {
        bench_threads_begun++;
    }
}

static void *run_worker(void *argument) {
    struct worker *self = argument;
    bench_pin(self->number);
    run_a_block();
    align_heap();
    pthread_barrier_wait(&start);
    double cpu = cpu_clock();
    self->began = bench_clock();
    work_till_time_is_over(self);
    self->ended = bench_clock();
    self->cpu = cpu_clock() - cpu;
    free_fillers();
    return NULL;
}

static struct worker workers[BENCH_THREADS];
static pthread_t threads[BENCH_THREADS];

struct bench_progress bench_progress(void) {
    struct bench_progress sum = {0, 0};
    for (int i = 0; i < bench_threads; i++) {
        clockid_t clock;
        CHECK(!pthread_getcpuclockid(threads[i], &clock));
        sum.operations += *(volatile long *)&workers[i].operations;
        sum.cpu += clock_of(clock);
    }
    return sum;
}

struct times {
    double wall, cpu; /* cpu: the mean of the threads */
};

/* From set-up to check: adds the time of the work between. With `meanwhile` time is over when that
 * returns. */
static void run_once(struct times *times, void (*meanwhile)(void)) {
    long tally = 0, operations = 0;
    double began = 0, ended = 0;
    align_heap();
    for (int i = 0; i < bench_threads; i++)
        workers[i].tally = workers[i].operations = 0;
    if (running->set_up)
        running->set_up();
    CHECK(!pthread_barrier_init(&start, NULL, (unsigned)bench_threads));
    for (int i = 0; i < bench_threads; i++)
        CHECK(!pthread_create(&threads[i], NULL, run_worker, &workers[i]));
    if (meanwhile) {
        meanwhile();
        time_left = 0;
    }
    for (int i = 0; i < bench_threads; i++) {
        CHECK(!pthread_join(threads[i], NULL));
        tally += workers[i].tally;
        operations += workers[i].operations;
        began = i && began < workers[i].began ? began : workers[i].began;
        ended = ended > workers[i].ended ? ended : workers[i].ended;
        times->cpu += workers[i].cpu / bench_threads;
    }
    times->wall += ended - began;
    pthread_barrier_destroy(&start);
    running->check(tally, operations);
    free_fillers();
}

void bench_choose(const struct bench_case *what) {
    running = what;
    for (int i = 0; i < bench_threads; i++)
        workers[i] = (struct worker){.number = i, .random = SEED * (uint64_t)(i + 1)};
}

struct bench_progress bench_run_once(void (*meanwhile)(void)) {
    struct times times = {0, 0};
    struct bench_progress sum = {0, 0};
    time_left = INFINITY;
    run_once(&times, meanwhile);
    for (int i = 0; i < bench_threads; i++) {
        sum.operations += workers[i].operations;
        sum.cpu += workers[i].cpu;
    }
    return sum;
}

/* A case that comes to an end is run again until the time is over. One thread waits for nobody, so
 * what it does is measured in its CPU time, which other programs disturb less. */
void bench_run_case(const struct bench_case *what) {
    long totals[BENCH_THREADS] = {0}, total = 0, least = 0;
    /* Many threads get their turns on few processors seldom. */
    double seconds = (bench_quick ? SECONDS_QUICK : SECONDS) * (1 + bench_threads / 8);
    struct times times = {0, 0};
    bench_choose(what);
    do {
        time_left = seconds - times.wall;
        run_once(&times, NULL);
        for (int i = 0; i < bench_threads; i++)
            totals[i] += workers[i].operations;
    } while (times.wall < seconds * 0.9);
    for (int i = 0; i < bench_threads; i++) {
        total += totals[i];
        least = i && least < totals[i] ? least : totals[i];
    }
    double worked = bench_threads == 1 ? times.cpu : times.wall;
    printf("%s %d mops=%.5f least=%.3f cpu=%.3f", what->name, bench_threads,
           (double)total / worked / 1e6, total ? (double)least * bench_threads / (double)total : 0,
           times.cpu / times.wall);
    variant_report();
    printf("\n");
}
