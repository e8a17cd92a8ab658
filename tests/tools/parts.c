/* parts.c - a program that records two parts of its run, for test_api.sh. */
#define _GNU_SOURCE
#include <ame/ame.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long count;

static void add(int times) {
    for (int i = 0; i < times; i++)
        atomic {
            count++;
        }
}

static pthread_barrier_t step;

/* Lives through both recordings, and what lies between. */
static void *work(void *name) {
    if (name)
        pthread_setname_np(pthread_self(), name);
    else
        ame_record_name_thread("a name by ame_record_name_thread");
    add(10); /* not recorded */
    for (int i = 0; i < 4; i++) {
        pthread_barrier_wait(&step);
        add(100000 + i); /* most of them go by unwatched */
        pthread_barrier_wait(&step);
    }
    return NULL;
}

static void do_step(void) {
    pthread_barrier_wait(&step);
    pthread_barrier_wait(&step);
}

static void check(int result, int expected) {
    if (result == expected)
        return;
    printf("%d instead of %d\n", result, expected);
    exit(1);
}

int main(int argc, char **arguments) {
    pthread_t threads[2];
    if (argc > 1 && !strcmp(arguments[1], "busy")) { /* AME_RECORD is set */
        check(ame_record_start("other.data"), AME_EINVAL);
        ame_record_mark("in the first");
        add(1);
        return 0;
    }
    if (argc > 1 && !strcmp(arguments[1], "again")) {
        for (int i = 0; i < 3; i++) {
            check(ame_record_start("again.data"), AME_OK);
            check(ame_record_stop(), AME_OK);
        }
        return 0;
    }
    check(ame_record_stop(), AME_EINVAL);
    check(ame_record_start(NULL), AME_EINVAL);
    check(ame_record_start(""), AME_EINVAL);
    check(ame_record_start("/nowhere/at/all"), AME_EIO);
    ame_record_mark("not recorded");
    pthread_barrier_init(&step, NULL, 3);
    pthread_create(&threads[0], NULL, work, "by-pthread");
    pthread_create(&threads[1], NULL, work, NULL);
    do_step();
    check(ame_record_start("first.data"), AME_OK);
    check(ame_record_start("again.data"), AME_EINVAL);
    ame_record_mark("begin of the first");
    do_step();
    check(ame_record_stop(), AME_OK);
    do_step();
    check(ame_record_start("second.data"), AME_OK);
    do_step();
    ame_record_mark("in the second");
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return count != 2 * (10 + 400006);
}
