/* Writers beside a block in software that calls nothing of the runtime for long: they do not wait
 * for it where it has read nothing of what they change, and do where it has. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <time.h>

enum { ROWS = 4, ROW = 1000, ROUNDS = 200 };

static struct {
    alignas(64) long value;
} first, changed, other[ROWS];
long rows[ROWS][ROW];                /* not static: the compiler would know that it is 0 */
static int silent, committed, ended; /* outside the runtime's sight */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* True once `*flag` is `value` or more; false if it does not come about. */
ame_pure static bool reaches(int *flag, int value) {
    for (double end = now() + 20; now() < end; sched_yield())
        if (__atomic_load_n(flag, __ATOMIC_ACQUIRE) >= value)
            return true;
    return false;
}

ame_pure static void tell(int *flag, int value) {
    __atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

/* By each way of reading: words, the second one hidden; runs of words; bytes. */
static long read_others(int way) {
    long sum = first.value;
    if (way == 0)
        for (int i = 0; i < ROWS; i++)
            sum += other[i].value;
    else if (way == 1)
        for (int i = 0; i < ROW; i++)
            sum += rows[1][i];
    else
        sum += memcmp(rows[2], rows[3], sizeof rows[2]);
    return sum;
}

static void *silent_reader(void *argument) {
    (void)argument;
    for (int round = 1; round <= ROUNDS; round++) {
        bool came;
        atomic {
            long sum = read_others(round % 3);
            tell(&silent, round);
            came = reaches(&committed, round);
            first.value = sum + 1;
        }
        CHECK(came);
    }
    return NULL;
}

static void writers_of_other_data_go_on(void) {
    pthread_t reader;
    CHECK(!pthread_create(&reader, NULL, silent_reader, NULL));
    for (int round = 1; round <= ROUNDS; round++) {
        CHECK(reaches(&silent, round));
        atomic {
            changed.value++;
        }
        tell(&committed, round);
    }
    CHECK(!pthread_join(reader, NULL) && changed.value == ROUNDS);
}

/* Longer than any writer looks before it asks for the fence. */
ame_pure static void stay_silent(int *flag, int round) {
    tell(flag, round);
    for (double end = now() + 0.002; now() < end;)
        ;
}

static volatile long *const read_by[] = {&other[ROWS - 1].value, &rows[1][ROW - 1], &rows[2][77]};

static void *silent_reader_of_the_same(void *argument) {
    long *sum = argument;
    for (int round = 1; round <= ROUNDS; round++) {
        atomic {
            *sum += read_others(round % 3);
            stay_silent(&silent, round);
            tell(&ended, round);
        }
    }
    return NULL;
}

static void writers_of_the_same_wait(void) {
    pthread_t reader;
    long sum = 0;
    silent = 0;
    CHECK(!pthread_create(&reader, NULL, silent_reader_of_the_same, &sum));
    for (int round = 1; round <= ROUNDS; round++) {
        CHECK(reaches(&silent, round));
        round = __atomic_load_n(&silent, __ATOMIC_ACQUIRE);
        atomic {
            *read_by[round % 3] += 0 * changed.value;
        }
        CHECK(__atomic_load_n(&ended, __ATOMIC_ACQUIRE) >= round);
    }
    CHECK(!pthread_join(reader, NULL));
}

int main(void) {
    writers_of_other_data_go_on();
    writers_of_the_same_wait();
    return 0;
}
