/* Blocks that are but a read, which runs in line in no transaction: beside writers in hardware, in
 * software and alone, it never finds what they have not committed. */
#include "check.h"
#include <stdalign.h>

enum { READERS = 2, ROUNDS = STEPS(3000), BALLAST = 100000, KINDS = 3 };

static struct {
    alignas(64) long value; /* even, outside of blocks that write it */
} shared;
alignas(64) long ballast[BALLAST]; /* too much for hardware */
static int done;                   /* outside the runtime's sight */
static uint64_t written_alone;     /* the writer's */

/* To the compiler it may access anything. */
ame_pure __attribute__((noinline)) static void wait_a_moment(void) {
    for (int i = 0; i < 500; i++)
        __asm__ volatile("" ::: "memory");
}

static long read_shared(void) {
    long value;
    atomic {
        value = shared.value;
    }
    return value;
}

static void write_small(void) {
    atomic {
        shared.value += 2;
    }
}

static void write_twice(void) {
    shared.value++;
    wait_a_moment();
    shared.value++;
}

static void write_alone(void) {
    written_alone++;
    atomic {
        ame_irrevocable();
        write_twice();
    }
}

static void write_in_software(void) {
    long sum = 0;
    atomic {
        write_twice();
        for (int i = 0; i < BALLAST; i++)
            sum += ballast[i];
        write_twice();
    }
    CHECK(sum == 0);
}

static void keep_writing(void) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (int n = 0; n < 10; n++)
            write_small();
        if (i % KINDS == 0)
            write_alone();
        else if (i % KINDS == 1)
            write_in_software();
        wait_a_moment();
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
}

static void keep_reading(void) {
    long last = 0;
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
        long value = read_shared();
        CHECK(value % 2 == 0);
        CHECK(value >= last);
        last = value;
    }
}

static void work(int number) {
    if (number < READERS)
        keep_reading();
    else
        keep_writing();
}

int main(void) {
    run_threads(READERS + 1, work);
    return finish(written_alone);
}
