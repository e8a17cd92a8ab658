/* Condition queues: producers and consumers at a small buffer wait by atomic_retry() until there is
 * room, or an item. The receiver owns the item, and uses it outside blocks. */
#include "check.h"

enum { PRODUCERS = 3, CONSUMERS = 3, ROOM = 4 };

struct item {
    int producer;
    long number;
};

static struct item *buffer[ROOM];
static long put_so_far, taken_so_far;
static bool closed;
static char seen[PRODUCERS][STEPS(10000)];

static void put(struct item *item) {
    atomic {
        if (put_so_far - taken_so_far == ROOM)
            atomic_retry();
        buffer[put_so_far++ % ROOM] = item;
    }
}

/* NULL when the buffer is closed. Of the two reasons to go on, the first one counts. */
static struct item *take(void) {
    struct item *item = NULL;
    atomic_either {
        if (put_so_far == taken_so_far)
            atomic_retry();
        item = buffer[taken_so_far % ROOM];
        buffer[taken_so_far++ % ROOM] = NULL;
    }
    atomic_or_else {
        if (!closed)
            atomic_retry();
    }
    return item;
}

static void work(int number) {
    static int producing = PRODUCERS;
    if (number < PRODUCERS) {
        for (long i = 0; i < STEPS(10000); i++) {
            struct item *item = malloc(sizeof *item);
            CHECK(item);
            *item = (struct item){number, i};
            put(item);
        }
        atomic {
            closed = --producing == 0;
        }
        return;
    }
    for (struct item *item; (item = take()); free(item))
        CHECK(!seen[item->producer][item->number]++);
}

int main(void) {
    run_threads(PRODUCERS + CONSUMERS, work);
    CHECK(put_so_far == taken_so_far && put_so_far == PRODUCERS * (long)STEPS(10000));
    for (int i = 0; i < PRODUCERS; i++)
        for (int j = 0; j < STEPS(10000); j++)
            CHECK(seen[i][j] == 1);
    return finish(0);
}
