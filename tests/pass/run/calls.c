/* Direct calls, recursion, calls through pointers and of functions in other files. */
// RUN: %clang -g %level -c %S/../inputs/other.c -o %t.other.o
// RUN: %plain -g %level -c %S/../inputs/plain.c -o %t.plain.o
// RUN: %clang -g %level %s %t.other.o %t.plain.o %counting -o %t && %t
#include "../inputs/inputs.h"
#include "counting.h"
#include <ame/atomic.h>
#include <stdarg.h>
#include <string.h>

static struct list *lists;

static int length(const struct list *list) {
    return list ? 1 + length(list->next) : 0;
}

static int is_even(unsigned n);
static int is_odd(unsigned n) {
    return n ? is_even(n - 1) : 0;
}
static int is_even(unsigned n) {
    return n ? is_odd(n - 1) : 1;
}

static int add(int a, int b) {
    return a + b + lists[0].value;
}
static int multiply(int a, int b) {
    return a * b * lists[0].value;
}
static int (*const operations[])(int, int) = {add, multiply};
static int (*volatile chosen)(int, int);

static int variadic(int n, ...) {
    va_list arguments;
    int total = lists[0].value;
    va_start(arguments, n);
    for (int i = 0; i < n; i++)
        total += i % 2 ? va_arg(arguments, int) : (int)va_arg(arguments, double);
    va_end(arguments);
    return total;
}

static int pass_on(int n, va_list *arguments) {
    int total = 0;
    while (n--)
        total += va_arg(*arguments, int);
    return total;
}
static int variadic_by_list(int n, ...) {
    va_list arguments;
    va_start(arguments, n);
    int total = pass_on(n, &arguments);
    va_end(arguments);
    return total;
}

/* A call that must be a tail call, of functions with a twin and without. */
__attribute__((noinline)) static int target(const struct list *list) {
    return list->value + 1;
}
__attribute__((noinline)) static int tail(const struct list *list) {
    __attribute__((musttail)) return target(list->next);
}
__attribute__((noinline)) static int tail_of_plain(const struct list *list) {
    __attribute__((musttail)) return plain_value(list);
}

/* The table holds the addresses of the labels in the original. */
static int computed_goto(unsigned n) {
    static const void *const labels[] = {&&one, &&two};
    goto *labels[n];
one:
    return lists[0].value;
two:
    return lists[1].value;
}

__attribute__((noinline)) static int tails(void) {
    int n;
    atomic {
        n = tail(lists) + tail_of_plain(lists);
    }
    return n;
}

__attribute__((noinline)) static int computed(void) {
    int n;
    atomic {
        n = computed_goto(1);
    }
    return n;
}

__attribute__((noinline)) static int direct(void) {
    int n;
    atomic {
        n = length(lists) * 10 + is_even(7) + is_odd(9);
    }
    return n;
}

__attribute__((noinline)) static int through_pointers(int which) {
    int n;
    atomic {
        n = operations[which](3, 4);
        chosen = operations[!which];
        n += chosen(5, 6);
    }
    return n;
}

__attribute__((noinline)) static int variadics(void) {
    int n;
    atomic {
        n = variadic(4, 1.0, 2, 3.0, 4) + variadic_by_list(8, 1, 2, 3, 4, 5, 6, 7, 8);
    }
    return n;
}

__attribute__((noinline)) static int elsewhere(void) {
    int n;
    atomic {
        n = other_length(lists) + other_inline(lists) + other_with_block(lists);
    }
    return n;
}

__attribute__((noinline)) static int without_twin(void) {
    int n;
    atomic {
        n = plain_value(lists);
    }
    return n;
}

__attribute__((noinline)) static int weak_and_replaced(void) {
    int n;
    atomic {
        n = weak_kept(lists) * 100 + weak_replaced_by_plain(lists) * 10;
    }
    return n;
}

__attribute__((noinline)) static int pointer_without_twin(void) {
    int n;
    int (*function)(const struct list *) = plain_function();
    atomic {
        n = function(lists);
    }
    return n;
}

int main(void) {
    lists = shared(3 * sizeof *lists);
    lists[0] = (struct list){2, &lists[1]};
    lists[1] = (struct list){3, &lists[2]};
    lists[2] = (struct list){4, NULL};

    CHECK_EQUAL(direct(), 31);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(through_pointers(0), 9 + 60);
    CHECK(counts.serial == 0 && counts.twins_found >= 1);
    CHECK_EQUAL(through_pointers(1), 24 + 13);
    CHECK_EQUAL(variadics(), 12 + 36);
    CHECK_EQUAL(counts.serial, 0);

    CHECK_EQUAL(elsewhere(), 3 + 2 + 5);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(counts.blocks, 3);

    CHECK_EQUAL(without_twin(), 2);
    CHECK(counts.serial == 1 && !strcmp(counts.serial_why, "plain_value"));
    CHECK_EQUAL(tails(), 4 + 2);
    CHECK(counts.serial == 1 && !strcmp(counts.serial_why, "plain_value"));
    CHECK_EQUAL(computed(), 3);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(pointer_without_twin(), 2);
    CHECK_EQUAL(counts.serial, 1);

    /* The linker took the strong definition, which has no twin, so the weak one's must not run. */
    CHECK_EQUAL(weak_and_replaced(), 200 + 70);
    CHECK_EQUAL(counts.serial, 1);
    return 0;
}

int weak_kept(const struct list *list) {
    return list->value;
}
int weak_replaced_by_plain(const struct list *list) {
    return list->value;
}
