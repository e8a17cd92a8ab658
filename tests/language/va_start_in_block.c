/* va_start in a block itself, of a variadic function. */
#include "feature.h"
#include <stdarg.h>

struct large {
    long cells[5];
};

static int total, cells[4];
static double real;
static int result[4];

static void prepare(void) {
    total = 0;
    real = 0;
    memset(cells, 0, sizeof cells);
    memset(result, 0, sizeof result);
}

static int take(va_list arguments, int count) {
    int sum = 0;
    while (count--)
        sum = sum * 10 + va_arg(arguments, int);
    return sum;
}

/* ---- the whole life of the list in the block ---- */

static __attribute__((noinline)) int sum(int count, ...) {
    int sum = 0;
    atomic {
        va_list arguments;
        va_start(arguments, count);
        for (int i = 0; i < count; i++) {
            cells[i % 4]++;
            sum += va_arg(arguments, int);
        }
        va_end(arguments);
        total += sum;
    }
    return sum;
}

static __attribute__((noinline)) double mixed(int first, ...) {
    double out = first;
    atomic {
        va_list arguments, again;
        va_start(arguments, first);
        va_copy(again, arguments);
        for (int i = 0; i < 10; i++)
            out += va_arg(arguments, double);
        struct large large = va_arg(arguments, struct large);
        out += large.cells[4];
        out += (double)va_arg(arguments, long double);
        *va_arg(arguments, int *) += 5;
        va_end(arguments);
        real = out;
        out += va_arg(again, double);
        va_end(again);
    }
    return out;
}

static void whole(void) {
    int local = 1;
    result[0] = sum(3, 1, 2, 3);
    result[1] = (int)mixed(1, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.,
                           (struct large){{0, 0, 0, 0, 7}}, 2.0L, &local);
    atomic {
        result[2] = sum(8, 1, 2, 3, 4, 5, 6, 7, local);
        local = sum(0);
    }
    result[3] = local;
}

static void check_whole(void) {
    CHECK_EQUAL(result[0], 6);
    CHECK_EQUAL(result[1], 1 + 55 + 7 + 2 + 1);
    CHECK_EQUAL(result[2], 34);
    CHECK_EQUAL(result[3], 0);
    CHECK_EQUAL(total, 40);
    CHECK(real == 65 && cells[0] == 3 && cells[2] == 3 && cells[3] == 2);
}

/* ---- started in the block, used after it and in another; ended in a block ---- */

static __attribute__((noinline)) int parts(int count, ...) {
    va_list arguments, other;
    int value = 0;
    atomic {
        va_start(arguments, count);
        value = va_arg(arguments, int);
        cells[0] += value;
        va_start(other, count);
        cells[1] += take(other, 2);
        va_end(other);
    }
    value = value * 10 + va_arg(arguments, int);
    atomic {
        value = value * 10 + take(arguments, count - 2);
        va_end(arguments);
        va_start(arguments, count);
        value = value * 10 + va_arg(arguments, int);
        va_end(arguments);
        total++;
    }
    return value;
}

/* ---- in a loop of blocks, with a way out ---- */

static __attribute__((noinline)) int find(int wanted, ...) {
    for (int position = 1; position < 9; position++)
        atomic {
            va_list arguments;
            int last = 0;
            va_start(arguments, wanted);
            for (int i = 0; i < position; i++)
                last = va_arg(arguments, int);
            va_end(arguments);
            total += last;
            if (last == wanted)
                return position;
        }
    return -1;
}

static void in_parts(void) {
    result[0] = parts(3, 4, 5, 6);
    result[1] = find(7, 1, 3, 5, 7, 9, 11, 13, 15);
    atomic {
        result[2] = parts(8, 1, 2, 3, 1, 1, 1, 1, 1) + find(1, 1);
    }
}

static void check_in_parts(void) {
    CHECK_EQUAL(result[0], 4564);
    CHECK_EQUAL(result[1], 4);
    CHECK_EQUAL(result[2], 120 * 10 + 3111110 + 1 - 1200 + 1200 + 1);
    CHECK_EQUAL(total, 1 + 16 + 1 + 1);
    CHECK(cells[0] == 5 && cells[1] == 45 + 12);
}

int main(void) {
    TRY(prepare, whole, check_whole);
    TRY(prepare, in_parts, check_in_parts);
    return 0;
}
