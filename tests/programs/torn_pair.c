/* Opacity: x and y are equal after every block, so no block, not even an attempt
 * that will be undone, may meet them different: it would divide by zero, leave an
 * array or never end. */
#include "check.h"

enum { LIMIT = 64 };

/* On stripes of their own; the table is indexed with their difference. */
static _Alignas(128) long x;
static _Alignas(128) long y;
static _Alignas(128) long table[2 * LIMIT];
static _Alignas(128) struct {
    long low, high;
} range = {0, 10}; /* high is above low, by 10 */

static void keep_writing(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(50000); i++) {
        long change = (long)(next_random(&random) % LIMIT) + 1;
        atomic {
            x += change;
            range.low += change;
            y += change;
            range.high += change;
        }
        if (i % 2)
            atomic {
                long now = y;
                y = x - change;
                x -= change;
                CHECK(y == now - change);
            }
    }
}

static void keep_reading(void) {
    for (int i = 0; i < STEPS(50000); i++) {
        long quotient = 0, element = 0, steps = 0;
        atomic {
            long a = i % 2 ? x : y, b = i % 2 ? y : x;
            CHECK(a == b);
            quotient = 100 / (a - b + 1); /* traps where the difference is -1 */
            element = table[LIMIT + a - b];
            /* Runs for ever, or long enough to be seen, were low beyond high. */
            for (long at = range.low; at != range.high; at++)
                CHECK(steps++ < 10);
        }
        CHECK(quotient == 100 && element == 1 && steps == 10);
    }
}

static void work(int number) {
    if (number < 2)
        keep_writing(number);
    else
        keep_reading();
}

int main(void) {
    table[LIMIT] = 1;
    run_threads(4, work);
    CHECK(x == y);
    return finish(0);
}
