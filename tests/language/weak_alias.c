/* Weak functions, aliases and functions chosen at load time, called in blocks. */
#include "feature.h"

static int number, calls;
static int result[4];

static void prepare(void) {
    number = 5;
    calls = 0;
    memset(result, 0, sizeof result);
}

__attribute__((weak, noinline)) int weak_function(int by) {
    calls++;
    return number += by;
}

__attribute__((weak)) int absent(int);

int real_function(int by);
int other_name(int by) __attribute__((alias("real_function")));
int weak_name(int by) __attribute__((weak, alias("real_function")));
static int local_name(int by) __attribute__((alias("real_function")));
extern int variable_name __attribute__((alias("aliased")));
int aliased;
extern int renamed(int) __asm__("a_name_in_assembly");
static int referred(int by) __attribute__((weakref("real_function")));

int real_function(int by) {
    int before = number;
    number = before * by;
    calls += 10;
    return before;
}

int renamed(int by) {
    return real_function(by) + 1;
}

static int times(int by) {
    calls += 100;
    return number *= by;
}

static int plus(int by) {
    calls += 1000;
    return number += by;
}

/* The loader calls this before there is a runtime, or any relocation. */
__attribute__((no_sanitize("address", "undefined"))) static int (*choose(void))(int) {
    return plus;
}

__attribute__((ifunc("choose"))) int chosen(int by);

static int call(int (*f)(int), int by) {
    return f(by);
}

/* ---- weak ---- */

static void weak(void) {
    int local = 1;
    atomic {
        number++;
        local += weak_function(2);
        local += call(weak_function, 3) * 100;
        if (absent)
            local += absent(1000);
        number++;
    }
    result[0] = local;
}

static void check_weak(void) {
    CHECK_EQUAL(number, 12);
    CHECK_EQUAL(calls, 2);
    CHECK_EQUAL(result[0], 9 + 1100);
}

/* ---- aliases ---- */

static void aliases(void) {
    int local;
    atomic {
        aliased = 3;
        variable_name++;
        local = aliased;
        local += other_name(2) * 10;
        local += weak_name(3) * 100;
        local += local_name(2) * 1000;
        number -= 50;
        local += call(other_name, 2) * 10000;
        local += call(local_name, 1) * 100000;
        aliased += variable_name;
    }
    result[0] = local;
    result[1] = aliased;
}

static void check_aliases(void) {
    CHECK_EQUAL(result[0], 4 + 50 + 1000 + 30000 + 100000 + 2000000);
    CHECK_EQUAL(result[1], 8);
    CHECK_EQUAL(number, 20);
    CHECK_EQUAL(calls, 50);
}

static void other_names(void) {
    atomic {
        result[0] = renamed(3);
        result[1] = referred(2);
        number++;
    }
}

static void check_other_names(void) {
    CHECK_EQUAL(number, 31);
    CHECK_EQUAL(result[0], 6);
    CHECK_EQUAL(result[1], 15);
    CHECK_EQUAL(calls, 20);
}

/* ---- chosen at load time ---- */

static void load_time(void) {
    int local = 2;
    atomic {
        number++;
        local *= chosen(4);
        result[1] = call(chosen, 2);
        number = times(2);
    }
    result[0] = local;
}

static void check_load_time(void) {
    CHECK_EQUAL(number, 24);
    CHECK_EQUAL(result[0], 20);
    CHECK_EQUAL(result[1], 12);
    CHECK_EQUAL(calls, 2100);
}

int main(void) {
    TRY(prepare, weak, check_weak);
    TRY(prepare, aliases, check_aliases);
    TRY(prepare, other_names, check_other_names);
    TRY(prepare, load_time, check_load_time);
    return 0;
}
