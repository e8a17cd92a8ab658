/* Privatization and publication through retry: who takes an item owns it at once, by plain
 * accesses, though others have read it, or were about to retry in the middle of it; and it is
 * complete. */
#include "check.h"

enum { THREADS = 5, WORDS = 24, ITEMS = 3 };

struct item {
    struct item *next;
    long words[WORDS]; /* all equal; changed by blocks while it is in the list, and by its owner */
};

static struct item *list;
static struct item items[ITEMS];

static struct item *take(void) {
    struct item *item;
    atomic {
        if (!list)
            atomic_retry();
        item = list;
        list = item->next;
    }
    return item;
}

static void give_back(struct item *item) {
    atomic {
        item->next = list;
        list = item;
    }
}

/* Changes an item in the list, the second one if there is one; gives up half-way at times. */
static void change(uint64_t random) {
    atomic_either {
        struct item *item = list;
        if (!item || !item->next)
            atomic_retry();
        item = item->next;
        for (int i = 0; i < WORDS; i++) {
            item->words[i]++;
            if (i == WORDS / 2) {
                linger(random);
                if (random % 3 == 0)
                    atomic_retry();
            }
        }
    }
    atomic_or_else {
        struct item *item = list;
        for (int i = 0; item && i < WORDS; i++)
            CHECK(item->words[i] == item->words[0]);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int step = 0; step < STEPS(5000); step++) {
        change(next_random(&random));
        struct item *item = take();
        long first = item->words[0];
        for (int round = 0; round < 3; round++)
            for (int i = 0; i < WORDS; i++) {
                CHECK(item->words[i] == first + round);
                item->words[i]++;
            }
        give_back(item);
    }
}

int main(void) {
    for (int i = 0; i < ITEMS; i++)
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : NULL;
    list = items; /* fewer than threads: they have to wait for each other */
    run_threads(THREADS, work);
    int left = 0;
    for (struct item *item = list; item; item = item->next, left++)
        for (int i = 0; i < WORDS; i++)
            CHECK(item->words[i] == item->words[0]);
    CHECK(left == ITEMS);
    return finish(0);
}
