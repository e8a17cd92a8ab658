/* Small blocks begin in line, in hardware: each commit is counted once, also of those that run in
 * another block; counters that others merge beside them do not keep them from hardware; and what
 * several threads do so is not lost. */
#include "check.h"

enum { BLOCKS = 20000, THREADS = 4 };

static long moved_from, moved_to;
static ame_counter counter;

static __attribute__((noinline)) void move(void) {
    atomic {
        moved_from--;
        moved_to++;
    }
}

static __attribute__((noinline)) void move_twice(void) {
    atomic {
        move();
        move();
    }
}

static void count(void) {
    atomic {
        ame_counter_add(&counter, 1);
    }
}

struct tally {
    uint64_t commits, aborts_htm;
};

static struct tally tally(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    return (struct tally){s.commits_htm + s.commits_stm + s.commits_serial, s.aborts_htm};
}

/* Returns the attempts that hardware aborted. */
static uint64_t run(void (*block)(void), long moves) {
    struct tally before = tally();
    long began = moved_to;
    for (int i = 0; i < BLOCKS; i++)
        block();
    struct tally after = tally();
    CHECK(after.commits - before.commits == BLOCKS);
    CHECK(moved_to - began == moves * BLOCKS && moved_from == -moved_to);
    return after.aborts_htm - before.aborts_htm;
}

static void *run_beside(void *unused) {
    for (int i = 0; i < BLOCKS; i++) {
        move();
        if (i % 16 == 0)
            count();
    }
    return unused;
}

int main(void) {
    pthread_t threads[THREADS];
    run(move, 1);
    run(move_twice, 2);
    for (int i = 0; i < 10; i++)
        count();
    uint64_t aborts = run(move, 1);
    if (strcmp(ame_mode_name(), "simulated"))
        CHECK(aborts < BLOCKS / 10); /* some by interrupts */

    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_beside, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK(moved_to == (4 + THREADS) * BLOCKS && moved_from == -moved_to);
    CHECK(ame_counter_read(&counter) == 10 + THREADS * BLOCKS / 16);
    return 0;
}
