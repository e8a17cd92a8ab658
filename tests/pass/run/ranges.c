/* Loops that access memory in chunks: the same results as plain code, and nothing accessed without barrier. */
// RUN: %clang -g %level %s %counting -o %t && %t
// RUN: %clang -O3 -march=x86-64-v3 %s %counting -o %t && (! grep -q avx2 /proc/cpuinfo || %t)
#include "../../ranges.h"
#include "counting.h"
#include <ame/atomic.h>

enum { LONGEST = 600 };

__attribute__((noinline)) static void run(int number, const void *from, const void *more, void *to,
                                          int64_t *result, long n) {
    atomic {
        *result = range_loops[number].loop(from, more, to, n);
    }
}

__attribute__((noinline)) static long sum_of(const long *a, long n) {
    long sum = 0;
    atomic {
        for (long i = 0; i < n; i++)
            sum += a[i];
    }
    return sum;
}

int main(void) {
    unsigned char *from = shared(ROOM(LONGEST)), *more = shared(ROOM(LONGEST)),
                  *to = shared(ROOM(LONGEST));
    int64_t *result = shared(sizeof *result);
    for (size_t i = 0; i < ROOM(LONGEST); i++) {
        from[i] = (unsigned char)(i * i >> 4);
        more[i] = (unsigned char)(i * 7 >> 3);
    }
    for (int number = 0; number < RANGE_LOOPS; number++)
        for (long n = 0; n <= LONGEST; n = n < 20 ? n + 1 : n * 2 - 7)
            run(number, from, more, to, result, n);
    run(0, from, more, to, result, LONGEST);

    const long *a = (const long *)from;
    long expected = 0;
    for (long i = 0; i < LONGEST; i++)
        expected += a[i];
    CHECK(sum_of(a, LONGEST) == expected);
    CHECK(counts.read_bytes == LONGEST * sizeof(long)); /* all, each once */
}
