/* atomic_cancel, atomic_either and atomic_or_else where they don't belong. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=error: --implicit-check-not=warning: < %t.messages
#include <ame/atomic.h>

int number;

void cancels(void) {
    atomic {
        if (number)
            atomic_cancel();
    }
    // CHECK: words.c:[[@LINE+1]]:5: error: ame: atomic_cancel() outside an atomic block; write it in the block that it undoes
    atomic_cancel();
}

void without_or_else(int i) {
    // CHECK: words.c:[[@LINE+1]]:5: error: ame: atomic_either without atomic_or_else; write atomic_or_else { } behind it, or only `atomic`
    atomic_either {
        number++;
    }
    // CHECK: words.c:[[@LINE+1]]:5: error: ame: atomic_either without atomic_or_else; write atomic_or_else { } behind it, or only `atomic`
    atomic_either {
        number++;
    }
    else {
        number--;
    }
    // CHECK: words.c:[[@LINE+3]]:7: error: ame: atomic_or_else behind an `if`; it belongs to the atomic_either before it
    // CHECK: words.c:[[@LINE+1]]:5: note: the `if` is here
    if (i) {
    } atomic_or_else {
    }
}

/* Also in functions that blocks call, and without braces around it. */
int correct(int i) {
    if (i)
        atomic_either {
            if (!number)
                atomic_retry();
        } atomic_or_else atomic_either {
            number++;
        } atomic_or_else
            atomic_cancel();
    else
        atomic_retry();
    return number;
}

/* Control gets behind a block that may be cancelled, and not behind a retry. */
int with_result(int i) {
    if (i)
        atomic_retry();
    else
        atomic {
            return number;
        }
    return 0;
}
int always_retries(void) {
    atomic_retry();
}
