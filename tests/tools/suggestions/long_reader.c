/* One thread sums up what the others write all the time. */
#include "threads.h"

enum { ACCOUNTS = 64 };

static struct {
    _Alignas(64) long money;
} accounts[ACCOUNTS];
static _Alignas(64) volatile long last_sum;

static long sum_up(void) {
    long sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
        sum += accounts[i].money; /* LINE-conflict */
        if (!mended)
            think();
    }
    return sum;
}

static void audit(void) {
    atomic {
        last_sum = sum_up();
    }
    if (mended)
        for (int i = 0; i < ACCOUNTS; i++)
            think();
}

static void move(int account) {
    atomic {
        accounts[account % ACCOUNTS].money -= 1;
        accounts[(account + 7) % ACCOUNTS].money += 1;
    }
    think();
}

static void work(int thread) {
    for (int i = 0; i < 10 && thread == 0; i++)
        audit();
    for (int i = 0; i < 600 && thread; i++)
        move(i + 21 * thread);
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return last_sum != 0;
}
