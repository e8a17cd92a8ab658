/* Blocks before main and after it: in constructors and destructors, and at exit. */
#include "feature.h"
#include <unistd.h>

static int early, order, heap_cell, again;
static int *heap;

static void add(int *to, int amount) {
    *to += amount;
}

__attribute__((constructor(101))) static void first(void) {
    int local = 1;
    atomic {
        heap = calloc(2, sizeof *heap);
        heap[0] = 7;
        add(&early, 1);
        local += early;
        order = order * 10 + 1;
    }
    heap_cell = local;
}

__attribute__((constructor)) static void later(void) {
    atomic {
        add(&early, 10);
        heap[1] = heap[0] + early;
        order = order * 10 + 2;
    }
}

/* What destructors find wrong they can only say by the exit code. */
static void expect(int value, int expected) {
    if (value != expected)
        _exit(1);
}

__attribute__((destructor)) static void last(void) {
    int local = 0;
    atomic {
        order = order * 10 + 4;
        local = order;
        add(&early, 100);
        free(heap);
        heap = NULL;
    }
    expect(local, 1234);
    expect(early, 111);
}

static void at_exit(void) {
    atomic {
        order = order * 10 + 3;
        again++;
    }
    expect(order, 123);
}

static int before;

static void prepare(void) {
    again = 0;
    before = heap[1];
}

static void feature(void) {
    atomic {
        add(&again, heap[0]);
        heap[1]++;
    }
}

static void check(void) {
    CHECK_EQUAL(again, 7);
    CHECK_EQUAL(heap[1], before + 1);
}

int main(void) {
    CHECK_EQUAL(early, 11);
    CHECK_EQUAL(order, 12);
    CHECK_EQUAL(heap_cell, 2);
    CHECK_EQUAL(heap[1], 18);
    TRY(prepare, feature, check);
    CHECK(atexit(at_exit) == 0);
    return 0;
}
