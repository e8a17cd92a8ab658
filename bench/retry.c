/* retry.c - what atomic_retry() costs: two threads that hand a turn to each other, by retry and by
 * a mutex with a condition variable; and a block that adds to one number, while nobody sleeps and
 * while other threads sleep on something else.
 *
 * usage: retry [TURNS [SLEEPERS]]; prints medians of five rounds, in nanoseconds. AME_MODE=stm
 * shows what of the last figure is the way to run (nobody runs in hardware while a thread sleeps).
 */
#include <ame/ame.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, MOST_SLEEPERS = 4096 };

static struct {
    alignas(128) long value;
} turn, number, door;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long turns = 100000;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *by_retry(void *odd) {
    for (long i = odd != NULL; i < turns; i += 2)
        atomic {
            if (turn.value != i)
                atomic_retry();
            turn.value = i + 1;
        }
    return NULL;
}

static void *by_condition(void *odd) {
    for (long i = odd != NULL; i < turns; i += 2) {
        pthread_mutex_lock(&mutex);
        while (turn.value != i)
            pthread_cond_wait(&changed, &mutex);
        turn.value = i + 1;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static pthread_t start(void *body(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument)) {
        fprintf(stderr, "retry: a thread could not be started\n");
        exit(1);
    }
    return thread;
}

static double hand_over(void *body(void *)) {
    turn.value = 0;
    double begin = now();
    pthread_t other = start(body, &turn);
    body(NULL);
    pthread_join(other, NULL);
    return (now() - begin) / (double)turns;
}

static double add(void) {
    double begin = now();
    for (long i = 0; i < turns; i++)
        atomic {
            number.value++;
        }
    return (now() - begin) / (double)turns;
}

static void *wait_at_door(void *unused) {
    atomic {
        if (!door.value)
            atomic_retry();
    }
    return unused;
}

static int by_value(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *rounds) {
    qsort(rounds, ROUNDS, sizeof *rounds, by_value);
    return rounds[ROUNDS / 2];
}

static uint64_t retries(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    return statistics.retries;
}

int main(int argc, char **argv) {
    static pthread_t threads[MOST_SLEEPERS];
    double retry[ROUNDS], condition[ROUNDS], alone[ROUNDS], watched[ROUNDS];
    long sleepers = argc > 2 ? atol(argv[2]) : 1;
    if (argc > 1)
        turns = atol(argv[1]);
    if (turns < 2 || sleepers < 1 || sleepers > MOST_SLEEPERS) {
        fprintf(stderr, "usage: retry [TURNS [SLEEPERS, 1 to %d]]\n", MOST_SLEEPERS);
        return 1;
    }
    for (int i = 0; i < ROUNDS; i++) {
        retry[i] = hand_over(by_retry);
        condition[i] = hand_over(by_condition);
    }
    add(); /* back to hardware, where there is any */
    for (int i = 0; i < ROUNDS; i++)
        alone[i] = add();
    uint64_t before = retries();
    for (long i = 0; i < sleepers; i++)
        threads[i] = start(wait_at_door, NULL);
    while (retries() < before + (uint64_t)sleepers)
        sched_yield();
    for (int i = 0; i < ROUNDS; i++)
        watched[i] = add();
    atomic {
        door.value = 1;
    }
    for (long i = 0; i < sleepers; i++)
        pthread_join(threads[i], NULL);
    printf("hand over a turn, atomic_retry()             %8.0f ns\n", median(retry));
    printf("hand over a turn, condition variable         %8.0f ns\n", median(condition));
    printf("block of one addition, nobody sleeps         %8.1f ns\n", median(alone));
    printf("the same, %4ld asleep on something else       %8.1f ns\n", sleepers, median(watched));
    return 0;
}
