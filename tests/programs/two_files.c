/* Blocks that call functions of another file, with and without blocks of their
 * own, and functions here that the other file calls back. */
#include "two_files.h"

#include "check.h"

enum { THREADS = 4, OPENING = 100 };

static void add_up(int article, long count, void *context) {
    (void)article;
    *(long *)context += count;
}

static long total; /* its address escapes: a shared variable that the block undoes */

static void move(uint64_t r) {
    int from = (int)(r % ARTICLES), to = (int)((r >> 8) % ARTICLES);
    atomic {
        long taken = stock_take(from, (long)(r >> 58));
        CHECK(stock[from] >= 0);
        stock_put(to, taken);
    }
}

static void take_stock(void) {
    atomic {
        total = 0;
        stock_for_each(add_up, &total);
        CHECK(total == ARTICLES * OPENING);
        long again = 0;
        stock_for_each(add_up, &again);
        CHECK(again == total);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(20000); i++) {
        move(next_random(&random));
        if (i % 16 == 0)
            take_stock();
    }
}

int main(void) {
    for (int i = 0; i < ARTICLES; i++)
        stock_put(i, OPENING);
    run_threads(THREADS, work);
    take_stock();
    return finish(0);
}
