/* Blocks that call code which was built without the plugin run alone; effects
 * before the call happen once, and software blocks beside them lose nothing. */
#include "check.h"
#include "plain_code.h"

enum { THREADS = 4, VALUES = 4 };

static long values[VALUES]; /* changed by both kinds of blocks */
static long before_the_call, sums, sum;

/* Through a pointer there is no twin to be found either. */
static void (*volatile add_by_pointer)(long *, long) = plain_add;

static void add_to_sum(long value) {
    sum += value;
}

static void alone(int i) {
    long old;
    atomic {
        old = before_the_call++;
        values[i % VALUES]++;
        if (i % 2)
            plain_add(&values[i % VALUES], 1);
        else
            add_by_pointer(&values[i % VALUES], 1);
        CHECK(before_the_call == old + 1);
    }
}

/* Plain code that calls back into a file with twins. */
static void sum_up(void) {
    atomic {
        sum = 0;
        sums++;
        plain_for_each(values, VALUES, add_to_sum);
        CHECK(sum == values[0] + values[1] + values[2] + values[3]);
        CHECK(sum % 2 == 0);
    }
}

static void together(int i) {
    atomic {
        values[i % VALUES] += 2;
    }
}

static void work(int number) {
    for (int i = 0; i < STEPS(4000); i++) {
        if (i % 4 == number)
            alone(i);
        else if (i % 100 == 50)
            sum_up();
        else
            together(i);
    }
}

int main(void) {
    run_threads(THREADS, work);
    sum_up();
    CHECK(sum == 2 * ((long)THREADS * STEPS(4000) - (sums - 1)));
    CHECK(before_the_call == STEPS(4000));
    return finish((uint64_t)(before_the_call + sums));
}
