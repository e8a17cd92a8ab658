/* A hash table that grows while all threads insert; mended: made large enough before. */
#include "threads.h"

#include <stdlib.h>

enum { KEYS = 16000 };

struct table {
    long *slots; /* 0 is free */
    size_t mask;
};

static struct table table;

static bool place(long *slots, size_t mask, long key) {
    size_t slot = (size_t)key * 0x9E3779B97F4A7C15u >> 20;
    for (size_t i = 0; i < 12; i++)
        if (!slots[(slot + i) & mask]) {    /* LINE-conflict */
            slots[(slot + i) & mask] = key; /* LINE-conflict */
            return true;
        }
    return false;
}

static void resize(struct table *self) {
    for (size_t mask = 2 * self->mask + 1;; mask = 2 * mask + 1) {
        long *larger = calloc(mask + 1, sizeof *larger);
        bool placed = true;
        for (size_t i = 0; placed && i <= self->mask; i++) {
            if (i % 64 == 0)
                think();
            if (self->slots[i]) /* LINE-conflict */
                placed = place(larger, mask, self->slots[i]);
        }
        if (!placed) {
            free(larger);
            continue;
        }
        free(self->slots);
        self->slots = larger; /* LINE-conflict */
        self->mask = mask;
        return;
    }
}

static void work(int thread) {
    for (long key = thread + 1; key <= KEYS; key += THREADS)
        atomic {
            while (!place(table.slots, table.mask, key)) /* LINE-conflict */
                resize(&table);
        }
}

int main(int count, char **arguments) {
    mended = count > 1;
    table.mask = mended ? (1 << 20) - 1 : 255;
    table.slots = calloc(table.mask + 1, sizeof *table.slots);
    run_threads(count, arguments);
    int there = 0;
    for (size_t i = 0; i <= table.mask; i++)
        there += table.slots[i] != 0;
    return there != KEYS;
}
