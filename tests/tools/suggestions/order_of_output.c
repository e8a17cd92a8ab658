/* Blocks that share nothing but what they print to, which takes a while. */
#include "threads.h"

enum { BLOCKS = 400, LINES = 50 };

static struct {
    _Alignas(64) long money;
} accounts[THREADS];

static void print(void *account) {
    (void)account;
    for (int i = 0; i < LINES; i++)
        printf("paid\n"); /* LINE-conflict */
}

static void pay(int account) {
    accounts[account].money += 1;
    if (mended)
        ame_on_commit(print, NULL);
    else
        print(NULL);
}

static void work(int thread) {
    for (int i = 0; i < BLOCKS; i++)
        atomic {
            pay(thread);
        }
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IONBF, 0);
    run_threads(count, arguments);
    return accounts[0].money != BLOCKS;
}
