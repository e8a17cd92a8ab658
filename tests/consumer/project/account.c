#include "account.h"

#include <ame/ame.h>

void account_move(struct account *from, struct account *to, long amount) {
    atomic {
        from->balance -= amount;
        to->balance += amount;
    }
}
