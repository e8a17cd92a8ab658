/* What -Rpass-analysis=^ame says of each block. */
// RUN: %clang -g -O2 -c -o /dev/null %s -Rpass-analysis=^ame 2> %t.remarks && %FileCheck %s < %t.remarks
#include <ame/atomic.h>
#include <stdio.h>
#include <stdlib.h>

struct pair {
    int a, b;
    ame_immutable long id;
};
struct pair *pairs;
int elsewhere(int);

__attribute__((noinline)) static int shout(void) { return remove((char *)pairs); }

int one_block(int n) {
    int value = 0;
    atomic {
        // CHECK: remarks.c:[[@LINE-1]]:5: remark: this block: barriers for 2 reads, 1 writes, 0 copies or fills; left out:
        // CHECK-SAME: 1 freshly allocated, 1 immutable, 1 merged with a neighbour {{.}}-Rpass-analysis=ame{{.}}
        struct pair *fresh = malloc(sizeof *fresh);
        value = pairs->a * pairs->b * (int)pairs->id;
        fresh->a = n;
        pairs = fresh;
    }
    return value;
}

int read_in_chunks(const int *a, int n) {
    int sum = 0;
    atomic {
        // CHECK: remarks.c:[[@LINE-1]]:5: remark: this block: barriers for 1 reads, 0 writes, 0 copies or fills
        for (int i = 0; i < n; i++)
            sum += a[i];
    }
    return sum;
}

void alone(int n) {
    atomic {
        // CHECK: remarks.c:[[@LINE-1]]:5: remark: this block, with 1 function of this file that it calls: barriers for
        // CHECK-SAME: ; runs alone at: inline assembly (line [[@LINE+3]]), remove (line 14); runs alone where not built with the plugin: elsewhere (line [[@LINE+3]])
        if (n)
        shout();
        pairs->a = elsewhere(n); __asm__("incl %0" : "+m"(pairs->b));
    }
}
