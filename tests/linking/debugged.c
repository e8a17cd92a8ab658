/* What a debugger is asked about; test_debugger.sh finds the lines by their marks. */
#include <ame/ame.h>
#include <stdio.h>

long shared = 5;

static __attribute__((noinline)) long helper(long amount) {
    long before = shared; /* in helper */
    shared += amount;     /* next in helper */
    return before + amount;
}

__attribute__((noinline)) static long work(long parameter) {
    long outside = parameter * 2, result = 0;
    atomic {
        long inside = outside + 1;
        shared = shared + inside; /* in block */
        result = helper(inside);  /* next in block */
        shared++;                 /* after the call */
    }
    return result;
}

int main(void) {
    printf("result %ld\n", work(3));
    return 0;
}
