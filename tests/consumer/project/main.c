#include "account.h"

#include <ame/ame.h>
#include <stdio.h>

static struct account accounts[2] = {{1000}, {0}};

static int move_one(int64_t i, void *context) {
    (void)i, (void)context;
    account_move(&accounts[0], &accounts[1], 1);
    return 0;
}

int main(void) {
    if (ame_for_each_in_range(0, 1000, move_one, NULL, &(struct ame_loop_options){.threads = 2}))
        return 1;
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    uint64_t blocks = statistics.commits_htm + statistics.commits_stm + statistics.commits_serial;
    printf("%ld %ld in %lu blocks\n", accounts[0].balance, accounts[1].balance,
           (unsigned long)blocks);
    return 0;
}
