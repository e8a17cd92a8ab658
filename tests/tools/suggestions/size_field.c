/* A set whose items lie apart, but which knows its size. */
#include "threads.h"

#include <stdlib.h>

struct item {
    struct item *next;
    long key;
};

struct set {
    struct item *buckets[THREADS * 8];
    long size;
    ame_counter counter; /* mended: the size */
};

static struct set *set;

static void insert(struct set *self, long key) {
    struct item *item = malloc(sizeof *item);
    struct item **bucket = &self->buckets[key % (THREADS * 8)];
    item->key = key;
    item->next = *bucket;
    *bucket = item;
    if (mended)
        ame_counter_add(&self->counter, 1);
    else
        self->size += 1; /* LINE-conflict */
    think();
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        atomic {
            insert(set, thread * 8);
        }
}

int main(int count, char **arguments) {
    atomic {
        set = calloc(1, sizeof *set); /* LINE-allocated */
    }
    run_threads(count, arguments);
    return set->size + ame_counter_read(&set->counter) != THREADS * 300;
}
