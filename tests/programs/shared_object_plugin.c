#include "shared_object.h"

#include <ame/ame.h>

static void add(long *value, long amount) {
    *value += amount;
}

static void move(long *from, long *to, long amount, void (*report)(long)) {
    atomic {
        add(from, -amount);
        add(to, amount);
        report(amount);
    }
}

extern const struct shared_object shared_object;
const struct shared_object shared_object = {add, move};
