/* setjmp and longjmp in functions that a block calls. */
#include "feature.h"
#include <setjmp.h>

static int total, cells[3];
static int result;

static void prepare(void) {
    total = 0;
    memset(cells, 0, sizeof cells);
    result = 0;
}

static __attribute__((noinline)) void jump_if(jmp_buf buffer, int *at, int limit) {
    total++;
    if (++*at < limit)
        longjmp(buffer, *at);
    total += 100;
}

static int in_callee(void) {
    jmp_buf local;
    volatile int rounds = 0;
    int code = setjmp(local);
    rounds++;
    if (code < 3)
        jump_if(local, &cells[2], 4);
    return rounds * 10 + code;
}

static void callee(void) {
    atomic {
        total++;
        result = in_callee();
        cells[0] = total;
    }
}

static void check_callee(void) {
    CHECK_EQUAL(result, 43);
    CHECK_EQUAL(cells[2], 3);
    CHECK_EQUAL(total, 4);
    CHECK_EQUAL(cells[0], 4);
}

int main(void) {
    with_every_fault(prepare, callee, check_callee); /* whether alone or not */
    return 0;
}
