/* Blocks look a number up that never changes, beside one that others change. */
#include "threads.h"

#include <stdlib.h>

enum { ITEMS = 16 };

struct item {
    long number, uses;
};

struct mended_item {
    ame_immutable long number;
    long uses;
};

static struct item *items[ITEMS];
static struct mended_item *mended_items[ITEMS];
static _Alignas(64) long found[THREADS * 8];

static long look_up_mended(long number) {
    long at = -1;
    for (int i = 0; i < ITEMS; i++) {
        if (mended_items[i]->number == number)
            at = i;
        if (i == ITEMS / 2)
            think();
    }
    return at;
}

static long look_up(long number) {
    long at = -1;
    for (int i = 0; i < ITEMS; i++) {
        if (items[i]->number == number) /* LINE-conflict */
            at = i;
        if (i == ITEMS / 2)
            think();
    }
    return at;
}

static __attribute__((noinline)) void use_mended(int item, long uses) {
    mended_items[item]->uses = uses;
    think();
}

static __attribute__((noinline)) void use(int item, long uses) {
    items[item]->uses = uses; /* LINE-conflict */
    think();
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        if (thread % 2)
            atomic {
                if (mended)
                    use_mended(thread, i + 1);
                else
                    use(thread, i + 1);
            }
        else
            atomic {
                found[thread * 8] += mended ? look_up_mended(i % ITEMS) : look_up(i % ITEMS);
            }
}

static ame_constructor void make_items(void) {
    for (int i = 0; i < ITEMS; i++) {
        items[i] = aligned_alloc(64, 64);
        mended_items[i] = aligned_alloc(64, 64);
        *items[i] = (struct item){i, 0};
        *mended_items[i] = (struct mended_item){i, 0};
    }
}

int main(int count, char **arguments) {
    make_items();
    run_threads(count, arguments);
    return items[1]->uses + mended_items[1]->uses != 300;
}
