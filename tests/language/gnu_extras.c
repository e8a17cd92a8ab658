/* Extensions of GNU C and of clang, in blocks, around blocks and in functions that they call. */
#include "feature.h"

struct empty {};

struct counted {
    int count;
    struct empty nothing;
    int none[0];
    int items[];
};

typedef union {
    int *numbers;
    char *text;
    void *any;
} __attribute__((transparent_union)) anything;

static struct counted *counted;
static int total, cells[6];
static char text[8];
static int result[6];

static void prepare(void) {
    counted = calloc(1, sizeof *counted + 4 * sizeof *counted->items);
    total = 0;
    for (int i = 0; i < 6; i++)
        cells[i] = i;
    strcpy(text, "text");
    memset(result, 0, sizeof result);
}

/* ---- blocks in statement expressions, several in one statement ---- */

static int add(int a, int b) {
    return a * 100 + b;
}

#define TAKE(from)                                                                                 \
    ({                                                                                             \
        int taken_;                                                                                \
        atomic {                                                                                   \
            taken_ = (from);                                                                       \
            (from) = 0;                                                                            \
            total++;                                                                               \
        }                                                                                          \
        taken_;                                                                                    \
    })

static void statement_expressions(void) {
    int local = 1;
    local += TAKE(cells[5]) + TAKE(cells[4]) * 10;
    result[0] = add(TAKE(cells[3]), ({
                        int sum = 0;
                        atomic {
                            sum = ({
                                int inner = cells[1];
                                atomic {
                                    inner += TAKE(cells[2]);
                                }
                                inner;
                            });
                            local += sum;
                        }
                        sum + TAKE(cells[0]);
                    }));
    result[1] = total > 3 && TAKE(cells[1]) ? TAKE(cells[2]) : -1;
    for (int i = TAKE(total); i < 9 && TAKE(result[2]) < 9; i++)
        result[2] = i;
    atomic {
        result[3] = TAKE(local) * 100;
        result[3] += total;
    }
    result[4] = local;
    free(counted);
}

static void check_statement_expressions(void) {
    CHECK_EQUAL(result[0], 303);
    CHECK_EQUAL(result[1], 0);
    CHECK_EQUAL(result[2], 8);
    CHECK_EQUAL(result[3], 4904);
    CHECK_EQUAL(result[4], 0);
    CHECK_EQUAL(total, 4);
}

/* ---- blocks where a statement may be, without braces ---- */

static void without_braces(void) {
    int local = 0;
    /* clang-format off */
    for (int i = 0; i < 4; i++)
        if (i == 0)
            atomic cells[0]++;
        else if (i == 1)
            atomic
                if (cells[1])
                    local = cells[1]++;
                else
                    local = 1000;
        else
            atomic switch (i) case 2: cells[2] += local;
    if (local) atomic { total++; } else atomic { total += 10; }
    switch (local) {
    case 0 ... 5:
        atomic { total += 100; }
        break;
    case 6 ... 10:
    default:
        atomic total += 1000;
    }
    switch (local) atomic { total = -1; }
    do atomic total++; while (total < 104);
    goto label;
label:
    atomic {} atomic { ; }
    if (total) atomic {}
    atomic atomic atomic total++;
    atomic for (int i = 0; i < 3; i++) cells[3] += total;
    atomic while (total > 100) total--;
    atomic return_here: if (total++ < 103) goto return_here;
    /* clang-format on */
    result[0] = local;
    free(counted);
}

static void check_without_braces(void) {
    CHECK(cells[0] == 1 && cells[1] == 2 && cells[2] == 3 && cells[3] == 3 + 3 * 105);
    CHECK_EQUAL(total, 104);
    CHECK_EQUAL(result[0], 1);
}

/* ---- types ---- */

static __attribute__((noinline)) int first(anything at) {
    return ++*at.numbers;
}

static int ranges(int value) {
    switch (value) {
    case -5 ... 0:
        return cells[0];
    case 1 ... 3:
        return ++cells[1];
    case 100 ... 1000000:
        return ++cells[2] * 10;
    }
    return -1;
}

static struct empty pass(struct empty e) {
    total++;
    return e;
}

static void types(void) {
    int local = 7, array[] = {[0 ... 3] = 2, [4] = 9};
    struct empty nothing = {};
    atomic {
        counted->count = 3;
        counted->items[2] = local;
        counted->none[0] = 5;
        counted->nothing = pass(nothing);
        result[0] = first(&cells[3]) + first(&local) * 10 + first(text);
        result[1] = ranges(-2) + ranges(2) * 10 + ranges(5000) * 100 + ranges(50);
        __auto_type at = counted->items + 1;
        *at = array[3] ?: -1;
        total += (array[2] = 0) ?: cells[5];
        array[1] = *(int *)((void *)array + 4 * sizeof(int));
        int (*to)(int) = ranges;
        cells[4] = to(1);
        typeof(*at) copy[2] = {*at, sizeof(void)};
        result[2] = copy[0] * 10 + copy[1];
        result[3] = 0b101 + '\e' + (int)sizeof nothing;
        enum { HERE = 4 };
        struct inside {
            int member;
        } inside = {.member = HERE};
        result[4] = inside.member;
    }
    result[5] = local * 100 + array[1] * 10 + array[2];
}

static void check_types(void) {
    CHECK_EQUAL(result[0], 4 + 80 + ('t' + 1 + 'e' * 256 + 'x' * 65536 + 't' * 16777216));
    CHECK_EQUAL(result[1], 0 + 20 + 3000 - 1);
    CHECK(counted->items[0] == 5 && counted->items[1] == 2 && counted->items[2] == 7);
    CHECK_EQUAL(total, 6);
    CHECK_EQUAL(cells[4], 3);
    CHECK(result[2] == 21 && result[3] == 5 + 27 && result[4] == 4);
    CHECK_EQUAL(result[5], 890);
    free(counted);
}

/* ---- functions with attributes ---- */

static __attribute__((noinline)) int last(int value) {
    cells[5] += value;
    return value * 2;
}

static __attribute__((always_inline)) inline int inlined(int value) {
    return last(value) + cells[0]++;
}

static __attribute__((flatten)) int flat(int value) {
    return inlined(value) + inlined(1);
}

static __attribute__((optnone, noinline)) int unoptimized(int value) {
    int sum = value + cells[2];
    cells[2] = sum;
    return sum;
}

static __attribute__((pure, noinline)) int sum_of(const int *from, int count) {
    return count ? *from + sum_of(from + 1, count - 1) : 0;
}

static __attribute__((const, noinline)) int square(int value) {
    return value * value;
}

static __attribute__((noinline)) int countdown(int value, int sum) {
    cells[3] += value;
    if (!value)
        return sum;
    __attribute__((musttail)) return countdown(value - 1, sum + value);
}

static __attribute__((ms_abi, noinline)) int windows(int a, double b, int c) {
    return cells[1] += a + (int)b + c;
}

static __attribute__((regcall, noinline)) int in_registers(int a, int b, int c, int d, int e, int f,
                                                           int g) {
    return cells[1] += a + b + c + d + e + f + g;
}

static __attribute__((malloc, returns_nonnull, noinline)) int *allocate(void) {
    return calloc(1, sizeof(int));
}

static __attribute__((overloadable)) int twice(int value) {
    return value + total++;
}

static __attribute__((overloadable)) int twice(double value) {
    return (int)(value * 2);
}

static void attributes(void) {
    int local;
    atomic {
        local = flat(3);
        result[0] = unoptimized(4);
        result[0] += sum_of(cells, 3) * 100;
        cells[0] += 10;
        result[1] = sum_of(cells, 3) + square(local);
        result[2] = countdown(4, 0);
        result[3] = windows(1, 2.5, 3) * 100;
        result[3] += in_registers(1, 2, 3, 4, 5, 6, 7);
        int *made = allocate();
        *made += local;
        total += *made;
        free(made);
        result[4] = twice(3) * 10 + twice(1.5);
    }
    result[5] = local;
    free(counted);
}

static void check_attributes(void) {
    CHECK_EQUAL(result[5], 9);
    CHECK_EQUAL(result[0], 6 + 900);
    CHECK_EQUAL(result[1], 19 + 81);
    CHECK_EQUAL(result[2], 10);
    CHECK_EQUAL(result[3], 735);
    CHECK_EQUAL(result[4], 123);
    CHECK(cells[0] == 12 && cells[3] == 13 && cells[5] == 9 && total == 10);
}

int main(void) {
    TRY(prepare, statement_expressions, check_statement_expressions);
    TRY(prepare, without_braces, check_without_braces);
    TRY(prepare, types, check_types);
    TRY(prepare, attributes, check_attributes);
    return 0;
}
