/* Commuting counts beside plain ones: nothing is lost, a block sees its own
 * additions, and a reader never sees the half of a block. */
#include "check.h"

enum { THREADS = 4, COUNTERS = 8 };

static ame_counter counters[COUNTERS];
static ame_counter in, out; /* equal after every block */
static long plain;

static void add(int number) {
    for (int i = 0; i < STEPS(60000); i++) {
        atomic {
            ame_counter_add(&counters[i % COUNTERS], number);
            ame_counter_add(&counters[(i + 1) % COUNTERS], -1);
            ame_counter_add(&in, 1);
            if (i % 16 == 0)
                plain++;
            ame_counter_add(&out, 1);
        }
    }
}

static void read_counters(int number) {
    int64_t before = 0;
    for (int i = 0; i < STEPS(2000); i++) {
        int64_t a, b;
        atomic {
            a = ame_counter_read(&in);
            b = ame_counter_read(&out);
            CHECK(a == b);
        }
        CHECK(a == b && a >= before);
        before = a;
        if (i % 100 == number) {
            atomic {
                int64_t now = ame_counter_read(&counters[0]);
                ame_counter_add(&counters[0], 5);
                CHECK(ame_counter_read(&counters[0]) == now + 5);
                ame_counter_add(&counters[0], -5);
            }
        }
    }
}

static void work(int number) {
    if (number < THREADS)
        add(number);
    else
        read_counters(number - THREADS);
    ame_counter_add(&counters[7], 1000); /* outside blocks */
}

int main(void) {
    run_threads(THREADS + 2, work);
    int64_t steps = STEPS(60000), sum = 0, total = 0;
    for (int i = 0; i < COUNTERS; i++)
        sum += ame_counter_read(&counters[i]);
    for (int number = 0; number < THREADS; number++)
        total += (number - 1) * steps;
    CHECK(sum == total + 1000 * (THREADS + 2));
    CHECK(ame_counter_read(&in) == THREADS * steps && ame_counter_read(&out) == THREADS * steps);
    CHECK(plain == THREADS * ((steps + 15) / 16));
    return finish(0);
}
