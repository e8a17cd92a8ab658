/* Blocks in blocks, written there or in functions that are called: all are part
 * of the outermost one, and nothing of it can be seen before that ends. */
#include "check.h"

enum { THREADS = 4 };

static long a, b, c; /* equal after every outermost block */
static long deepest;

__attribute__((noinline)) static void add_to(long *value, long amount) {
    atomic {
        *value += amount;
    }
}

__attribute__((noinline)) static long read_one(const long *value) {
    atomic {
        return *value;
    }
    return -1;
}

static void add_to_all(long amount) {
    atomic {
        CHECK(ame_in_block());
        add_to(&a, amount);
        atomic {
            b += amount;
            atomic {
                add_to(&c, amount);
            }
            CHECK(ame_in_block());
        }
        CHECK(read_one(&a) == read_one(&b) && read_one(&b) == read_one(&c));
    }
    CHECK(!ame_in_block());
}

static void descend(long depth) {
    atomic {
        if (depth > deepest)
            deepest = depth;
        if (depth < 200)
            descend(depth + 1);
    }
}

/* Leaving the inner block by return leaves the outer one too, at once. */
__attribute__((noinline)) static int leave_two(long amount) {
    atomic {
        a += amount;
        atomic {
            b += amount;
            c += amount;
            if (amount % 2)
                return 1;
        }
        CHECK(amount % 2 == 0);
    }
    CHECK(!ame_in_block());
    return 0;
}

static void work(int number) {
    for (int i = 0; i < STEPS(20000); i++) {
        add_to_all(number);
        CHECK(leave_two(i) == i % 2);
        CHECK(!ame_in_block());
        if (i % 500 == 0)
            descend(1);
        atomic {
            CHECK(a == b && b == c);
        }
    }
}

int main(void) {
    run_threads(THREADS, work);
    long steps = STEPS(20000);
    CHECK(a == b && b == c && deepest == 200);
    CHECK(a == steps * (0 + 1 + 2 + 3) + THREADS * (steps * (steps - 1) / 2));
    return finish(0);
}
