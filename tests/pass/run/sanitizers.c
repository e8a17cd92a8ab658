/* Under AddressSanitizer and UndefinedBehaviorSanitizer: right results, no serial mode, and both
   still find faults in blocks. */
// REQUIRES: -fsanitize=address,undefined
// RUN: %clang -g %level -fsanitize=address,undefined -fno-sanitize-recover %s %counting -o %t
// RUN: %t # %level
// RUN: (! %t overflow 2> %t.address) && grep -q AddressSanitizer %t.address # %level
// RUN: (! %t shift 2> %t.undefined) && grep -q "runtime error: shift" %t.undefined # %level
#include "counting.h"
#include <ame/atomic.h>
#include <string.h>

struct big {
    long words[9];
};
static struct big *bigs;
static int *volatile small; /* volatile: the faults stay */

static void fill(long *out, int n) {
    for (int i = 0; i < n; i++)
        out[i] = i + bigs[0].words[0];
}

static long sum(struct big value) {
    long total = 0;
    for (int i = 0; i < 9; i++)
        total += value.words[i];
    return total;
}

__attribute__((noinline)) static long work(int n) {
    long total = 0;
    atomic {
        long local[9];
        fill(local, n);
        memcpy(&bigs[1], local, sizeof local);
        total = sum(bigs[1]) + sum(bigs[0]);
        long (*volatile function)(struct big) = sum;
        total += function(bigs[1]) >> (bigs[0].words[0] & 31);
    }
    return total;
}

__attribute__((noinline)) static int faulty(int index, int bits) {
    int result = 0;
    atomic {
        int local[4] = {1, 2, 3, 4};
        small = local;
        result = small[index] << bits;
    }
    return result;
}

int main(int argc, char **argv) {
    bigs = shared(2 * sizeof *bigs);
    bigs[0].words[0] = 1;
    compare_with_plain = false;
    CHECK_EQUAL(work(9), 45 + 1 + 22);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(faulty(1, 1), 4);
    if (argc > 1)
        return !faulty(strcmp(argv[1], "overflow") ? 1 : 4, strcmp(argv[1], "shift") ? 1 : 40);
    return 0;
}
