/* Variadic functions of the program in blocks, and lists of arguments that they hand on. */
#include "feature.h"
#include <stdarg.h>

struct small {
    short a, b;
};

struct pair {
    double real;
    long whole;
};

struct large {
    int cells[9];
};

static struct large large;
static struct pair pair;
static int total, cells[4];
static double real;
static char text[32];
static int result[4];

static void prepare(void) {
    large = (struct large){{1, 2, 3, 4, 5, 6, 7, 8, 9}};
    pair = (struct pair){2.5, 7};
    total = 0;
    real = 0;
    memset(cells, 0, sizeof cells);
    memset(text, 0, sizeof text);
    memset(result, 0, sizeof result);
}

/* ---- each kind of argument; more of each than there are registers ---- */

static __attribute__((noinline)) int sum(int count, ...) {
    va_list arguments;
    int sum = 0;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(arguments, int);
    va_end(arguments);
    total += sum;
    return sum;
}

static __attribute__((noinline)) double mixed(const char *kinds, ...) {
    va_list arguments;
    double sum = 0;
    va_start(arguments, kinds);
    for (; *kinds; kinds++)
        switch (*kinds) {
        case 'i':
            sum += va_arg(arguments, int);
            break;
        case 'l':
            sum += (double)va_arg(arguments, long);
            break;
        case 'd':
            sum += va_arg(arguments, double);
            break;
        case 'e':
            sum += (double)va_arg(arguments, long double);
            break;
        case 's': {
            struct small s = va_arg(arguments, struct small);
            sum += s.a * s.b;
            break;
        }
        case 'p': {
            struct pair p = va_arg(arguments, struct pair);
            sum += p.real * (double)p.whole;
            break;
        }
        case 'L': {
            struct large l = va_arg(arguments, struct large);
            sum += l.cells[0] + l.cells[8];
            break;
        }
        case '*':
            ++*va_arg(arguments, int *);
            break;
        }
    va_end(arguments);
    real += sum;
    return sum;
}

static void kinds(void) {
    int local = 3;
    double out;
    atomic {
        result[0] = sum(0) + sum(3, 1, 2, 3);
        result[1] = sum(9, local, 2, 3, 4, 5, 6, 7, 8, 9);
        out = mixed("idlespL", 1, 2.5, 3L, 0.5L, (struct small){2, 3}, pair, large);
        out += mixed("*i*", &local, local, &cells[1]);
        large.cells[8] = 100;
        out += mixed("dddddddddiiiiiiiiLpd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 1, 2, 3, 4, 5, 6,
                     7, total, large, pair, real);
    }
    result[2] = (int)out;
    result[3] = local;
}

static void check_kinds(void) {
    double first = 1 + 2.5 + 3 + 0.5 + 6 + 17.5 + 10, second = 3;
    double third = 45 + 28 + 53 + 101 + 17.5 + first + second;
    CHECK_EQUAL(result[0], 6);
    CHECK_EQUAL(result[1], 47);
    CHECK_EQUAL(total, 53);
    CHECK_EQUAL(result[2], first + second + third);
    CHECK(real == first + second + third);
    CHECK_EQUAL(result[3], 4);
    CHECK_EQUAL(cells[1], 1);
}

/* ---- lists handed on ---- */

static int take(va_list arguments, int count) {
    int sum = 0;
    while (count--)
        sum = sum * 10 + va_arg(arguments, int);
    return sum;
}

static void take_one(va_list *arguments, int *to) {
    *to = va_arg(*arguments, int);
}

static int vappend(char *to, const char *format, va_list arguments) {
    int length = 0;
    for (; *format; format++)
        if (*format == 'c')
            to[length++] = (char)va_arg(arguments, int);
        else if (*format == 's')
            for (const char *from = va_arg(arguments, const char *); *from; from++)
                to[length++] = *from;
    return length;
}

static __attribute__((noinline)) int append(const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vappend(text + strlen(text), format, arguments);
    va_end(arguments);
    length += vappend(text + strlen(text), format, again);
    va_end(again);
    return length;
}

static __attribute__((noinline)) int hand_on(int count, ...) {
    va_list arguments, rest;
    va_start(arguments, count);
    take_one(&arguments, &cells[0]);
    va_copy(rest, arguments);
    int value = take(arguments, count - 1);
    value += 100000 * take(rest, 1);
    take_one(&rest, &cells[2]);
    va_end(rest);
    va_end(arguments);
    return value;
}

static void handed_on(void) {
    int (*through_pointer)(int, ...) = hand_on;
    atomic {
        result[0] = append("scs", "one", '-', "two");
        result[1] = hand_on(4, 1, 2, 3, 4);
        result[2] = through_pointer(3, 7, 8, 9);
        through_pointer = total ? NULL : sum;
        result[3] = through_pointer(2, 20, 22);
    }
}

static void check_handed_on(void) {
    CHECK(strcmp(text, "one-twoone-two") == 0);
    CHECK_EQUAL(result[0], 14);
    CHECK_EQUAL(result[1], 200234);
    CHECK_EQUAL(result[2], 800089);
    CHECK(cells[0] == 7 && cells[2] == 9);
    CHECK_EQUAL(result[3], 42);
}

/* ---- a block in a variadic function, whose list is older than the block ---- */

static int older(int count, ...) {
    va_list arguments, copy;
    int first = 0, last = 0;
    va_start(arguments, count);
    atomic {
        first = va_arg(arguments, int);
        va_copy(copy, arguments);
        cells[0] += first;
        for (int i = 2; i < count; i++)
            cells[1] += va_arg(arguments, int);
        real += va_arg(arguments, double);
        cells[2] = va_arg(copy, int);
        va_end(copy);
        total = take(arguments, 2);
    }
    last = va_arg(arguments, int);
    va_end(arguments);
    return first * 10 + last;
}

static void in_variadic(void) {
    result[0] = older(4, 1, 2, 3, 4.5, 6, 7, 8);
    atomic {
        result[1] = older(2, 5, 1.5, 2, 4, 3);
    }
}

static void check_in_variadic(void) {
    CHECK_EQUAL(result[0], 18);
    CHECK_EQUAL(result[1], 53);
    CHECK(cells[0] == 6 && cells[1] == 5 && cells[2] == 2 && real == 6.0);
    CHECK_EQUAL(total, 24);
}

int main(void) {
    TRY(prepare, kinds, check_kinds);
    TRY(prepare, handed_on, check_handed_on);
    TRY(prepare, in_variadic, check_in_variadic);
    return 0;
}
