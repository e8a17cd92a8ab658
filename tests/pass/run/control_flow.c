/* Every way out of a block, and values that flow in and out. */
// RUN: %clang -g %level %s %counting -o %t && %t
#include "counting.h"
#include <ame/atomic.h>

static int *data;

__attribute__((noinline)) static int early_return(int n) {
    atomic {
        data[0]++;
        if (n > 5)
            return data[0] * 2;
        data[1] = n;
    }
    return -1;
}

__attribute__((noinline)) static int goto_out(int n) {
    int steps = 0;
    for (int i = 0; i < n; i++) {
        atomic {
            steps++;
            if (data[i] == 7)
                goto found;
        }
    }
    return -1;
found:
    return steps;
}

__attribute__((noinline)) static int break_and_continue(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++)
        atomic {
            if (i % 3 == 0)
                continue;
            if (i % 3 == 1)
                break;
            sum += data[i];
        }
    return sum;
}

__attribute__((noinline)) static int in_switch(int n) {
    switch (n) {
    case 1:
        atomic {
            data[9] = 1;
            return 10;
        }
        break;
    case 2:
        atomic {
            switch (data[9]) {
            case 0:
                data[9] = 2;
                break;
            default:
                return 20;
            }
        }
        break;
    default:
        return 30;
    }
    return 0;
}

__attribute__((noinline)) static int loops(int n) {
    int total = 0;
    atomic {
        for (int i = 0; i < n; i++) {
            int j = 0;
            while (j < i) {
                if (j == 3)
                    break;
                total += data[j++];
            }
            do
                total++;
            while (total % 5);
        }
    }
    return total;
}

__attribute__((noinline)) static double many_values(int a, long b, float c, double d, char e,
                                                    short f, unsigned long g, int *p) {
    int a2 = 0;
    long b2 = 0;
    float c2 = 0;
    double d2 = 0;
    char e2 = 0;
    short f2 = 0;
    unsigned long g2 = 0;
    int *p2 = p;
    atomic {
        a2 = a + data[0];
        b2 = b - data[1];
        c2 = c * data[2];
        d2 = d / (data[3] + 1);
        e2 = e ^ 1;
        f2 = f + e;
        g2 = g << (data[4] & 7);
        p2 = p + 1;
        *p2 = a2;
    }
    return a2 + b2 + c2 + d2 + e2 + f2 + g2 + *p2;
}

__attribute__((noinline)) static void cannot_be_left(int n) {
    atomic {
        for (;;) {
            data[20]++;
            if (data[20] == n)
                exit(0);
        }
    }
}

static void empty(void) {
    atomic {}
}

int main(void) {
    data = shared(100 * sizeof *data);
    CHECK_EQUAL(early_return(9), 2);
    CHECK(counts.blocks == 1 && counts.writes == 1 && counts.written_bytes == 4);
    CHECK_EQUAL(early_return(3), -1);
    CHECK_EQUAL(data[1], 3);
    data[4] = 7;
    CHECK_EQUAL(goto_out(10), 5);
    CHECK_EQUAL(goto_out(3), -1);
    CHECK_EQUAL(break_and_continue(9), data[2] + data[5] + data[8]);
    CHECK_EQUAL(in_switch(2), 0);
    CHECK_EQUAL(in_switch(2), 20);
    CHECK_EQUAL(in_switch(1), 10);
    CHECK_EQUAL(in_switch(5), 30);
    CHECK_EQUAL(loops(6), 50);
    int pair[2] = {0, 0};
    data[2] = 4;
    CHECK(many_values(1, 2, 3, 4, 5, 6, 7, pair) == 932);
    CHECK_EQUAL(pair[1], 3);
    empty();
    compare_with_plain = false;
    cannot_be_left(3);
    return 1;
}
