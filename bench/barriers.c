/* What a read and a read with a write cost in a block that runs in software: nanoseconds, the least
 * of some rounds. Reads walk a list, with the fast path of the barrier in line and, in the
 * same run, by calls; writes go through an array. */
#include <ame/ame.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NODES = 4096, CELLS = 1024, BLOCKS = 500, ROUNDS = 15 };

struct node {
    struct node *next;
    long value;
};

static struct node nodes[NODES];
static long cells[CELLS];
static volatile long result;

__attribute__((noinline)) static long sum_in_line(const struct node *node) {
    long sum = 0;
    for (; node; node = node->next)
        sum += node->value;
    return sum;
}

/* No fast path stands in line where size counts. */
__attribute__((noinline, minsize)) static long sum_by_calls(const struct node *node) {
    long sum = 0;
    for (; node; node = node->next)
        sum += node->value;
    return sum;
}

__attribute__((noinline)) static void add(long *to, int count) {
    for (int i = 0; i < count; i++)
        to[i * 7 % CELLS] += i;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void keep_least(double *least, double began, double operations) {
    double each = (now() - began) / operations;
    if (*least == 0 || each < *least)
        *least = each;
}

int main(void) {
    double in_line = 0, by_calls = 0, both = 0;
    setenv("AME_MODE", "stm", 1);
    for (int i = 0; i < NODES; i++)
        nodes[i] = (struct node){i + 1 < NODES ? &nodes[i + 1] : NULL, i};
    for (int round = 0; round < ROUNDS; round++) {
        double began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                result = sum_in_line(nodes);
            }
        keep_least(&in_line, began, 2.0 * NODES * BLOCKS);
        began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                result = sum_by_calls(nodes);
            }
        keep_least(&by_calls, began, 2.0 * NODES * BLOCKS);
        began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                add(cells, NODES);
            }
        keep_least(&both, began, 1.0 * NODES * BLOCKS);
    }
    printf("read, in line: %.2f ns; by calls: %.2f ns; read and write: %.2f ns\n", in_line,
           by_calls, both);
    return 0;
}
