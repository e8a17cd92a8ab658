/* What can't be undone is for __transaction_relaxed, which then runs alone. */
#include "../feature.h"

static int global, calls;
static int (*unsafe_pointer)(int) __attribute__((transaction_unsafe));

__attribute__((transaction_unsafe, noinline)) static int unsafe(int n) {
    calls++;
    return n * 2;
}

static void prepare(void) {
    global = 1;
    calls = 0;
    unsafe_pointer = unsafe;
}

static void feature(void) {
    char line[32];
    __transaction_relaxed {
        global++;
        snprintf(line, sizeof line, "%d", global);
        global += unsafe(global) + line[0] - '0';
        __asm__ volatile("" ::: "memory");
    }
    global = __transaction_relaxed(unsafe_pointer(global));
}

static void check(void) {
    CHECK_EQUAL(global, 16);
    CHECK_EQUAL(calls, 2); /* each once, however often the block began */
}

int main(void) {
    TRY_SERIAL(prepare, feature, check);
    return 0;
}
