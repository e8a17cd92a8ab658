/* Values go through two queues, moved by blocks: each is in one of them at every moment, and the
 * values of one producer stay in order. */
#include "check.h"

enum { PRODUCERS = 2, MOVERS = 2, EACH = 3000 };

static ame_queue *first, *second;
static long producers_left = PRODUCERS, movers_left = MOVERS;
static long in_flight; /* in both queues */
static intptr_t latest[PRODUCERS];

static void produce(intptr_t number) {
    for (intptr_t i = 1; i <= STEPS(EACH); i++) {
        atomic {
            CHECK(!ame_queue_push(first, (void *)(i * PRODUCERS + number)));
            in_flight++;
            if (i % 8 == 0) {
                atomic {
                    CHECK(!ame_queue_push(first, NULL)); /* never seen */
                    atomic_cancel();
                }
            }
        }
    }
    atomic {
        if (--producers_left == 0)
            ame_queue_close(first);
    }
}

static void move(void) {
    bool more = true;
    while (more) {
        atomic {
            void *value;
            more = ame_queue_pop(first, &value);
            if (more)
                CHECK(!ame_queue_push(second, value));
        }
    }
    atomic {
        if (--movers_left == 0)
            ame_queue_close(second);
    }
}

static void consume(void) {
    void *value;
    for (long taken = 1; ame_queue_pop(second, &value); taken++) { /* outside a block */
        intptr_t producer = (intptr_t)value % PRODUCERS, number = (intptr_t)value / PRODUCERS;
        CHECK(value && number == latest[producer] + 1);
        latest[producer] = number;
        if (taken % 64)
            continue;
        atomic {
            size_t there = ame_queue_size(first) + ame_queue_size(second);
            CHECK(there + (size_t)taken == (size_t)in_flight);
        }
    }
}

static void work(int number) {
    if (number < PRODUCERS)
        produce(number);
    else if (number < PRODUCERS + MOVERS)
        move();
    else
        consume();
}

int main(void) {
    void *value;
    first = ame_queue_new();
    second = ame_queue_new();
    CHECK(first && second && !ame_queue_try_pop(first, &value));
    run_threads(PRODUCERS + MOVERS + 1, work);
    for (int i = 0; i < PRODUCERS; i++)
        CHECK(latest[i] == STEPS(EACH));
    CHECK(!ame_queue_size(first) && !ame_queue_size(second));
    CHECK(ame_queue_push(first, NULL) == AME_EINVAL && !ame_queue_pop(first, &value));
    ame_queue_free(first);
    ame_queue_free(second);
    ame_queue_free(NULL);
    ame_queue *rest = ame_queue_new();
    CHECK(rest && !ame_queue_push(rest, &value) && ame_queue_size(rest) == 1);
    ame_queue_free(rest);
    return finish(0);
}
