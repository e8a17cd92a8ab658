#include "two_files.h"

#include <ame/ame.h>

long stock[ARTICLES];

long stock_take(int article, long wanted) {
    long taken = stock[article] < wanted ? stock[article] : wanted;
    stock[article] -= taken;
    return taken;
}

void stock_put(int article, long count) {
    atomic {
        stock[article] += count;
    }
}

void stock_for_each(void (*visit)(int article, long count, void *context), void *context) {
    for (int i = 0; i < ARTICLES; i++)
        visit(i, stock[i], context);
}
