/* Many more threads than processors, so that the one which everybody waits for is
 * often not running. */
#include "check.h"

enum { THREADS = 16, CELLS = 16 };

static long cells[CELLS]; /* their sum stays 0 */
static long steps_done;

/* In the middle of a block, with a cell changed. */
ame_pure __attribute__((noinline)) static void lose_the_processor(void) {
    sched_yield();
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(1000); i++) {
        uint64_t r = next_random(&random);
        atomic {
            cells[r % CELLS] += (long)(r >> 58);
            if (i % 64 == 0)
                lose_the_processor();
            cells[(r >> 8) % CELLS] -= (long)(r >> 58);
            steps_done++;
        }
        if (i % 8 == 0)
            atomic {
                long sum = 0;
                for (int k = 0; k < CELLS; k++)
                    sum += cells[k];
                CHECK(sum == 0);
            }
    }
}

int main(void) {
    run_threads(THREADS, work);
    CHECK(steps_done == THREADS * (long)STEPS(1000));
    return finish(0);
}
