/* harness.c - runs a case of short blocks, and what the workloads call. */
#define _GNU_SOURCE
#include "run.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static const double SECONDS = 0.25, SECONDS_QUICK = 0.005;

int bench_threads;
bool bench_quick;

static const struct bench_case *running;
static pthread_barrier_t start;
static double time_left;

void bench_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: wrong result in %s: %s\n", file, line, VARIANT_NAME, what);
    _exit(STATUS_WRONG);
}

double bench_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
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

static void *run_worker(void *argument) {
    struct worker *self = argument;
    bench_pin(self->number);
    pthread_barrier_wait(&start);
    self->began = self->ended = bench_clock();
    while (self->ended < self->began + time_left) {
        long done = running->work(self);
        self->ended = bench_clock();
        self->operations += done;
        if (!done)
            break;
    }
    return NULL;
}

/* From set-up to check; returns the seconds that the threads worked. */
static double run_once(struct worker *workers) {
    pthread_t threads[BENCH_THREADS];
    long tally = 0, operations = 0;
    double began = 0, ended = 0;
    if (running->set_up)
        running->set_up();
    CHECK(!pthread_barrier_init(&start, NULL, (unsigned)bench_threads));
    for (int i = 0; i < bench_threads; i++)
        CHECK(!pthread_create(&threads[i], NULL, run_worker, &workers[i]));
    for (int i = 0; i < bench_threads; i++) {
        CHECK(!pthread_join(threads[i], NULL));
        tally += workers[i].tally;
        operations += workers[i].operations;
        began = i && began < workers[i].began ? began : workers[i].began;
        ended = ended > workers[i].ended ? ended : workers[i].ended;
    }
    pthread_barrier_destroy(&start);
    running->check(tally, operations);
    return ended - began;
}

/* A case that comes to an end is run again until the time is over. */
void bench_run_case(const struct bench_case *what) {
    static struct worker workers[BENCH_THREADS];
    long totals[BENCH_THREADS] = {0}, total = 0, least = 0;
    double worked = 0, seconds = bench_quick ? SECONDS_QUICK : SECONDS;
    for (int i = 0; i < bench_threads; i++)
        workers[i] = (struct worker){.number = i, .random = SEED * (uint64_t)(i + 1)};
    running = what;
    do {
        for (int i = 0; i < bench_threads; i++)
            workers[i].tally = workers[i].operations = 0;
        time_left = seconds - worked;
        worked += run_once(workers);
        for (int i = 0; i < bench_threads; i++)
            totals[i] += workers[i].operations;
    } while (worked < seconds * 0.9);
    for (int i = 0; i < bench_threads; i++) {
        total += totals[i];
        least = i && least < totals[i] ? least : totals[i];
    }
    printf("%s %d mops=%.5f least=%.3f", what->name, bench_threads, (double)total / worked / 1e6,
           total ? (double)least * bench_threads / (double)total : 0);
    variant_report();
    printf("\n");
}
