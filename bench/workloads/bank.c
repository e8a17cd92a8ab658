/* bank.c - transfers between two accounts; with a sum of all accounts after each thousand. */
#include "harness.h"

enum { ACCOUNTS = 65536, ACCOUNTS_QUICK = 512, TRANSFERS = 1000 };

static alignas(64) long accounts[ACCOUNTS]; /* in stripes of their own */
static long account_count;

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

static long transfers_and_sum(struct worker *self) {
    long done = transfers(self), sum = 0;
    ATOMIC {
        for (long i = 0; i < account_count; i++)
            sum += accounts[i];
    }
    CHECK(sum == 0);
    return done;
}

static void set_up(void) {
    account_count = bench_quick ? ACCOUNTS_QUICK : ACCOUNTS;
    memset(accounts, 0, sizeof accounts);
}

static void check(long tally, long operations) {
    long sum = 0;
    (void)tally, (void)operations;
    for (long i = 0; i < account_count; i++)
        sum += accounts[i];
    CHECK(sum == 0);
}

static const struct bench_case cases[] = {
    {"bank", set_up, transfers, check, false},
    {"bank_with_sums", set_up, transfers_and_sum, check, false},
};
BENCH_CASES(cases)
