/* One plain counter that all threads increment, in small blocks and in larger
 * ones: the worst contention there is, and every increment counts. */
#include "check.h"

enum { THREADS = 4 };

static long counter;
static long history[1000]; /* what the larger blocks read */

static void work(int number) {
    long last = -1;
    for (int i = 0; i < STEPS(50000); i++) {
        long seen;
        atomic {
            seen = counter++;
        }
        CHECK(seen > last);
        last = seen;
        if (i % 50 == number)
            atomic {
                long sum = 0;
                for (int k = 0; k < 1000; k++)
                    sum += history[k];
                counter += 1 + sum - sum;
                history[i % 1000] = counter;
            }
    }
}

int main(void) {
    run_threads(THREADS, work);
    CHECK(counter == THREADS * (long)STEPS(50000) / 50 * 51);
    return finish(0);
}
