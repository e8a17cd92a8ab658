/* waiting.c - one thread holds what another waits for, while gdb looks: test_gdb.sh. */
#include <ame/ame.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

long seen = 5;
static _Alignas(64) long held;
static volatile int holds, may_end;

static ame_pure __attribute__((noinline)) void hold(void) {
    holds = 1;
    while (!may_end)
        usleep(1000);
}

static void *holder(void *unused) {
    atomic {
        held = seen + 1; /* LINE-write */
        hold();
    }
    return unused;
}

static void *waiter(void *unused) {
    atomic {    /* LINE-block */
        held++; /* LINE-wait */
    }
    return unused;
}

__attribute__((noinline)) void stop_here(void) {
    may_end = 1;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, holder, NULL);
    while (!holds)
        usleep(1000);
    pthread_create(&threads[1], NULL, waiter, NULL);
    usleep(300000);
    stop_here();
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    printf("held %ld\n", held);
}
