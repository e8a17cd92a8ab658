/* long_sum.c - a block that adds up 100,000 accounts, and writes nothing, while another thread
 * transfers without pause. */
#include "harness.h"

enum { ACCOUNTS = 100000, ACCOUNTS_QUICK = 10000, TRANSFERS = 1000 };

static alignas(64) long accounts[ACCOUNTS]; /* in stripes of their own */
static long account_count;

static void block(void) {
    long sum = 0;
    ATOMIC {
        bench_try();
        sum = 0;
        for (long i = 0; i < account_count; i++)
            sum += accounts[i];
    }
    CHECK(sum == 0);
}

static long transfers(struct worker *self) {
    for (int i = 0; i < TRANSFERS; i++) {
        long *from = &accounts[random_below(&self->random, account_count)];
        long *to = &accounts[random_below(&self->random, account_count)];
        ATOMIC {
            --*from;
            ++*to;
        }
    }
    return TRANSFERS;
}

static void set_up(void) {
    account_count = bench_quick ? ACCOUNTS_QUICK : ACCOUNTS;
    memset(accounts, 0, sizeof accounts);
}

static void check(void) {
    block();
}

static const struct bench_long_case cases[] = {{"long_sum", set_up, block, transfers, check}};
BENCH_LONG_CASES(cases)
