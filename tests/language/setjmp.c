/* setjmp and longjmp that both happen inside one block. */
#include "feature.h"
#include <setjmp.h>

static jmp_buf global_buffer, *heap_buffer;
static int total, cells[4];
static int result[4];

static void prepare(void) {
    total = 0;
    memset(cells, 0, sizeof cells);
    memset(result, 0, sizeof result);
    heap_buffer = malloc(sizeof *heap_buffer);
}

static __attribute__((noinline)) void jump_if(jmp_buf buffer, int *at, int limit) {
    total++;
    if (++*at < limit)
        longjmp(buffer, *at);
    total += 100;
}

static void deeper(jmp_buf buffer, int depth) {
    cells[depth]++;
    if (!depth)
        longjmp(buffer, 9);
    deeper(buffer, depth - 1);
    total = -1;
}

/* ---- in the block itself ---- */

static void from_callee(void) {
    volatile int rounds = 0;
    int out = 5;
    atomic {
        jmp_buf local;
        cells[3]++;
        if (setjmp(local) < 2) {
            rounds++;
            jump_if(local, &cells[0], 4);
        }
        out = rounds;
        switch (setjmp(global_buffer)) {
        case 0:
            deeper(global_buffer, 2);
            break;
        case 9:
            total += 10;
        }
    }
    result[0] = out;
    free(heap_buffer);
}

static void check_from_callee(void) {
    CHECK_EQUAL(result[0], 2);
    CHECK_EQUAL(total, 12);
    CHECK(cells[0] == 3 && cells[1] == 1 && cells[2] == 1 && cells[3] == 1);
}

static void within(void) {
    volatile int local = 0;
    atomic {
        for (int i = 0; i < 3; i++) {
            if (setjmp(*heap_buffer)) {
                cells[i]++;
                continue;
            }
            total++;
            local += i;
            if (i != 1)
                longjmp(*heap_buffer, 1);
            cells[3] = local;
        }
        if (!_setjmp(global_buffer))
            _longjmp(global_buffer, 0);
        else
            result[1]++;
        sigjmp_buf with_signals;
        if (!sigsetjmp(with_signals, 0))
            siglongjmp(with_signals, 5);
        total *= 2;
    }
    result[0] = local;
    free(heap_buffer);
}

static void check_within(void) {
    CHECK_EQUAL(result[0], 3);
    CHECK_EQUAL(result[1], 1);
    CHECK_EQUAL(total, 6);
    CHECK(cells[0] == 1 && cells[1] == 0 && cells[2] == 1 && cells[3] == 1);
}

/* ---- a handler of errors, as programs have it, that is called twice ---- */

static jmp_buf *handler;

static void fail(int code) {
    total += code;
    longjmp(*handler, code);
}

static int attempt(int what) {
    jmp_buf here, *outer = handler;
    int code = setjmp(here);
    if (!code) {
        handler = &here;
        if (what)
            fail(what);
        cells[1]++;
    }
    handler = outer;
    return code;
}

static void handlers(void) {
    atomic {
        jmp_buf here;
        handler = &here;
        int code = setjmp(here);
        if (!code) {
            result[0] = attempt(4) * 10;
            result[0] += attempt(0);
            fail(7);
        }
        result[1] = code;
        handler = NULL;
    }
    free(heap_buffer);
}

static void check_handlers(void) {
    CHECK_EQUAL(result[0], 40);
    CHECK_EQUAL(result[1], 7);
    CHECK_EQUAL(cells[1], 1);
    CHECK_EQUAL(total, 11);
    CHECK(!handler);
}

/* Whether such blocks run alone is not said here. */
int main(void) {
    with_every_fault(prepare, from_callee, check_from_callee);
    with_every_fault(prepare, within, check_within);
    with_every_fault(prepare, handlers, check_handlers);
    return 0;
}
