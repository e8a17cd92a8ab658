#include "base/checkpoint.h"

#include <criterion/criterion.h>
#include <stdint.h>

static void *checkpoint;
static int depth_reached;

static void returns(void *argument) {
    *(int *)argument += 1;
}

static void dives(int depth) {
    volatile char frame[512];
    frame[0] = (char)depth;
    depth_reached = depth;
    if (depth == 0)
        ame__checkpoint_resume(checkpoint, 42);
    dives(depth - 1);
    depth_reached = -frame[0]; /* not reached: the frames are gone */
}

static void resumes(void *argument) {
    dives(*(int *)argument);
}

static void needs_alignment(void *argument) {
    /* SSE code faults on a stack that is not aligned to 16. */
    *(int *)argument = (int)((uintptr_t)__builtin_frame_address(0) % 16);
}

Test(checkpoint, a_function_that_returns_gives_0) {
    int calls = 0;
    cr_assert_eq(ame__checkpoint_call(returns, &calls, &checkpoint), 0);
    cr_assert_eq(calls, 1);
}

Test(checkpoint, resuming_returns_the_value_and_keeps_registers) {
    /* Enough live values to fill the callee-saved registers. */
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    for (int depth = 0; depth < 50; depth++) {
        cr_assert_eq(ame__checkpoint_call(resumes, &depth, &checkpoint), 42);
        cr_assert_eq(depth_reached, 0);
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
    cr_assert(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6);
}

Test(checkpoint, the_stack_is_aligned) {
    int remainder = -1;
    ame__checkpoint_call(needs_alignment, &remainder, &checkpoint);
    cr_assert_eq(remainder, 0);
}
