/* long_memory.c - a block that runs 0.1, 1 or 10 seconds and, in each tenth of a second, allocates
 * 50 MB in nodes of 1 KB, writes and reads all of it and frees it again; for the rest of that time
 * it reads shared data. Beside it, a thread of short blocks on data of its own. */
#include "harness.h"

enum {
    NODE = 1024,
    MEGABYTES = 50,
    TABLE = 4096,
    UPDATES = 1000,
};

struct node {
    struct node *next;
    long words[(NODE - sizeof(struct node *)) / sizeof(long)];
};

enum { NODE_WORDS = sizeof((struct node *)0)->words / sizeof(long) };

static const double STEP_SECONDS = 0.1;

/* In stripes of their own. */
alignas(64) long read_table[TABLE];
alignas(64) long update_table[TABLE];
static long steps, node_count;

static struct node *allocate_all(void) {
    struct node *list = NULL;
    for (long i = 0; i < node_count; i++) {
        struct node *node = malloc(sizeof *node);
        CHECK(node);
        for (unsigned k = 0; k < NODE_WORDS; k++)
            node->words[k] = i;
        node->next = list;
        list = node;
    }
    return list;
}

static long free_all(struct node *list) {
    long sum = 0;
    for (struct node *next; list; list = next) {
        next = list->next;
        sum += list->words[NODE_WORDS - 1];
        free(list);
    }
    return sum;
}

static long read_until(double end) {
    long sum = 0;
    while (bench_clock() < end)
        for (int i = 0; i < TABLE; i++)
            sum += read_table[i];
    return sum;
}

static void block(void) {
    long sum = 0;
    ATOMIC {
        double began = bench_clock();
        bench_try();
        sum = 0;
        for (long step = 1; step <= steps; step++) {
            double step_began = bench_clock();
            sum += free_all(allocate_all());
            bench_fresh_memory((double)node_count * NODE, bench_clock() - step_began);
            sum += read_until(began + (double)step * (bench_quick ? 0.001 : STEP_SECONDS));
        }
    }
    CHECK(sum == steps * (node_count * (node_count - 1) / 2));
}

static long update(struct worker *self) {
    for (int i = 0; i < UPDATES; i++) {
        long *from = &update_table[random_below(&self->random, TABLE)];
        long *to = &update_table[random_below(&self->random, TABLE)];
        ATOMIC {
            --*from;
            ++*to;
        }
    }
    return UPDATES;
}

static void set_up(long tenths) {
    steps = bench_quick ? 2 : tenths;
    node_count = MEGABYTES * 1000000L / NODE;
    if (bench_quick)
        node_count = 100;
    memset(update_table, 0, sizeof update_table);
}

static void set_up_100ms(void) {
    set_up(1);
}

static void set_up_1s(void) {
    set_up(10);
}

static void set_up_10s(void) {
    set_up(100);
}

static void check(void) {
    long sum = 0;
    for (int i = 0; i < TABLE; i++)
        sum += update_table[i];
    CHECK(sum == 0);
}

static const struct bench_long_case cases[] = {
    {"long_memory_100ms", set_up_100ms, block, update, check},
    {"long_memory_1s", set_up_1s, block, update, check},
    {"long_memory_10s", set_up_10s, block, update, check},
};
BENCH_LONG_CASES(cases)
