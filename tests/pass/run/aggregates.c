/* Structs by value, memcpy and memset, locals whose address is taken. */
// RUN: %clang -g %level %s %counting -o %t && %t
#include "counting.h"
#include <ame/atomic.h>
#include <string.h>

struct small {
    int a, b;
};
struct big {
    long words[9];
};

static struct big *bigs;
static struct small *smalls;
static char *bytes;

__attribute__((noinline)) static long sum(struct big value) {
    long total = 0;
    for (int i = 0; i < 9; i++)
        total += value.words[i];
    value.words[0] = -1; /* the callee's own copy */
    return total;
}

__attribute__((noinline)) static struct big make(long n) {
    struct big result;
    for (int i = 0; i < 9; i++)
        result.words[i] = n * i;
    return result;
}

__attribute__((noinline)) static struct small swapped(struct small s) {
    return (struct small){s.b, s.a};
}

__attribute__((noinline)) static long by_value(void) {
    long total;
    atomic {
        bigs[1] = make(3);
        total = sum(bigs[1]);
        bigs[2] = bigs[1];
        smalls[0] = swapped(smalls[0]);
    }
    return total;
}

__attribute__((noinline)) static void fill(int *out, int n) {
    for (int i = 0; i < n; i++)
        out[i] = i + smalls[0].a;
}

__attribute__((noinline)) static int escaping(int n) {
    int before[4] = {1, 2, 3, 4}, total = 0;
    atomic {
        int inner[4];
        fill(inner, n);
        fill(before, n - 1);
        total = inner[3] + before[0] + before[3];
    }
    return total + before[2];
}

__attribute__((noinline)) static int variable_length(int n) {
    int total = 0;
    atomic {
        int values[n];
        fill(values, n);
        for (int i = 0; i < n; i++)
            total += values[i];
    }
    return total;
}

__attribute__((noinline)) static void copies(size_t n) {
    char local[64];
    atomic {
        memset(bytes, 'a', n);         /* shared */
        memcpy(bytes + 100, bytes, n); /* shared to shared */
        memcpy(local, bytes + 100, n); /* shared to local, of the caller */
        memset(local, 'b', 2);
        memcpy(bytes + 200, "constant", 9);
        memmove(bytes + 1, bytes, n);
        memcpy(bytes + 300, local, n);
    }
}

int main(void) {
    bigs = shared(4 * sizeof *bigs);
    smalls = shared(4 * sizeof *smalls);
    bytes = shared(1000);
    smalls[0] = (struct small){5, 6};
    CHECK_EQUAL(by_value(), 3 * 36);
    CHECK_EQUAL(bigs[1].words[0], 0);
    CHECK_EQUAL(bigs[2].words[8], 24);
    CHECK_EQUAL(smalls[0].a, 6);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(escaping(4), 6 + 3 + 6 + 4 + 6 + 2);
    CHECK_EQUAL(variable_length(5), 10 + 5 * 6);
    copies(20);
    CHECK_EQUAL(counts.serial, 0);
    CHECK(!memcmp(bytes + 200, "constant", 9));
    CHECK(!memcmp(bytes + 300, "bbaaaaaaaaaaaaaaaaaa", 20));
    return 0;
}
