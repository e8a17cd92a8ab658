/* Two thousand threads asleep at a time: each is woken by its own change, all by a common one, and
 * one that waits for either by the first; with aborts at many barriers (AME_FAULTS). */
#include "check.h"

enum { SLEEPERS = SANITIZED ? 200 : 2000, ROUNDS = 2 };

static struct {
    _Alignas(64) long round; /* the thread may go on with */
} own[SLEEPERS];
static long common;
static ame_counter awake;

static uint64_t retries(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    return s.retries;
}

static void *sleeper(void *argument) {
    long number = (long)(intptr_t)argument;
    for (long round = 1; round <= ROUNDS; round++) {
        if (number % 2) {
            atomic {
                if (own[number].round < round && common < round)
                    atomic_retry();
                ame_counter_add(&awake, 1);
            }
        } else {
            atomic_either {
                if (own[number].round < round)
                    atomic_retry();
                ame_counter_add(&awake, 1);
            }
            atomic_or_else {
                if (common < round)
                    atomic_retry();
                ame_counter_add(&awake, 1);
            }
        }
    }
    return NULL;
}

static void wait_for(long count) {
    atomic {
        if (ame_counter_read(&awake) != count)
            atomic_retry();
    }
}

int main(void) {
    pthread_t threads[SLEEPERS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    for (long i = 0; i < SLEEPERS; i++)
        CHECK(!pthread_create(&threads[i], &small, sleeper, (void *)(intptr_t)i));
    for (long round = 1; round <= ROUNDS; round++) {
        while (round == 1 && retries() < SLEEPERS)
            sched_yield();
        if (round % 2)
            for (long i = 0; i < SLEEPERS; i++)
                atomic {
                    own[i].round = round;
                }
        else
            atomic {
                common = round;
            }
        wait_for(round * SLEEPERS);
    }
    for (long i = 0; i < SLEEPERS; i++)
        CHECK(!pthread_join(threads[i], NULL));
    CHECK(ame_counter_read(&awake) == (long)SLEEPERS * ROUNDS);
    return 0;
}
