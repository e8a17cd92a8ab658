/* hot.c - threads that are in each other's way at one line, for test_program.sh. */
#include <ame/atomic.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 4, BLOCKS = 50 };

static int hot, printed;

/* Long enough for another thread to come between the read and the write. */
static ame_pure __attribute__((noinline)) void think(void) {
    usleep(200);
}

static inline int step(int value) {
    return value + 1;
}

static void count(void) {
    atomic {
        int value = hot; /* LINE-read */
        think();
        if (value < THREADS * BLOCKS) /* always; but if it were certain, the read would lock too */
            hot = step(value);        /* LINE-write */
    }
}

static void *work(void *nothing) {
    for (int i = 0; i < BLOCKS; i++)
        count();
    return nothing;
}

int main(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic {
        dprintf(STDOUT_FILENO, "%d\n", hot); /* LINE-print */
        printed++;
    }
    return hot != THREADS * BLOCKS;
}
