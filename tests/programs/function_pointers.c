/* Calls through pointers, from tables, as arguments and by recursion: all find the
 * code that takes part in the block. */
#include "check.h"

enum { THREADS = 4, CELLS = 64 };

static long cells[CELLS]; /* their sum stays 0 */

typedef void change(long *from, long *to, long amount);

static void move(long *from, long *to, long amount) {
    *from -= amount;
    *to += amount;
}

static void move_back(long *from, long *to, long amount) {
    move(to, from, amount);
}

static void move_in_halves(long *from, long *to, long amount) {
    move(from, to, amount / 2);
    move_back(to, from, amount - amount / 2);
}

/* Not constant, so that no compiler replaces the calls. */
static change *volatile changes[] = {move, move_back, move_in_halves};

static long plain_sum(const long *first, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++)
        sum += first[i];
    return sum;
}

/* By recursion, the leaves through a pointer. */
static long sum_range(int begin, int end, long (*leaf)(const long *, int)) {
    if (end - begin <= 4)
        return leaf(&cells[begin], end - begin);
    int middle = (begin + end) / 2;
    return sum_range(begin, middle, leaf) + sum_range(middle, end, leaf);
}

/* Two functions that call each other, deeper than any inlining goes. */
static void spread_odd(int depth, long amount);
static void spread_even(int depth, long amount) {
    if (depth) {
        move(&cells[depth % CELLS], &cells[depth * 5 % CELLS], amount);
        spread_odd(depth - 1, amount + 1);
    }
}
static void spread_odd(int depth, long amount) {
    if (depth) {
        move(&cells[depth * 3 % CELLS], &cells[depth * 7 % CELLS], amount);
        spread_even(depth - 1, amount - 2);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    long (*volatile leaf)(const long *, int) = plain_sum;
    for (int i = 0; i < STEPS(8000); i++) {
        uint64_t r = next_random(&random);
        atomic {
            for (int k = 0; k < 3; k++)
                changes[(r >> k) % 3](&cells[r % CELLS], &cells[(r >> 8) % CELLS], (long)(r >> 56));
        }
        atomic {
            spread_even((int)(r % 40), (long)(r >> 60));
        }
        atomic {
            CHECK(sum_range(0, CELLS, leaf) == 0);
        }
    }
}

int main(void) {
    run_threads(THREADS, work);
    CHECK(plain_sum(cells, CELLS) == 0);
    return finish(0);
}
