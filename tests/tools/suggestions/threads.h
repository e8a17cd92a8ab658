/* threads.h - for the programs here, each of which has one known conflict, at the line with
 * LINE-conflict. With the argument `mended` they follow the report's advice. */
#ifndef AME_TEST_THREADS_H
#define AME_TEST_THREADS_H

#include <ame/ame.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4 };

/* Work that has nothing to do with the conflict: long enough for another thread to come. */
static ame_pure __attribute__((noinline, unused)) void think(void) {
    usleep(100);
}

static pthread_barrier_t all_there;
static _Thread_local bool mended; /* of each thread: it must not lie beside what is written */
static void work(int thread);

static void *run_thread(void *argument) {
    size_t number = (size_t)argument;
    mended = number >= THREADS;
    pthread_barrier_wait(&all_there);
    work((int)(number % THREADS));
    return NULL;
}

static void run_threads(int count, char **arguments) {
    pthread_t threads[THREADS];
    mended = count > 1 && !strcmp(arguments[1], "mended");
    pthread_barrier_init(&all_there, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, run_thread, (void *)(i + (mended ? THREADS : 0)));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

#endif
