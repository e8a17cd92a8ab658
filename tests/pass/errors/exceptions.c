/* With exceptions a block would have two ends, one of them for unwinding. */
// RUN: (! %clang -g -fexceptions -c -o /dev/null %s 2>&1) | %FileCheck %s
#include <ame/atomic.h>
void other(void);
void block(void) {
    // CHECK: exceptions.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: {{.*}}compile without -fexceptions
    atomic { other(); }
}
