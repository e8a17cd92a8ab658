/* Reads in loops, which enter the read set in line: each stripe once, but none that the block has
 * locked before, or allocated itself. */
#include "check.h"

enum { NODES = 5000, NEW_NODES = 100 };

struct node {
    struct node *next;
    long value;
    char rest[48]; /* of the stripe */
};

static _Alignas(64) struct node nodes[NODES];
static struct node *first;

static void link_at_random(void) {
    static struct node *order[NODES];
    uint64_t random = 1;
    for (int i = 0; i < NODES; i++) {
        int other = (int)(next_random(&random) % (uint64_t)(i + 1));
        order[i] = order[other];
        order[other] = &nodes[i];
        nodes[i].value = i;
    }
    first = order[0];
    for (int i = 0; i < NODES - 1; i++)
        order[i]->next = order[i + 1];
}

static long sum_from(const struct node *node) {
    long sum = 0;
    for (; node; node = node->next)
        sum += node->value;
    return sum;
}

static long greatest_from(const struct node *node) {
    long greatest = 0;
    for (; node; node = node->next)
        greatest = node->value > greatest ? node->value : greatest;
    return greatest;
}

static long reads_twice(void) {
    long result = 0;
    atomic {
        result = sum_from(first) + greatest_from(first);
    }
    return result;
}

static long writes_half_of_them_and_reads(void) {
    long result = 0;
    atomic {
        for (int i = 0; i < NODES; i += 2)
            nodes[i].value = 0;
        result = sum_from(first);
    }
    return result;
}

static long makes_a_list_and_reads(void) {
    long result = 0;
    atomic {
        CHECK(first); /* so that it has begun when it comes to the list */
        struct node *list = NULL;
        for (long i = 0; i < NEW_NODES; i++) {
            struct node *node = malloc(sizeof *node);
            CHECK(node);
            node->value = i;
            node->next = list;
            list = node;
        }
        result = sum_from(list) + greatest_from(list);
        while (list) {
            struct node *node = list;
            list = node->next;
            free(node);
        }
    }
    return result;
}

/* How many stripes the read set had; 0 where the block did not run in software. */
static uint64_t stripes_read(long (*block)(void), long expected) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    CHECK(block() == expected);
    ame_get_statistics(&after);
    return after.reads_recorded - before.reads_recorded;
}

int main(void) {
    const long sum = (long)NODES * (NODES - 1) / 2;
    bool software = !strcmp(ame_mode_name(), "stm");
    enum { FIRST = 1 }; /* the stripe of the variable */
    link_at_random();

    uint64_t stripes = stripes_read(reads_twice, sum + NODES - 1);
    CHECK(!software || stripes == NODES + FIRST);

    const long sum_of_odd_ones = (long)(NODES / 2) * (NODES / 2);
    stripes = stripes_read(writes_half_of_them_and_reads, sum_of_odd_ones);
    CHECK(!software || stripes == NODES / 2 + FIRST);

    stripes = stripes_read(makes_a_list_and_reads, NEW_NODES * (NEW_NODES - 1) / 2 + NEW_NODES - 1);
    CHECK(!software || stripes == FIRST);
    return finish(0);
}
