/* Functions without prototypes, unoptimized ones, and those compiled for several processors. */
#include "feature.h"
#pragma clang diagnostic ignored "-Wdeprecated-non-prototype"
#pragma clang diagnostic ignored "-Wstrict-prototypes"

static int total, cells[37];
static int result;

static void prepare(void) {
    total = result = 0;
    for (int i = 0; i < 37; i++)
        cells[i] = i;
}

/* ---- as they were defined before C had prototypes ---- */

static int old(a, b, c)
int a;
double b;
char c;
{
    total += a;
    return total + (int)b + c;
}

static int later();

static void old_functions(void) {
    int (*through_pointer)() = old;
    atomic {
        result = old(1, 2.0, 3);
        result += through_pointer(4, 5.0, 'c');
        result += later(4);
    }
}

static int later(int by) {
    return total += by;
}

static void check_old_functions(void) {
    CHECK_EQUAL(result, 6 + 10 + 'c' + 9);
    CHECK_EQUAL(total, 9);
}

/* ---- a block in a function that is not optimized ---- */

static __attribute__((optnone, noinline)) int unoptimized(int start) {
    int local = start;
    static int *kept;
    atomic {
        kept = &local;
        total += *kept;
        *kept += 5;
    }
    return local;
}

static void unoptimized_functions(void) {
    result = unoptimized(3);
    atomic {
        result += unoptimized(4);
    }
}

static void check_unoptimized_functions(void) {
    CHECK_EQUAL(result, 17);
    CHECK_EQUAL(total, 7);
}

/* ---- chosen by the processor ---- */

__attribute__((target_clones("avx2", "default"))) int sum_of(int *from, int count);
__attribute__((target_clones("avx2", "default"))) int with_block(int count);

__attribute__((target_clones("avx2", "default"))) int sum_of(int *from, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += from[i];
        from[i]++;
    }
    return sum;
}

__attribute__((target_clones("avx2", "default"))) int with_block(int count) {
    int sum = 1;
    atomic {
        for (int i = 0; i < count; i++)
            sum += cells[i]++;
        total++;
    }
    return sum;
}

static void clones(void) {
    atomic {
        result = sum_of(cells, 37);
        total++;
    }
    result += with_block(37);
    atomic {
        result += with_block(5);
    }
}

static void check_clones(void) {
    CHECK_EQUAL(result, 666 + (1 + 666 + 37) + (1 + 10 + 10));
    CHECK_EQUAL(total, 3);
}

int main(void) {
    TRY(prepare, old_functions, check_old_functions);
    TRY(prepare, unoptimized_functions, check_unoptimized_functions);
    TRY(prepare, clones, check_clones);
    return 0;
}
