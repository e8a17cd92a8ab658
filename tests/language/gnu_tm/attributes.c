/* Functions that are safe, pure, or wrapped for transactions. */
#include "../feature.h"

static int global, calls_of_pure;
static int result[4];

__attribute__((transaction_safe)) static void safe(int n) {
    global += n;
}
__attribute__((transaction_callable)) static void callable(int n) {
    atomic {
        global += 2 * n;
    }
}
struct table {
    __attribute__((transaction_safe)) void (*run)(int);
};
static struct table table[2] = {{safe}, {callable}};
static void (*pointer)(int) __attribute__((transaction_safe)) = safe;

/* It runs as it is: what it does is not undone. */
__attribute__((transaction_pure, noinline)) static int pure(int n) {
    calls_of_pure++;
    return n + 1;
}

/* Its replacement gives another result, by which the test knows it. */
__attribute__((noinline)) int plain(int n) {
    return n + 1;
}
static int wrapper(int n) __attribute__((transaction_wrap(plain)));
static int wrapper(int n) {
    return n + 101;
}

static void prepare(void) {
    global = 0;
    calls_of_pure = 0;
}

static void feature(void) {
    __transaction_atomic {
        safe(1);
        callable(1);
        table[0].run(10);
        table[1].run(10);
        pointer(100);
        result[0] = pure(global);
        __transaction_cancel;
    }
    __transaction_atomic {
        table[global].run(1);
        result[1] = plain(1);
    }
    result[2] = plain(1);
}

static void check(void) {
    CHECK_EQUAL(global, 1);
    CHECK(calls_of_pure >= 1);
    CHECK(result[1] == 102 || strcmp(ame_mode_name(), "stm"));
    CHECK(result[1] == 2 || strcmp(ame_mode_name(), "serial"));
    CHECK_EQUAL(result[2], 2);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
