/* opposite_orders.c - blocks that can't but conflict: threads add to two cells, half of
 * them in the opposite order, against the same under one mutex.
 *
 * usage: opposite_orders [THREADS [BLOCKS]]; prints medians of five rounds. */
#include <ame/ame.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, MOST_THREADS = 64 };

static struct {
    alignas(64) long value;
} cell[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long blocks = 200000;

static void *in_blocks(void *order) {
    size_t first = order ? 1 : 0;
    for (long i = 0; i < blocks; i++)
        atomic {
            cell[first].value++;
            cell[1 - first].value++;
        }
    return NULL;
}

static void *under_mutex(void *unused) {
    for (long i = 0; i < blocks; i++) {
        pthread_mutex_lock(&mutex);
        cell[0].value++;
        cell[1].value++;
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static double run(void *(*body)(void *), int threads) {
    pthread_t thread[MOST_THREADS];
    struct timespec begin, end;
    cell[0].value = cell[1].value = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, body, i % 2 ? &mutex : NULL)) {
            fprintf(stderr, "opposite_orders: cannot start %d threads\n", threads);
            exit(1);
        }
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (cell[0].value != threads * blocks || cell[1].value != threads * blocks) {
        fprintf(stderr, "opposite_orders: lost updates\n");
        exit(1);
    }
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 4;
    double with_blocks[ROUNDS], with_mutex[ROUNDS];
    if (count > 2)
        blocks = atol(arguments[2]);
    if (threads < 1 || threads > MOST_THREADS || blocks < 1) {
        fprintf(stderr, "usage: opposite_orders [THREADS (1 to %d) [BLOCKS of each]]\n",
                MOST_THREADS);
        return 2;
    }
    for (int round = 0; round < ROUNDS; round++) {
        with_blocks[round] = run(in_blocks, threads);
        with_mutex[round] = run(under_mutex, threads);
    }
    qsort(with_blocks, ROUNDS, sizeof *with_blocks, ascending);
    qsort(with_mutex, ROUNDS, sizeof *with_mutex, ascending);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    printf("%d threads, %ld blocks each: blocks %.3f s (%.3f to %.3f), one mutex %.3f s; "
           "%" PRIu64 " aborts, %" PRIu64 " blocks alone\n",
           threads, blocks, with_blocks[ROUNDS / 2], with_blocks[0], with_blocks[ROUNDS - 1],
           with_mutex[ROUNDS / 2], (uint64_t)statistics.aborts_conflict,
           (uint64_t)statistics.commits_serial);
}
