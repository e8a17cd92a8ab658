/* Statements and expressions of GCC's transactions, and every way out of them. */
#include "../feature.h"

struct pair {
    long first, second;
    char text[24];
};

static int number, steps[8];
static struct pair pair;
static long result[8];
static int left[4];

static void prepare(void) {
    number = 10;
    memset(steps, 0, sizeof steps);
    memset(left, 0, sizeof left);
    pair = (struct pair){1, 2, "three"};
}

static int returns(int n) {
    __transaction_atomic {
        number += n;
        if (n > 5)
            return number;
        number++;
    }
    return -1;
}

static struct pair value_of_struct(void) {
    return __transaction_atomic(pair);
}

static void expressions(void) {
    long sum = __transaction_atomic(number + pair.first);
    result[0] = sum;
    result[1] = __transaction_atomic(pair.second++, __transaction_atomic(pair.second) * 2);
    result[2] = value_of_struct().text[4];
    if (__transaction_atomic(number == 10))
        (void)__transaction_atomic(number++);
    for (int i = 0; __transaction_atomic(i < steps[7] + 3); i++)
        __transaction_relaxed {
            steps[0]++;
        }
    result[3] = __transaction_relaxed(__transaction_atomic(steps[0]) + 1);
}

static void ways_out(void) {
    for (int i = 0; i < 10; i++) {
        __transaction_atomic {
            if (i == 2)
                continue; /* the loop around the block */
            if (i == 5)
                break;
            left[0]++;
        }
        left[1]++;
    }
    __transaction_atomic {
        for (int i = 0; i < 4; i++)
            __transaction_atomic {
                left[2]++;
                if (i == 1)
                    goto out;
            }
        left[2] = 100;
    }
out:
    switch (left[2]) {
    case 2:
        __transaction_atomic {
            left[3] = 1;
            break;
        }
        left[3] = 50;
    default:
        left[3]++;
    }
    result[4] = returns(1);
    result[5] = returns(6);
}

static void locals(void) {
    int plain = 1, escapes = 2, array[3] = {0};
    int *address = &escapes;
    __transaction_atomic {
        __label__ again;
        int inner = 0;
    again:
        plain++, ++*address, array[inner] += plain;
        if (++inner < 3)
            goto again;
    }
    result[6] = plain * 100 + escapes * 10 + array[2];
}

static void feature(void) {
    expressions();
    ways_out();
    locals();
}

static void check(void) {
    CHECK_EQUAL(result[0], 11);
    CHECK_EQUAL(result[1], 6);
    CHECK_EQUAL(result[2], 'e');
    CHECK_EQUAL(steps[0], 3);
    CHECK_EQUAL(result[3], 4);
    CHECK_EQUAL(left[0], 4);
    CHECK_EQUAL(left[1], 4);
    CHECK_EQUAL(left[2], 2);
    CHECK_EQUAL(left[3], 1);
    CHECK_EQUAL(result[4], -1);
    CHECK_EQUAL(result[5], 19);
    CHECK_EQUAL(number, 19);
    CHECK_EQUAL(result[6], 400 + 50 + 4);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
