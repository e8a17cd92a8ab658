/* What can't be an atomic block is refused, with the place. */
// RUN: (! %clang -g -c -o /dev/null %s 2> %t.messages) && %FileCheck %s < %t.messages
// RUN: (! %clang -O2 -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --check-prefix=NODEBUG < %t.messages
#define _GNU_SOURCE
#include <ame/atomic.h>
#include <setjmp.h>
#include <unistd.h>

jmp_buf buffer;
int number;

// Without debug information the place is the function's.
// NODEBUG: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: a function that returns twice
int forks(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: a function that returns twice can't be called in an atomic block
        number = vfork();
    }
    return number;
}

void jumps(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: longjmp can't leave an atomic block
        longjmp(buffer, 1);
    }
}

void jumps_in_assembly(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: asm goto in an atomic block is not supported
        __asm__ goto("jmp %l0" : : : : away);
        number++;
    away:
        number++;
    }
}

void *words[5];
void saves_registers(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: __builtin_setjmp
        if (__builtin_setjmp(words))
            number++;
    }
}

void by_hand(void) {
    // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: the start of an atomic block is not where the word `atomic` puts it
    ame_region_begin__compile_this_file_with_the_ame_plugin();
}
