/* Variadic functions of the other calling convention, whose lists are one address. */
#include "feature.h"

static int shared, result;

__attribute__((ms_abi, noinline)) static int sum(int n, ...) {
    int total = 0;
    atomic {
        __builtin_ms_va_list list;
        __builtin_ms_va_start(list, n);
        for (int i = 0; i < n; i++) {
            total += __builtin_va_arg(list, int);
            shared++;
        }
        __builtin_ms_va_end(list);
    }
    return total;
}

static void prepare(void) {
    shared = result = 0;
}

static void feature(void) {
    result = sum(5, 10, 20, 30, 40, 50);
}

static void check(void) {
    CHECK_EQUAL(result, 150);
    CHECK_EQUAL(shared, 5);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
