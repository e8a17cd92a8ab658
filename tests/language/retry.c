/* atomic_retry(): undone, asleep until another thread changes what was read, and run again. */
#include "feature.h"
#include <pthread.h>
#include <unistd.h>

static int door, other_door, entered, *heap;
static ame_counter counter;

/* What the other thread does when the first one sleeps, or is about to. */
static void *open_door(void *unused) {
    usleep(200);
    atomic {
        other_door++;
    }
    atomic {
        door = 1;
    }
    return unused;
}

static void *count_up(void *unused) {
    usleep(200);
    atomic {
        ame_counter_add(&counter, 2);
    }
    ame_counter_add(&counter, 1); /* outside blocks too */
    return unused;
}

static pthread_t start(void *body(void *)) {
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, body, NULL));
    return thread;
}

static void prepare(void) {
    door = other_door = entered = 0;
    counter = (ame_counter){0};
    heap = calloc(4, sizeof *heap);
}

static void wait_for_door(void) {
    if (!door)
        atomic_retry();
}

/* Deep in calls and inner blocks; everything is undone before the sleep. */
static void enter(void) {
    int local = 0;
    atomic {
        local++;
        int *fresh = calloc(4, sizeof *fresh);
        fresh[0] = ++heap[0];
        free(heap);
        heap = fresh;
        entered++;
        atomic {
            entered++;
            wait_for_door();
        }
    }
    CHECK_EQUAL(local, 1);
}

/* Both alternatives retry: it sleeps on the reads of both. */
static int enter_either(void) {
    int which = 0;
    atomic_either {
        entered += 10;
        wait_for_door();
        which = 1;
    }
    atomic_or_else {
        if (other_door < 2)
            atomic_retry();
        which = 2;
    }
    return which;
}

/* A cancel of the block around it has no part in it. */
static void retry_in_cancellable(void) {
    atomic {
        entered += 1000;
        atomic {
            entered += 1000;
            if (!door)
                atomic_retry();
            atomic_cancel();
        }
        entered += 100;
        atomic_cancel();
    }
}

static void feature(void) {
    pthread_t thread = start(open_door);
    enter();
    pthread_join(thread, NULL);
    CHECK_EQUAL(entered, 2);
    CHECK_EQUAL(heap[0], 1);

    door = 0;
    thread = start(open_door);
    CHECK_EQUAL(enter_either(), entered == 2 ? 2 : 1);
    pthread_join(thread, NULL);

    door = entered = 0;
    thread = start(open_door);
    retry_in_cancellable();
    pthread_join(thread, NULL);
    CHECK_EQUAL(entered, 0);

    thread = start(count_up);
    atomic {
        entered++;
        if (ame_counter_read(&counter) < 3)
            atomic_retry();
    }
    pthread_join(thread, NULL);
}

static void check(void) {
    CHECK_EQUAL(entered, 1);
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
