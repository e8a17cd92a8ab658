/* Blocks that share nothing but what they print to. */
#include "threads.h"

static struct {
    _Alignas(64) long money;
} accounts[THREADS];

static void print(void *account) {
    (void)account;
    printf("paid\n");
}

static void pay(int account) {
    accounts[account].money += 1;
    if (mended)
        ame_on_commit(print, NULL);
    else
        printf("paid\n"); /* LINE-conflict */
}

static void work(int thread) {
    for (int i = 0; i < 20000; i++)
        atomic {
            pay(thread);
        }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return accounts[0].money != 20000;
}
