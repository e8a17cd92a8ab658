/* What a read and a read with a write cost in a block that runs in software: nanoseconds, the least
 * of some rounds. Reads walk a list, with the fast path of the barrier in line and, in the
 * same run, by calls; writes go through an array. Then the same for memory that the block has
 * allocated itself, where the plugin can't know it; and for a node of 1 KB that is allocated,
 * written, read once and freed, where it can, in a block and outside. */
#include <ame/ame.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NODES = 4096, CELLS = 1024, BLOCKS = 500, ROUNDS = 15, PASSES = 4, LARGE_NODES = 64 };

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

__attribute__((noinline)) static void fill(long *words) {
    for (int i = 0; i < CELLS; i++)
        words[i] = i;
}

__attribute__((noinline)) static long sum_of(const long *words, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++)
        sum += words[i];
    return sum;
}

struct large_node {
    struct large_node *next;
    long words[127];
};

static long make_and_free_list(void) {
    struct large_node *list = NULL, *next;
    long sum = 0;
    for (long i = 0; i < LARGE_NODES; i++) {
        struct large_node *node = malloc(sizeof *node);
        if (!node)
            break;
        for (int k = 0; k < 127; k++)
            node->words[k] = i;
        node->next = list;
        list = node;
    }
    for (; list; list = next) {
        next = list->next;
        sum += list->words[126];
        free(list);
    }
    return sum;
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

static void measure_fresh_memory(void) {
    double writes = 0, reads = 0, nodes_in_block = 0, nodes_outside = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                long *words = malloc(CELLS * sizeof *words);
                for (int pass = 0; words && pass < PASSES; pass++)
                    fill(words);
                free(words);
            }
        keep_least(&writes, began, 1.0 * CELLS * PASSES * BLOCKS);
        began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                long *words = calloc(CELLS, sizeof *words);
                for (int pass = 0; words && pass < PASSES; pass++)
                    result = sum_of(words, CELLS - pass);
                free(words);
            }
        keep_least(&reads, began, 1.0 * CELLS * PASSES * BLOCKS);
        began = now();
        for (int i = 0; i < BLOCKS; i++)
            atomic {
                result = make_and_free_list();
            }
        keep_least(&nodes_in_block, began, 1.0 * LARGE_NODES * BLOCKS);
        began = now();
        for (int i = 0; i < BLOCKS; i++)
            result = make_and_free_list();
        keep_least(&nodes_outside, began, 1.0 * LARGE_NODES * BLOCKS);
    }
    printf("own memory: write: %.2f ns; read: %.2f ns; node of 1 KB: %.0f ns, outside %.0f ns\n",
           writes, reads, nodes_in_block, nodes_outside);
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
    measure_fresh_memory();
    return 0;
}
