/* What two threads cost each other without any synchronization: one adds 100,000 words up, again
 * and again, the other adds to random ones of them. Prints how much of its speed the other keeps,
 * by the pause between two sums: the floor for long_sum of the workloads, since a word that one has
 * read or written must come back from its cache before the other can write it. */
#define _GNU_SOURCE
#include <atomic_ops.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WORDS = 100000, ADDITIONS = 1000 };

static const double SECONDS = 0.5;
static _Alignas(64) AO_t words[WORDS];
static AO_t stopped;

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double now(void) {
    return seconds(CLOCK_MONOTONIC);
}

static void *add(void *million_a_second) {
    uint64_t random = 88172645463325252u; /* xorshift (Marsaglia 2003) */
    long additions = 0;
    for (; !AO_load_acquire(&stopped); additions += ADDITIONS)
        for (int i = 0; i < ADDITIONS; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            AO_t *word = &words[random % WORDS];
            AO_store(word, AO_load(word) + 1);
        }
    *(double *)million_a_second = (double)additions / seconds(CLOCK_THREAD_CPUTIME_ID) / 1e6;
    return NULL;
}

static AO_t sum_of_all(void) {
    AO_t sum = 0;
    for (int i = 0; i < WORDS; i++)
        sum += AO_load(&words[i]);
    return sum;
}

static pthread_attr_t on_processor(int number) {
    pthread_attr_t attributes;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(number, &one);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
    return attributes;
}

static pthread_t start(int processor, void *(*function)(void *), void *argument) {
    pthread_attr_t attributes = on_processor(processor);
    pthread_t thread;
    if (pthread_create(&thread, &attributes, function, argument)) {
        fprintf(stderr, "racing_sum: needs two processors, 0 and 1\n");
        exit(2);
    }
    return thread;
}

/* Speed of the additions, beside sums with pauses that are so many times as long as each sum; or
 * alone, if `pause` is negative. */
static double additions_beside(double pause) {
    double speed;
    AO_t sums = 0;
    AO_store_release(&stopped, 0);
    pthread_t thread = start(1, add, &speed);
    for (double end = now() + SECONDS; now() < end;) {
        double began = now();
        if (pause >= 0)
            sums += sum_of_all();
        double ended = now();
        while (now() - ended < pause * (ended - began))
            ;
    }
    AO_store_release(&stopped, 1);
    pthread_join(thread, NULL);
    return sums != 1 ? speed : 0; /* so that the sums are not left out */
}

static void *print_table(void *unused) {
    double alone = additions_beside(-1);
    printf("pause / sum   additions keep\n");
    for (int pause = 0; pause <= 64; pause = pause ? 2 * pause : 1)
        printf("%11d   %11.0f %%\n", pause, 100 * additions_beside(pause) / alone);
    return unused;
}

int main(void) {
    pthread_join(start(0, print_table, NULL), NULL);
    return 0;
}
