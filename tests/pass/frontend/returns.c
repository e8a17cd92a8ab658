/* The address of a local, returned from a block. */
// RUN: (! %checked -Wno-return-stack-address -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
#include <ame/atomic.h>

struct pair {
    int first[4], second;
};

int *of_block(void) {
    atomic {
        int x = 1;
        // CHECK: returns.c:[[@LINE+2]]:16: error: ame: returns the address of 'x', which ends with the atomic block
        // CHECK-NEXT: returns.c:[[@LINE-2]]:13: note: 'x' is declared here
        return &x;
    }
    return 0;
}

int *of_function(int parameter) {
    struct pair pair = {{parameter}, 2};
    atomic {
        if (parameter)
            // CHECK: returns.c:[[@LINE+2]]:20: error: ame: returns the address of 'pair', which ends with the atomic block
            // CHECK-NEXT: returns.c:[[@LINE-4]]:17: note: 'pair' is declared here
            return &pair.second;
        // CHECK: returns.c:[[@LINE+2]]:16: error: ame: returns the address of 'pair', which ends with the atomic block
        // CHECK-NEXT: returns.c:[[@LINE-7]]:17: note: 'pair' is declared here
        return pair.first + 1;
    }
    return 0;
}

void *choice(int which) {
    static int kept;
    struct pair pairs[2] = {0};
    atomic {
        // CHECK: returns.c:[[@LINE+2]]:16: error: ame: returns the address of 'pairs', which ends with the atomic block
        // CHECK-NEXT: returns.c:[[@LINE-3]]:17: note: 'pairs' is declared here
        return which ? &kept : (void *)&pairs[1].first[2];
    }
    return 0;
}
