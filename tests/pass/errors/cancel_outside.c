/* Without the plugin for clang too. */
// RUN: (! %clang -g -c -o /dev/null %s 2> %t.messages) && %FileCheck %s < %t.messages
#include <ame/atomic.h>

void cancels(void) {
    // CHECK: cancel_outside.c:[[@LINE+1]]:5: error: {{.*}}atomic_cancel() outside an atomic block; write it in the block that it undoes
    atomic_cancel();
}
