/* A function that blocks call prints, so they run alone. */
#include "threads.h"

static struct {
    _Alignas(64) long money;
} accounts[THREADS];

static void print(void *account) {
    (void)account;
    printf("paid\n");
}

static void note(int account) {
    if (mended)
        ame_on_commit(print, NULL);
    else
        dprintf(STDOUT_FILENO, "paid\n"); /* LINE-conflict */
    (void)account;
}

static void pay(int account) {
    accounts[account].money += 1;
    think();
    note(account);
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        atomic {
            pay(thread);
        }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return accounts[0].money != 300;
}
