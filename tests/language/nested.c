/* Blocks in blocks, in recursive, inline and macro code, and in loops that a goto leaves. */
#include "feature.h"

static int depth, inner, outer, grid[3][3];
static int result[4];

static void prepare(void) {
    depth = inner = outer = 0;
    memset(grid, 0, sizeof grid);
    memset(result, 0, sizeof result);
}

/* ---- in each other ---- */

static void add_alone(int *to, int amount) {
    atomic {
        *to += amount;
        inner++;
    }
}

static void in_each_other(void) {
    int local = 1, middle = 0;
    atomic {
        outer++;
        atomic {
            middle = ++outer;
            atomic {
                local += outer;
                inner++;
            }
            if (middle != 2)
                continue;
            add_alone(&outer, 10);
            local *= 2;
            if (outer == 12)
                break; /* ends this block only */
            outer = 1000;
        }
        add_alone(&local, outer);
        add_alone(&depth, local);
        outer++;
    }
    result[0] = local;
    result[1] = middle;
}

static void check_in_each_other(void) {
    CHECK_EQUAL(outer, 13);
    CHECK_EQUAL(inner, 4);
    CHECK_EQUAL(result[0], 18);
    CHECK_EQUAL(result[1], 2);
    CHECK_EQUAL(depth, 18);
}

/* ---- recursion ---- */

static int factorial(int n) {
    int value = 1;
    atomic {
        if (n > 1)
            value = n * factorial(n - 1);
        depth++;
        grid[0][0] += value;
    }
    return value;
}

static int odd(int n);

static int even(int n) {
    atomic {
        inner++;
        if (n == 0)
            return 1;
        return odd(n - 1);
    }
    return -1;
}

static int odd(int n) {
    atomic {
        outer++;
        if (n == 0)
            return 0;
        return even(n - 1);
    }
    return -1;
}

static void recursion(void) {
    result[0] = factorial(5);
    result[1] = even(4);
    atomic {
        result[2] = odd(3) * 10 + factorial(3);
    }
}

static void check_recursion(void) {
    CHECK_EQUAL(result[0], 120);
    CHECK_EQUAL(result[1], 1);
    CHECK_EQUAL(result[2], 16);
    CHECK_EQUAL(depth, 8);
    CHECK_EQUAL(grid[0][0], 120 + 24 + 6 + 2 + 1 + 6 + 2 + 1);
    CHECK_EQUAL(inner, 3 + 2);
    CHECK_EQUAL(outer, 2 + 2);
}

/* ---- inline functions and macros ---- */

static inline int take(int *from) {
    int taken;
    atomic {
        taken = *from;
        *from = 0;
        inner++;
    }
    return taken;
}

static inline __attribute__((always_inline)) int give(int *to, int amount) {
    int before = -1;
    atomic {
        before = *to;
        *to += amount;
    }
    return before;
}

#define MOVE(from, to)                                                                             \
    do {                                                                                           \
        atomic {                                                                                   \
            (to) += (from);                                                                        \
            (from) = 0;                                                                            \
        }                                                                                          \
    } while (0)

#define TWICE(statement)                                                                           \
    atomic {                                                                                       \
        statement;                                                                                 \
        atomic {                                                                                   \
            statement;                                                                             \
        }                                                                                          \
    }

static void inlined(void) {
    int local = 5, before;
    before = give(&outer, 3) * 10 + give(&outer, 4);
    local += take(&outer);
    give(&local, 100);
    if (local)
        MOVE(local, grid[1][1]);
    else
        depth = -1;
    /* clang-format off */
    TWICE(depth++; local += depth)
    atomic { outer += 1; } atomic { outer *= 3; }
    /* clang-format on */
    atomic {
        before += take(&grid[1][1]) + give(&depth, 1);
        MOVE(outer, grid[2][2]);
    }
    result[0] = local;
    result[1] = before;
}

static void check_inlined(void) {
    CHECK_EQUAL(result[0], 3);
    CHECK_EQUAL(result[1], 3 + 112 + 2);
    CHECK_EQUAL(depth, 3);
    CHECK_EQUAL(inner, 2);
    CHECK_EQUAL(outer, 0);
    CHECK_EQUAL(grid[1][1], 0);
    CHECK_EQUAL(grid[2][2], 3);
}

/* ---- in loops that a goto leaves ---- */

static int search(int limit) {
    int seen = 0, row, column;
    for (row = 0; row < 3; row++)
        for (column = 0; column < 3; column++) {
            atomic {
                atomic {
                    grid[row][column] = ++depth;
                    if (depth == limit)
                        goto found; /* leaves both */
                    seen++;
                }
                if (seen == 7)
                    return -1;
            }
        }
    return -2;
found:
    return row * 100 + column * 10 + seen;
}

static void left_by_goto(void) {
    result[0] = search(5);
    depth = 0;
    result[1] = search(8);
    atomic {
        result[2] = search(9);
    }
}

static void check_left_by_goto(void) {
    CHECK_EQUAL(result[0], 114);
    CHECK_EQUAL(result[1], -1);
    CHECK_EQUAL(result[2], 1 * 0 + 100 * 0 + 10 * 1 + 1);
    CHECK_EQUAL(depth, 9);
    CHECK_EQUAL(grid[0][0], 8);
    CHECK_EQUAL(grid[0][1], 9);
    CHECK_EQUAL(grid[2][0], 7);
}

int main(void) {
    TRY(prepare, in_each_other, check_in_each_other);
    TRY(prepare, recursion, check_recursion);
    TRY(prepare, inlined, check_inlined);
    TRY(prepare, left_by_goto, check_left_by_goto);
    return 0;
}
