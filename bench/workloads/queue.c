/* queue.c - pairs: each thread puts a number into one queue and takes one out. */
#include "harness.h"

enum { PAIRS = 200 };

struct entry {
    long value;
    struct entry *next;
};

/* As in Michael and Scott (PODC 1996), `first` is an entry that has been taken already. */
static struct {
    alignas(64) struct entry *first;
    alignas(64) struct entry *last;
} queue;

static struct entry *new_entry(long value) {
    struct entry *entry = malloc(sizeof *entry);
    CHECK(entry);
    entry->value = value;
    entry->next = NULL;
    return entry;
}

static void put(long value) {
    ATOMIC {
        struct entry *entry = new_entry(value);
        queue.last->next = entry;
        queue.last = entry;
    }
}

static long take(void) {
    long value = -1;
    ATOMIC {
        struct entry *first = queue.first, *next = first->next;
        if (next) {
            value = next->value;
            queue.first = next;
            free(first);
        }
    }
    return value;
}

static long pairs(struct worker *self) {
    for (int i = 0; i < PAIRS; i++) {
        long value = random_below(&self->random, 1000), taken;
        put(value);
        taken = take();
        CHECK(taken >= 0);
        self->tally += value - taken;
    }
    return PAIRS;
}

static void set_up(void) {
    queue.first = queue.last = new_entry(0);
    for (int i = 0; i < 64; i++)
        put(0);
}

static void check(long tally, long operations) {
    long left = 0, entries = 0;
    (void)operations;
    for (struct entry *entry = queue.first, *next; entry; entry = next, entries++) {
        next = entry->next;
        if (entries)
            left += entry->value;
        free(entry);
    }
    CHECK(entries == 65 && left == tally);
}

static const struct bench_case cases[] = {{"queue_pairs", set_up, pairs, check, false}};
BENCH_CASES(cases)
