/* A block that reads much against writers that never rest: it finishes, again and
 * again, and what it reads is one state. */
#include "check.h"

enum { WRITERS = 3, WORDS = 100000, READS = SANITIZED ? 10 : 40 };

static long words[WORDS]; /* their sum stays 0 */
static int done;          /* outside the runtime's sight */

static void keep_writing(int number) {
    uint64_t random = (uint64_t)number;
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
        uint64_t r = next_random(&random);
        atomic {
            words[r % WORDS] += (long)(r >> 60);
            words[(r >> 20) % WORDS] -= (long)(r >> 60);
        }
    }
}

static void read_all(void) {
    for (int i = 0; i < READS; i++) {
        long sum = 0;
        atomic {
            for (int k = 0; k < WORDS; k++)
                sum += words[k];
            CHECK(sum == 0);
        }
        CHECK(sum == 0);
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
}

static void work(int number) {
    if (number < WRITERS)
        keep_writing(number);
    else
        read_all();
}

int main(void) {
    run_threads(WRITERS + 1, work);
    long sum = 0;
    for (int k = 0; k < WORDS; k++)
        sum += words[k];
    CHECK(sum == 0);
    return finish(0);
}
