/* long.c - runs a long block: alone, then beside a thread of short ones. */
#include "base/atomics.h"
#include "run.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BLOCKS = 1000, LIMIT = 60, LIMIT_QUICK = 20 };

static const double SECONDS = 1, SECONDS_QUICK = 0.01;

static const struct bench_long_case *running;
static struct worker updater;
static ame__word stopped;
static sem_t finished;
static volatile long tries;
static double fresh_bytes, fresh_seconds;

void bench_try(void) {
    tries++;
}

void bench_fresh_memory(double bytes, double seconds) {
    fresh_bytes += bytes;
    fresh_seconds += seconds;
}

static double duration(void) {
    return bench_quick ? SECONDS_QUICK : SECONDS;
}

/* ---- the updater ---- */

static void *update(void *unused) {
    bench_pin(1);
    updater.operations = 0;
    updater.began = bench_clock();
    while (!ame__load_acquire(&stopped))
        updater.operations += running->update(&updater);
    updater.ended = bench_clock();
    return unused;
}

static pthread_t start_updater(void) {
    pthread_t thread;
    ame__store_release(&stopped, 0);
    CHECK(!pthread_create(&thread, NULL, update, NULL));
    return thread;
}

/* Returns million updates a second. */
static double stop_updater(pthread_t thread) {
    ame__store_release(&stopped, 1);
    CHECK(!pthread_join(thread, NULL));
    return (double)updater.operations / (updater.ended - updater.began) / 1e6;
}

/* ---- the blocks ---- */

struct blocks {
    double median;
    double tries; /* for each block */
};

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void *run_blocks(void *argument) {
    struct blocks *result = argument;
    double took[MOST_BLOCKS], all = 0;
    int count = 0;
    bench_pin(0);
    tries = 0;
    while (count < MOST_BLOCKS && all < duration()) {
        double began = bench_clock();
        running->block();
        all += took[count++] = bench_clock() - began;
    }
    qsort(took, (size_t)count, sizeof *took, ascending);
    *result = (struct blocks){took[count / 2], (double)tries / count};
    sem_post(&finished);
    return NULL;
}

/* False if no block came to an end: then the program can only be ended. */
static bool finish_blocks(struct blocks *result) {
    pthread_t thread;
    struct timespec limit;
    CHECK(!pthread_create(&thread, NULL, run_blocks, result));
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += bench_quick ? LIMIT_QUICK : LIMIT;
    if (sem_timedwait(&finished, &limit))
        return false;
    CHECK(!pthread_join(thread, NULL));
    return true;
}

static double peak_megabytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void end_endless(const char *how) {
    printf(" %s=endless long_tries=%ld\n", how, tries);
    fflush(stdout);
    _exit(STATUS_ENDLESS);
}

void bench_run_long_case(const struct bench_long_case *what) {
    struct blocks alone, beside = {0, 0};
    double updates = 0, updates_beside = 0;
    running = what;
    updater = (struct worker){.number = 1, .random = SEED};
    bench_threads = 2;
    fresh_bytes = fresh_seconds = 0;
    CHECK(!sem_init(&finished, 0, 0));
    what->set_up();

    pthread_t thread = start_updater();
    usleep((unsigned)(duration() * 1e6));
    updates = stop_updater(thread);

    double before = peak_megabytes();
    printf("%s 2 updates=%.4f", what->name, updates);
    if (!finish_blocks(&alone))
        end_endless("alone");
    printf(" alone=%.3f memory=%.1f", alone.median * 1e3, peak_megabytes() - before);
    if (fresh_bytes > 0)
        printf(" fresh=%.0f", fresh_bytes / fresh_seconds / 1e6);

    if (!variant_obstacle(2)) {
        thread = start_updater();
        if (!finish_blocks(&beside))
            end_endless("beside");
        updates_beside = stop_updater(thread);
        printf(" beside=%.3f long_tries=%.3f updates_beside=%.4f", beside.median * 1e3,
               beside.tries, updates_beside);
    }
    variant_report();
    printf("\n");
    what->check();
    sem_destroy(&finished);
}
