/* shared: maps and queues that threads share, beside others, in one run. Prints million operations
 * a second of all threads together, by the clock on the wall: the medians of some rounds in which
 * the subjects take turns. So both processors should be free: "busy" says what part of the
 * time the threads had one.
 *
 *     shared [entries [seconds]]    1000000, and 0.3 for each figure, if none are given
 *
 * Maps have int keys, uniform or by Zipf's law; lookups find their keys, updates replace
 * values. A queue is filled and emptied by one thread, 16 values at a time, or by one
 * thread at either end. */
#include "subject.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 3, MOST_THREADS = 2, PICKS = 1 << 18, STEP = 64, QUEUED = 16 };

static const struct shared_map *const maps[] = {
    &ame_tmaps, &ame_roots, &uthash_mutex, &uthash_rwlock, &glib_mutex, &glib_rwlock, &urcu_lfht};
static const struct shared_queue *const queues[] = {&ame_queues, &glib_queues, &urcu_queues};
enum { MAPS = sizeof maps / sizeof *maps, QUEUES = sizeof queues / sizeof *queues };

static int64_t *keys, *picks[2]; /* uniform, Zipf */
static size_t entries = 1000000;
static double seconds = 0.3;
static uint64_t random_state = 1;

static uint64_t draw(void) { /* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
    uint64_t z = random_state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static void *need(void *pointer) {
    if (!pointer) {
        fprintf(stderr, "shared: out of memory; give fewer entries\n");
        exit(1);
    }
    return pointer;
}

static double clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *name, const char *what) {
    fprintf(stderr, "shared: %s: %s\n", name, what);
    exit(1);
}

/* ---- threads ---- */

struct worker {
    pthread_t thread;
    unsigned number;
    const struct shared_map *map;
    const struct shared_queue *queue;
    void *object;
    const int64_t *picks;
    unsigned updates; /* in 10 operations */
    unsigned end;     /* of a queue: 0 pushes, 1 pops, 2 both */
    uint64_t operations;
    double busy;
};

static pthread_barrier_t start;
static double ends; /* written by the main thread between the two waits at the barrier */

static void use_map(struct worker *worker) {
    const struct shared_map *map = worker->map;
    size_t pick = worker->number * (PICKS / MOST_THREADS);
    uint64_t value = 0, done = 0;
    if (map->thread_begins)
        map->thread_begins();
    do {
        for (int i = 0; i < STEP; i++, pick++) {
            int64_t key = worker->picks[pick % PICKS];
            if ((done + (unsigned)i) % 10 < worker->updates)
                map->set(worker->object, key, pick);
            else if (!map->get(worker->object, key, &value))
                fail(map->name, "a key is not there");
        }
        done += STEP;
    } while (clock_now(CLOCK_MONOTONIC) < ends);
    if (map->thread_ends)
        map->thread_ends();
    worker->operations = done;
}

/* A value tells which it is, so that none is lost and none changes places. */
static void check_next(const struct worker *worker, uint64_t *expected) {
    if (worker->queue->pop(worker->object) != (void *)++*expected)
        fail(worker->queue->name, "a value came that was not the next one");
}

static void use_queue(struct worker *worker) {
    uint64_t pushed = 0, popped = 0;
    if (worker->end == 1) {
        void *value;
        while ((value = worker->queue->pop(worker->object)) != (void *)-1)
            if (value != (void *)++popped)
                fail(worker->queue->name, "a value came that was not the next one");
        worker->operations = popped;
        return;
    }
    do {
        for (int i = 0; i < QUEUED; i++)
            worker->queue->push(worker->object, (void *)++pushed);
        for (int i = 0; worker->end == 2 && i < QUEUED; i++)
            check_next(worker, &popped);
    } while (clock_now(CLOCK_MONOTONIC) < ends);
    if (worker->end == 0)
        worker->queue->push(worker->object, (void *)-1);
    worker->operations = popped; /* values that went through */
}

static void *work(void *argument) {
    struct worker *worker = argument;
    pthread_barrier_wait(&start);
    pthread_barrier_wait(&start);
    if (worker->map)
        use_map(worker);
    else
        use_queue(worker);
    worker->busy = clock_now(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

struct figure {
    double mops, busy;
};

static struct figure run(struct worker *workers, unsigned threads) {
    pthread_barrier_init(&start, NULL, threads + 1);
    for (unsigned t = 0; t < threads; t++) {
        workers[t].number = t;
        if (pthread_create(&workers[t].thread, NULL, work, &workers[t]))
            fail("main", "no thread could be started");
    }
    pthread_barrier_wait(&start);
    double began = clock_now(CLOCK_MONOTONIC), busy = 0;
    ends = began + seconds;
    pthread_barrier_wait(&start);
    uint64_t operations = 0;
    for (unsigned t = 0; t < threads; t++) {
        pthread_join(workers[t].thread, NULL);
        operations += workers[t].operations;
        busy += workers[t].busy;
    }
    double took = clock_now(CLOCK_MONOTONIC) - began;
    pthread_barrier_destroy(&start);
    return (struct figure){(double)operations / took / 1e6, busy / took / threads};
}

/* ---- tables ---- */

static int by_mops(const void *a, const void *b) {
    double left = ((const struct figure *)a)->mops, right = ((const struct figure *)b)->mops;
    return (left > right) - (left < right);
}

static struct figure median(struct figure figures[ROUNDS]) {
    qsort(figures, ROUNDS, sizeof *figures, by_mops);
    return figures[ROUNDS / 2];
}

static void print(const char *name, struct figure one[ROUNDS], struct figure two[ROUNDS]) {
    struct figure single = median(one), both = median(two);
    printf("%-20s %8.2f %8.2f %7.0f %%\n", name, single.mops, both.mops, 100 * both.busy);
    fflush(stdout);
}

static void *filled(const struct shared_map *map) {
    void *object = need(map->create(entries));
    if (map->thread_begins)
        map->thread_begins();
    for (size_t i = 0; i < entries; i++)
        map->set(object, keys[i], i);
    if (map->thread_ends)
        map->thread_ends();
    return object;
}

static void compare_maps(const char *title, const int64_t *chosen, unsigned updates) {
    static struct figure figures[MAPS][MOST_THREADS][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (int m = 0; m < MAPS; m++) {
            void *object = filled(maps[m]);
            for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
                struct worker workers[MOST_THREADS];
                for (unsigned t = 0; t < MOST_THREADS; t++)
                    workers[t] = (struct worker){
                        .map = maps[m], .object = object, .picks = chosen, .updates = updates};
                figures[m][threads - 1][round] = run(workers, threads);
            }
            maps[m]->destroy(object);
        }
    printf("\n%-20s %8s %8s %9s\n", title, "1 thread", "2", "busy");
    for (int m = 0; m < MAPS; m++)
        print(maps[m]->name, figures[m][0], figures[m][1]);
}

static void compare_queues(void) {
    static struct figure figures[QUEUES][MOST_THREADS][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (int q = 0; q < QUEUES; q++)
            for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
                void *object = need(queues[q]->create());
                struct worker workers[MOST_THREADS];
                for (unsigned t = 0; t < threads; t++)
                    workers[t] = (struct worker){
                        .queue = queues[q], .object = object, .end = threads == 1 ? 2 : t};
                figures[q][threads - 1][round] = run(workers, threads);
                queues[q]->destroy(object);
            }
    printf("\n%-20s %8s %8s %9s\n", "queue, values", "1 thread", "2", "busy");
    for (int q = 0; q < QUEUES; q++)
        print(queues[q]->name, figures[q][0], figures[q][1]);
}

int main(int argc, char **argv) {
    if (argc > 1)
        entries = strtoull(argv[1], NULL, 0);
    if (argc > 2)
        seconds = strtod(argv[2], NULL);
    if (!entries || entries > 100000000 || !(seconds > 0)) {
        fprintf(stderr, "shared: give 1 to 100000000 entries, and more than 0 seconds\n");
        return 1;
    }
    keys = need(malloc(entries * sizeof *keys));
    for (size_t i = 0; i < entries; i++)
        keys[i] = (int64_t)draw();
    for (int kind = 0; kind < 2; kind++) {
        picks[kind] = need(malloc(PICKS * sizeof **picks));
        for (size_t i = 0; i < PICKS; i++) {
            /* Frequency of the k-th key about 1/k: a uniform exponent gives that. */
            double u = (double)(draw() >> 11) / 9007199254740992.0;
            double k =
                kind ? __builtin_exp(u * __builtin_log((double)entries)) - 1 : u * (double)entries;
            picks[kind][i] = keys[(size_t)k % entries];
        }
    }
    compare_maps("lookups, uniform", picks[0], 0);
    compare_maps("lookups, zipf", picks[1], 0);
    compare_maps("1 in 10 updates, un.", picks[0], 1);
    compare_maps("1 in 10 updates, z.", picks[1], 1);
    compare_queues();
    return 0;
}
