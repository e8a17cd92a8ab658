/* What asks for the serial path, by which name, and pure functions that don't. */
// RUN: %clang -g %level %s %counting -lm -o %t && %t > %t.output && grep -qx "2 lines 17" %t.output
#define _GNU_SOURCE /* dprintf */
#include "counting.h"
#include <ame/ame.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static int *data;
static atomic_int *shared_atomic;

ame_pure __attribute__((noinline)) static int own_pure(int x) {
    return x * 3;
}
ame_irrevocable_fn __attribute__((noinline)) static int own_irrevocable(int x) {
    return x * 5;
}

#define BLOCK(name, ...)                                                                           \
    __attribute__((noinline)) static void name(void) {                                             \
        atomic {                                                                                   \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
    }
BLOCK(prints, dprintf(STDOUT_FILENO, "%d lines %d\n", data[0], 17))
BLOCK(adds_atomically, atomic_fetch_add(shared_atomic, 1))
BLOCK(is_irrevocable, ame_irrevocable(); data[1] = 4)
BLOCK(calls_irrevocable, data[1] = own_irrevocable(data[0]))
BLOCK(fences, atomic_thread_fence(memory_order_seq_cst))
BLOCK(calls_pure, data[2] = own_pure(data[0]) + (int)floor(sqrt(data[0] + 14)) + abs(data[0] - 9);
      data[3] = isupper('A') && toupper('b') == 'B'; if (data[0] != 2) abort())
BLOCK(sets_errno, errno = data[0])
BLOCK(through_pointer, int (*volatile f)(int) = own_pure; data[4] = f(data[0]))
BLOCK(library_pointer, int (*volatile f)(int) = abs; data[4] = f(-data[0]))
BLOCK(own_argument, int exponent; data[5] = (int)(frexp(data[0] * 4.0, &exponent) * 2) + exponent)

#define CHECK_SERIAL(block, why)                                                                   \
    do {                                                                                           \
        block();                                                                                   \
        CHECK_EQUAL(counts.serial, 1);                                                             \
        CHECK(!strcmp(counts.serial_why, why));                                                    \
    } while (0)
#define CHECK_NOT_SERIAL(block)                                                                    \
    do {                                                                                           \
        block();                                                                                   \
        if (counts.serial)                                                                         \
            fprintf(stderr, "serial: %s\n", counts.serial_why);                                    \
        CHECK_EQUAL(counts.serial, 0);                                                             \
    } while (0)

int main(void) {
    data = shared(100);
    shared_atomic = shared(sizeof *shared_atomic);
    data[0] = 2;
    compare_with_plain = false;
    CHECK_SERIAL(prints, "dprintf");
    CHECK_SERIAL(adds_atomically, "an atomic operation");
    CHECK_EQUAL(*shared_atomic, 1);
    CHECK_SERIAL(is_irrevocable, "ame_irrevocable");
    CHECK_SERIAL(calls_irrevocable, "own_irrevocable");
    CHECK_EQUAL(data[1], 10);
    CHECK_SERIAL(fences, "a memory fence");
    CHECK_NOT_SERIAL(calls_pure);
    CHECK_EQUAL(data[2], 6 + 4 + 7);
    CHECK_EQUAL(data[3], 1);
    CHECK_NOT_SERIAL(sets_errno);
    CHECK_EQUAL(errno, 2);
    CHECK_EQUAL(counts.writes, 1);
    CHECK_NOT_SERIAL(through_pointer);
    CHECK_EQUAL(data[4], 6);
    CHECK_NOT_SERIAL(library_pointer);
    CHECK_EQUAL(data[4], 2);
#ifdef __OPTIMIZE__
    CHECK_NOT_SERIAL(own_argument);
#else
    /* Without lifetimes in the code a local of the block is in the frame of the function around it.
     */
    CHECK_SERIAL(own_argument, "frexp");
#endif
    CHECK_EQUAL(data[5], 1 + 4);
    return 0;
}
