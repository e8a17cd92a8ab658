/* One block that reads a million words while others change some of them: more
 * than any log or cache that is made for small blocks. */
#include "check.h"

enum { WORDS = 1 << 20, READS = SANITIZED ? 2 : 5, WRITES = SANITIZED ? 2000 : 20000 };

static long words[WORDS]; /* word i holds i, or i + 1000 where moved */
static long moved;        /* how many do */

static void read_all(void) {
    for (int n = 0; n < READS; n++) {
        long found = 0, expected = -1;
        atomic {
            for (long i = 0; i < WORDS; i++)
                found += words[i] != i;
            expected = moved;
            CHECK(found == expected);
        }
        CHECK(found == expected);
    }
}

static void write_some(int number) {
    uint64_t random = (uint64_t)number;
    for (int n = 0; n < WRITES; n++) {
        long i = (long)(next_random(&random) % WORDS);
        atomic {
            if (words[i] == i) {
                words[i] += 1000;
                moved++;
            } else {
                CHECK(words[i] == i + 1000);
                words[i] = i;
                moved--;
            }
        }
    }
}

/* As large a block that writes: all words, or none if it is undone. */
static void shift(void) {
    atomic {
        for (long i = 0; i < WORDS; i++) {
            moved += words[i] == i ? 1 : -1;
            words[i] = words[i] == i ? i + 1000 : i;
        }
    }
}

static void work(int number) {
    if (number == 0)
        read_all();
    else if (number == 1)
        shift();
    else
        write_some(number);
}

int main(void) {
    for (long i = 0; i < WORDS; i++)
        words[i] = i;
    run_threads(4, work);
    long found = 0;
    for (long i = 0; i < WORDS; i++)
        found += words[i] != i;
    CHECK(found == moved);
    return finish(0);
}
