/* ame_irrevocable(): from there on a block is alone, and it happens once. */
#include "check.h"

enum { THREADS = 4 };

static long x, y;        /* equal after every block */
static long irrevocable; /* blocks that were */
static int inside;       /* read and written outside the runtime's sight */

/* What can't be undone: counts calls for real. */
static unsigned long calls;
ame_pure __attribute__((noinline)) static void call_the_world(void) {
    int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    CHECK(now == 1);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    sched_yield();
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
}

__attribute__((noinline)) static void deep(int depth) {
    if (depth)
        deep(depth - 1);
    else
        ame_irrevocable();
}

static void alone(int i) {
    atomic {
        x++;
        if (i % 2)
            ame_irrevocable();
        else
            deep(5);
        call_the_world();
        irrevocable++;
        CHECK(x == y + 1); /* nobody else changes anything now */
        y++;
        ame_irrevocable(); /* again: no effect */
    }
}

static void work(int number) {
    ame_irrevocable(); /* outside: no effect */
    for (int i = 0; i < STEPS(5000); i++) {
        if (i % 10 == number)
            alone(i);
        else
            atomic {
                CHECK(x == y);
                x++;
                y++;
            }
    }
}

int main(void) {
    run_threads(THREADS, work);
    long steps = STEPS(5000);
    CHECK(x == y && x == THREADS * steps);
    CHECK(irrevocable == THREADS * (steps / 10) && calls == (unsigned long)irrevocable);
    return finish((uint64_t)irrevocable);
}
