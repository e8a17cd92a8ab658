/* One block reads, and then computes for long: the commits of those that write wait for it. */
#include "threads.h"

static _Alignas(64) long prices[64];
static _Alignas(64) long sums[THREADS * 8];

static void compute(void) {
    for (int i = 0; i < 20; i++)
        think();
}

static void work(int thread) {
    for (int i = 0; i < 100; i++)
        if (thread == 0) {
            atomic { /* LINE-conflict */
                long sum = 0;
                for (int j = 0; j < 64; j++)
                    sum += prices[j];
                if (!mended)
                    compute();
                sums[0] = sum;
            }
            if (mended)
                compute();
        } else {
            think();
            atomic {
                prices[thread * 8] = i + 1;
            }
        }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return prices[8] != 100;
}
