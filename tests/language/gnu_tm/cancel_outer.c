/* __transaction_cancel [[outer]] undoes the outer block with all in it, from wherever it is. */
#include "../feature.h"

static int global, done, behind;
static int result[4];

__attribute__((transaction_may_cancel_outer, noinline)) static int deep(int depth, int limit) {
    int frame[4] = {depth, depth, depth, depth};
    global++;
    if (depth == limit)
        __transaction_cancel [[outer]];
    __transaction_atomic {
        global += frame[depth & 3];
        frame[1] = deep(depth + 1, limit); /* below an inner block */
    }
    return frame[1];
}

static void prepare(void) {
    global = 5;
    done = behind = 0;
    memset(result, 0, sizeof result);
}

static int from_functions(void) {
    int local = 1;
    __transaction_atomic [[outer]] {
        local = 2;
        global = 100;
        local = deep(0, 5);
        done++;
    }
    behind++;
    return local;
}

static int lexically(int cancel) {
    int local = 1;
    __transaction_atomic __attribute__((outer)) {
        local++;
        global++;
        __transaction_atomic {
            global += 10;
            for (int i = 0; i < 3; i++)
                if (i == cancel)
                    __transaction_cancel [[outer]];
        }
        done++;
    }
    behind++;
    return local;
}

/* Without [[outer]] it is the innermost block, be that an outer one. */
static int innermost(void) {
    __transaction_atomic [[outer]] {
        global += 1000;
        __transaction_atomic {
            global += 10000;
            __transaction_cancel;
        }
        if (global > 1000)
            __transaction_cancel;
        done++;
    }
    return 4;
}

static void feature(void) {
    result[0] = from_functions();
    result[1] = lexically(2);
    result[2] = lexically(3);
    result[3] = innermost();
}

static void check(void) {
    CHECK_EQUAL(result[0], 1);
    CHECK_EQUAL(result[1], 1);
    CHECK_EQUAL(result[2], 2);
    CHECK_EQUAL(result[3], 4);
    CHECK_EQUAL(global, 16);
    CHECK_EQUAL(done, 1);
    CHECK_EQUAL(behind, 3);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
