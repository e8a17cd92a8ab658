#ifndef ACCOUNT_H
#define ACCOUNT_H

struct account {
    long balance;
};

/* In a block of its own. */
void account_move(struct account *from, struct account *to, long amount);

#endif
