/* Jumps over the border of a block. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
#define _GNU_SOURCE
#include <ame/atomic.h>
#include <setjmp.h>

jmp_buf buffer, other;
struct thread {
    sigjmp_buf out;
} * thread;
void *words[5];
int number;

void leaves(void) {
    if (setjmp(buffer))
        return;
    atomic {
        // CHECK: longjmp.c:[[@LINE+1]]:9: error: ame: longjmp out of an atomic block; leave it with goto, return or break
        longjmp(buffer, 1);
    }
}

void wrong_buffer(void) {
    atomic {
        if (!setjmp(buffer))
            // CHECK: longjmp.c:[[@LINE+1]]:13: error: ame: longjmp out of an atomic block; leave it with goto, return or break
            longjmp(other, 1);
    }
}

void other_block(void) {
    atomic {
        if (sigsetjmp(thread->out, 0))
            number++;
    }
    atomic {
        // CHECK: longjmp.c:[[@LINE+1]]:9: error: ame: longjmp out of an atomic block; leave it with goto, return or break
        siglongjmp(thread->out, 1);
    }
}

void enters(void) {
    atomic {
        if (setjmp(buffer))
            number++;
    }
    // CHECK: longjmp.c:[[@LINE+2]]:5: error: ame: longjmp into an atomic block, which has ended
    // CHECK-NEXT: longjmp.c:[[@LINE-4]]:13: note: the setjmp in the block is here
    longjmp(buffer, 1);
}

void builtin(void) {
    atomic {
        // CHECK: longjmp.c:[[@LINE+1]]:13: error: ame: __builtin_setjmp in an atomic block; use setjmp and longjmp of <setjmp.h>
        if (__builtin_setjmp(words))
            number++;
        else
            // CHECK: longjmp.c:[[@LINE+1]]:13: error: ame: __builtin_longjmp in an atomic block; use setjmp and longjmp of <setjmp.h>
            __builtin_longjmp(words, 1);
    }
}
