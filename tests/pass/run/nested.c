/* Nested blocks are part of the outer one, written inside it or in a function it calls; blocks
   know where they are. */
// RUN: %clang -g %level %s %counting -o %t && %t
#include "counting.h"
#include <ame/atomic.h>
#include <string.h>

static int *data, called_line;

__attribute__((noinline)) static int inner(int n) {
    atomic {
        data[1] += n;
        if (n > 2)
            return data[1];
    }
    return 0;
}

__attribute__((noinline)) static int called(int n) {
    int sum = 0;
    called_line = __LINE__ + 1;
    atomic {
        for (int i = 0; i < n; i++)
            sum += inner(i);
    }
    return sum;
}

__attribute__((noinline)) static int written(int n) {
    atomic {
        data[0]++;
        for (int i = 0; i < n; i++) {
            atomic {
                data[2] += i;
                if (i == 5)
                    goto out;
                atomic {
                    if (i == 7)
                        return 77;
                    if (i & 1)
                        continue;
                }
                data[3]++;
            }
        }
        return 1;
    }
out:
    return 2;
}

__attribute__((noinline)) static int two(int n) {
    int sum = 0;
    atomic {
        sum = data[0] + n;
    }
    atomic {
        data[0] = sum;
    }
    return sum;
}

int main(void) {
    data = shared(100);
    CHECK_EQUAL(called(5), 6 - 3 + 10 - 0 - 0 + 3 - 0);
    CHECK_EQUAL(counts.blocks, 6);
    CHECK(!strcmp(block_function, "called"));
    CHECK_EQUAL(block_line, called_line);
    CHECK_EQUAL(written(4), 1);
    CHECK_EQUAL(counts.blocks, 1);
    CHECK_EQUAL(data[3], 4); /* `continue` ends the innermost block only */
    CHECK_EQUAL(written(9), 2);
    CHECK_EQUAL(two(3), 5);
    CHECK_EQUAL(data[0], 5);
    return 0;
}
