#include "plain_code.h"

/* Not at once, so that blocks that ran beside it would lose additions. */
void plain_add(long *value, long amount) {
    volatile long seen = *value;
    for (volatile int i = 0; i < 20; i++)
        ;
    *value = seen + amount;
}

void plain_for_each(const long *values, int count, void (*visit)(long value)) {
    for (int i = 0; i < count; i++)
        visit(values[i]);
}
