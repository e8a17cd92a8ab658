/* Blocks that are empty or dead, fifty in a function, and in inline functions of both kinds. */
#include "feature.h"

static int total, never, cells[50];
static int result[4];

static void prepare(void) {
    total = 0;
    never = 0;
    for (int i = 0; i < 50; i++)
        cells[i] = i;
    memset(result, 0, sizeof result);
}

/* ---- empty, dead, unreachable ---- */

static int dead(int how) {
    atomic {
        total++;
    }
    if (sizeof(int) == 2)
        atomic {
            total = -1;
        }
    if (never)
        atomic {
            total = -2;
            for (;;)
                ;
        }
    switch (how) {
    case 0:
        return 1;
        atomic {
            total = -3;
        }
    case 1:
        atomic {
            return total + 10;
            total = -4;
            goto inside;
        inside:
            total = -5;
        }
        break;
    case 2:
        atomic {
            if (0)
                total = -6;
            while (0)
                total = -7;
            if (how != 2)
                __builtin_unreachable();
        }
        return 3;
    default:
        atomic {
            __builtin_unreachable();
        }
    }
    __builtin_unreachable();
}

static void empty(void) {
    int local = 5;
    atomic {}
    atomic {
        (void)local;
    }
    atomic {
        atomic {}
        local++;
    }
    atomic {
        int unused = 3;
        (void)unused;
        break;
    }
    for (int i = 0; i < 3; i++)
        atomic {
            continue;
        }
    for (;;)
        atomic {
            goto out;
        }
out:
    result[3] = local;
}

static void dead_and_empty(void) {
    for (int i = 0; i < 3; i++)
        result[i] = dead(i);
    empty();
    atomic {
        result[0] += dead(0);
        empty();
    }
}

static void check_dead_and_empty(void) {
    CHECK(result[0] == 2 && result[1] == 12 && result[2] == 3 && result[3] == 6);
    CHECK_EQUAL(total, 4);
}

/* ---- fifty blocks in one function ---- */

#define BLOCK(n)                                                                                   \
    atomic {                                                                                       \
        cells[n] += sum;                                                                           \
        sum += cells[(n + 1) % 50] + n;                                                            \
        if (sum < 0)                                                                               \
            return -n;                                                                             \
    }
/* clang-format off */
#define FIVE(n) BLOCK(n) BLOCK(n + 1) BLOCK(n + 2) BLOCK(n + 3) BLOCK(n + 4)
#define FIFTY FIVE(0) FIVE(5) FIVE(10) FIVE(15) FIVE(20) FIVE(25) FIVE(30) FIVE(35) FIVE(40) FIVE(45)
/* clang-format on */

static int fifty_blocks(int sum) {
    FIFTY
    return sum;
}

static void fifty(void) {
    result[0] = fifty_blocks(1);
    result[1] = fifty_blocks(-9000);
    atomic {
        result[2] = fifty_blocks(1);
    }
}

static void check_fifty(void) {
    int expected[50], sums[3] = {1, -9000, 1};
    for (int i = 0; i < 50; i++)
        expected[i] = i;
    for (int round = 0; round < 3; round++)
        for (int n = 0; n < 50; n++) {
            expected[n] += sums[round];
            sums[round] += expected[(n + 1) % 50] + n;
            if (sums[round] < 0) {
                sums[round] = -n;
                break;
            }
        }
    for (int i = 0; i < 50; i++)
        CHECK_EQUAL(cells[i], expected[i]);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(result[i], sums[i]);
}

/* ---- inline functions with external definitions, by both rules ---- */

static int *count(void) {
    return &total;
}

int *shared_count(void) {
    return count();
}

/* The definition elsewhere in the file is what other files call. */
extern inline __attribute__((gnu_inline)) int gnu(int by) {
    int before;
    atomic {
        before = *shared_count();
        *shared_count() += by;
    }
    return before;
}

int gnu(int by) {
    atomic {
        *shared_count() += by;
        return *shared_count() - by;
    }
    return -1;
}

inline int standard(int by) {
    int before;
    atomic {
        before = *shared_count();
        *shared_count() += by;
    }
    return before;
}
extern int standard(int by);

extern inline int both(int by) {
    atomic {
        return standard(by) * 100 + gnu(by);
    }
    return -1;
}

static void inlined(void) {
    int local = 1, (*pointer)(int) = standard;
    result[0] = standard(1) * 10 + gnu(2);
    result[1] = both(3);
    atomic {
        local += both(4) + pointer(5) + standard(6);
        pointer = gnu;
        local += pointer(7);
    }
    result[2] = local;
}

static void check_inlined(void) {
    CHECK_EQUAL(result[0], 0 + 1);
    CHECK_EQUAL(result[1], 306);
    CHECK_EQUAL(result[2], 1 + 913 + 17 + 22 + 28);
    CHECK_EQUAL(total, 35);
}

int main(void) {
    TRY(prepare, dead_and_empty, check_dead_and_empty);
    TRY(prepare, fifty, check_fifty);
    TRY(prepare, inlined, check_inlined);
    return 0;
}
