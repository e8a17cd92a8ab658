/* goto and switch into a block. Clang speaks first, of a variable that nobody wrote. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
#include <ame/atomic.h>

int number;

void jumps_in(int i) {
    if (i)
        // CHECK: jumps.c:[[@LINE+2]]:9: error: ame: this goto jumps into an atomic block; start the block with a statement that jumps on inside it
        // CHECK-NEXT: jumps.c:[[@LINE+2]]:5: note: the block begins here
        goto inside;
    atomic {
        number++;
    inside:
        number++;
    }
}

void jumps_from_block_to_block(int i) {
    atomic {
        if (i)
            // CHECK: jumps.c:[[@LINE+2]]:13: error: ame: this goto jumps into an atomic block; start the block with a statement that jumps on inside it
            // CHECK-NEXT: jumps.c:[[@LINE+3]]:5: note: the block begins here
            goto other;
    }
    atomic {
    other:
        number++;
    }
}

void switches_in(int i) {
    switch (i) {
    case 0:
        atomic {
        // CHECK: jumps.c:[[@LINE+3]]:9: error: ame: this case label is in an atomic block and its switch is not; put the whole switch into the block
        // CHECK-NEXT: jumps.c:[[@LINE-2]]:9: note: the block begins here
        // CHECK-NEXT: jumps.c:[[@LINE-5]]:5: note: the switch is here
        case 1:
            number++;
        // CHECK: jumps.c:[[@LINE+3]]:9: error: ame: this case label is in an atomic block and its switch is not; put the whole switch into the block
        // CHECK-NEXT: jumps.c:[[@LINE-7]]:9: note: the block begins here
        // CHECK-NEXT: jumps.c:[[@LINE-10]]:5: note: the switch is here
        default:
            number++;
        }
    }
}

void enters_inner(int i) {
    atomic {
        if (i)
            // CHECK: jumps.c:[[@LINE+2]]:13: error: ame: this goto jumps into an atomic block; start the block with a statement that jumps on inside it
            // CHECK-NEXT: jumps.c:[[@LINE+2]]:9: note: the block begins here
            goto inner;
        atomic {
        inner:
            number++;
        }
    }
}
