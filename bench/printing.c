/* printing.c - two threads, each block of which works for some microseconds on its thread's own
 * data and prints a line to a file: as printf() in a block is, kept until the commit; running
 * alone, as for output that can't be kept; and with a mutex around work and output, and around the
 * output.
 *
 * usage: printing [BLOCKS]; prints microseconds for a block, medians of five rounds, and the same
 * for one thread. */
#include <ame/ame.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, WORK = 1000 };

static struct {
    alignas(128) uint64_t value;
} own[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long blocks = 50000;
static FILE *file;

static uint64_t work(uint64_t value) {
    for (int i = 0; i < WORK; i++)
        value = (value ^ value >> 7) * 0x9E3779B97F4A7C15u;
    return value;
}

static void print(long number, uint64_t value) {
    fprintf(file, "%ld %ld\n", number, (long)value);
}

static void work_and_print(uint64_t *mine, long number) {
    *mine = work(*mine);
    print(number, *mine);
}

static void *kept(void *data) {
    for (long i = 0; i < blocks; i++)
        atomic {
            work_and_print(data, i);
        }
    return NULL;
}

static void *alone(void *data) {
    for (long i = 0; i < blocks; i++)
        atomic {
            ame_irrevocable();
            work_and_print(data, i);
        }
    return NULL;
}

static void *under_mutex(void *data) {
    for (long i = 0; i < blocks; i++) {
        pthread_mutex_lock(&mutex);
        work_and_print(data, i);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *mutex_for_output(void *data) {
    uint64_t *mine = data;
    for (long i = 0; i < blocks; i++) {
        *mine = work(*mine);
        pthread_mutex_lock(&mutex);
        print(i, *mine);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static double measure(void *body(void *), long threads) {
    pthread_t handles[2];
    double began = now();
    for (long i = 0; i < threads; i++)
        if (pthread_create(&handles[i], NULL, body, &own[i].value)) {
            fprintf(stderr, "printing: a thread could not be started\n");
            exit(1);
        }
    for (long i = 0; i < threads; i++)
        pthread_join(handles[i], NULL);
    return (now() - began) / (double)(blocks * threads);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void *(*body)(void *);
    } ways[] = {{"in a block, kept until the commit", kept},
                {"in a block that runs alone", alone},
                {"work and output under a mutex", under_mutex},
                {"output under a mutex", mutex_for_output}};
    enum { WAYS = sizeof ways / sizeof *ways };
    double took[WAYS][2][ROUNDS];
    if (count > 1)
        blocks = atol(arguments[1]);
    file = tmpfile();
    if (!file || blocks < 1) {
        fprintf(stderr, "printing: %s\n", file ? "at least one block" : "no temporary file");
        return 1;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int way = 0; way < WAYS; way++)
            for (long threads = 1; threads <= 2; threads++) {
                took[way][threads - 1][round] = measure(ways[way].body, threads);
                rewind(file);
            }
    printf("us a block, one thread and two:\n");
    for (int way = 0; way < WAYS; way++) {
        for (int threads = 0; threads < 2; threads++)
            qsort(took[way][threads], ROUNDS, sizeof(double), ascending);
        printf("  %-34s %6.2f %6.2f\n", ways[way].name, took[way][0][ROUNDS / 2],
               took[way][1][ROUNDS / 2]);
    }
    return 0;
}
