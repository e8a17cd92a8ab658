/* Transfers between accounts, while others add all accounts up: each sum is the
 * same, in every block and at the end. */
#include "check.h"

enum { ACCOUNTS = 200, OPENING = 1000, THREADS = 4 };

static long accounts[ACCOUNTS];

static long sum_of_all(void) {
    long sum = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        sum += accounts[i];
    return sum;
}

/* Two or three accounts, and only what is there: a condition on shared data. */
static void transfer(uint64_t random) {
    long *from = &accounts[random % ACCOUNTS];
    long *to = &accounts[random / ACCOUNTS % ACCOUNTS];
    long *fee_to = &accounts[random / ACCOUNTS / ACCOUNTS % ACCOUNTS];
    long amount = (long)(random >> 40 & 1023);
    atomic {
        if (*from >= amount) {
            *from -= amount;
            *to += amount - amount / 10;
            *fee_to += amount / 10;
        }
        CHECK(*from >= 0);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(60000); i++) {
        uint64_t r = next_random(&random);
        if (i % 10 == number) {
            long sum;
            atomic {
                sum = sum_of_all();
                CHECK(sum == (long)ACCOUNTS * OPENING);
            }
            CHECK(sum == (long)ACCOUNTS * OPENING);
        } else {
            transfer(r);
        }
    }
}

int main(void) {
    for (int i = 0; i < ACCOUNTS; i++)
        accounts[i] = OPENING;
    run_threads(THREADS, work);
    CHECK(sum_of_all() == (long)ACCOUNTS * OPENING);
    for (int i = 0; i < ACCOUNTS; i++)
        CHECK(accounts[i] >= 0);
    return finish(0);
}
