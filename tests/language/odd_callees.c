/* Functions that no block could contain, called from blocks: some have twins, for others the block
 * runs alone. */
#include "feature.h"

#include <assert.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static int total, result;

static void prepare(void) {
    total = result = 0;
}

/* ---- with twins ---- */

__attribute__((noinline)) static int jumps_in_assembly(int n) {
    total += n;
    __asm__ goto("test %0, %0\n\tjz %l1" : : "r"(n) : "cc" : zero);
    return total++;
zero:
    return -1;
}

static void asm_goto(void) {
    atomic {
        result = jumps_in_assembly(5) + jumps_in_assembly(0);
    }
}

static void check_asm_goto(void) {
    CHECK_EQUAL(total, 6);
    CHECK_EQUAL(result, 4);
}

static void assertions(void) {
    atomic {
        total++;
        assert(total == 1);
        result = total;
    }
}

static void check_assertions(void) {
    CHECK_EQUAL(result, 1);
}

/* ---- alone ---- */

__attribute__((naked, noinline)) static int naked(void) {
    __asm__("movl $42, %eax\n\tret");
}

static void calls_naked(void) {
    atomic {
        total++;
        result = naked() + total;
    }
}

static void check_naked(void) {
    CHECK_EQUAL(total, 1);
    CHECK_EQUAL(result, 43);
}

__attribute__((noinline)) static int comes_back(void) {
    ucontext_t context;
    volatile int times = 0;
    getcontext(&context);
    total++;
    if (++times < 3)
        setcontext(&context);
    return times;
}

static void calls_getcontext(void) {
    atomic {
        result = comes_back();
    }
}

static void check_getcontext(void) {
    CHECK_EQUAL(total, 3);
    CHECK_EQUAL(result, 3);
}

__attribute__((noinline)) static int child_says(int code) {
    pid_t child = vfork();
    if (!child)
        _exit(code);
    int status = 0;
    waitpid(child, &status, 0);
    total++;
    return WEXITSTATUS(status);
}

static void calls_vfork(void) {
    atomic {
        result = child_says(7);
    }
}

static void check_vfork(void) {
    CHECK_EQUAL(total, 1);
    CHECK_EQUAL(result, 7);
}

__attribute__((noinline)) static int jumps_back(void) {
    void *buffer[5];
    volatile int times = 0;
    if (__builtin_setjmp(buffer))
        return times;
    total += ++times;
    __builtin_longjmp(buffer, 1);
}

static void calls_builtin_setjmp(void) {
    atomic {
        result = jumps_back();
    }
}

static void check_builtin_setjmp(void) {
    CHECK_EQUAL(total, 1);
    CHECK_EQUAL(result, 1);
}

int main(void) {
    TRY(prepare, asm_goto, check_asm_goto);
    TRY(prepare, assertions, check_assertions);
    TRY_SERIAL(prepare, calls_naked, check_naked);
    TRY_SERIAL(prepare, calls_getcontext, check_getcontext);
    TRY_SERIAL(prepare, calls_vfork, check_vfork);
    TRY_SERIAL(prepare, calls_builtin_setjmp, check_builtin_setjmp);
    return 0;
}
