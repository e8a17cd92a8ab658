/* What an ame_safe function may not do. */
// RUN: (! %checked -fno-caret-diagnostics -ferror-limit=0 -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
// RUN: (! %checked -fdiagnostics-parseable-fixits -c -o /dev/null %s 2>&1) | %FileCheck %s --check-prefix=FIX
#include <ame/atomic.h>
#include <stdatomic.h>
#include <stdio.h>

// FIX: fix-it:"{{.*}}safe.c":{[[@LINE+1]]:1-[[@LINE+1]]:1}:"ame_safe "
void unknown(void);
ame_irrevocable_fn void marked(void);
static int prints(void);
static int indirectly(int i) {
    return i ? prints() : 0;
}

int number;
_Atomic int counter;

ame_safe int calls(void) {
    // CHECK: safe.c:[[@LINE+2]]:5: error: ame: 'calls' is ame_safe and calls 'unknown', which is not
    // CHECK-NEXT: safe.c:[[@LINE-12]]:6: note: mark 'unknown' ame_safe if blocks never run alone for it
    unknown();
    // CHECK: safe.c:[[@LINE+2]]:5: error: ame: 'calls' is ame_safe and calls 'marked', for which blocks run alone
    // CHECK-NEXT: safe.c:[[@LINE-14]]:25: note: 'marked' is declared here
    marked();
    // CHECK: safe.c:[[@LINE+2]]:5: error: ame: 'calls' is ame_safe and calls 'ame_irrevocable', for which blocks run alone
    // CHECK-NEXT: atomic.h:{{[0-9:]+}}: note: 'ame_irrevocable' is declared here
    ame_irrevocable();
    // CHECK: safe.c:[[@LINE+2]]:5: error: ame: 'calls' is ame_safe and calls 'remove', which is not
    // CHECK-NEXT: stdio.h:{{[0-9:]+}}: note: 'remove' is declared here
    remove("x");
    // CHECK: safe.c:[[@LINE+2]]:12: error: ame: 'calls' is ame_safe and calls 'indirectly', which is not
    // CHECK-NEXT: safe.c:[[@LINE+5]]:12: note: 'indirectly' is not safe because of this
    return indirectly(1);
}

static int prints(void) {
    return remove("x");
}

ame_safe int atomics(void) {
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'atomics' is ame_safe and contains an atomic operation
    __sync_fetch_and_add(&number, 1);
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'atomics' is ame_safe and contains an atomic operation
    __atomic_store_n(&number, 1, __ATOMIC_RELAXED);
    // CHECK: safe.c:[[@LINE+2]]:5: error: ame: 'atomics' is ame_safe and contains an atomic operation
    // CHECK-NEXT: stdatomic.h:{{[0-9:]+}}: note: expanded from macro 'atomic_thread_fence'
    atomic_thread_fence(memory_order_seq_cst);
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'atomics' is ame_safe and contains an atomic operation
    counter++;
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'atomics' is ame_safe and contains an atomic operation
    counter = 2;
    // CHECK: safe.c:[[@LINE+1]]:12: error: ame: 'atomics' is ame_safe and contains an atomic operation
    return counter;
}

ame_safe void assembly(int *p) {
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'assembly' is ame_safe and contains assembly that may touch memory
    __asm__ volatile("nop" ::: "memory");
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'assembly' is ame_safe and contains assembly that may touch memory
    __asm__("incl %0" : "+m"(*p));
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'assembly' is ame_safe and contains assembly that may touch memory
    __asm__ volatile("incl (%0)" : : "r"(p));
}

struct operations {
    void (*plain)(void);
    ame_safe void (*safe)(void);
};
ame_safe typedef void safe_function(void);

ame_safe void pointers(struct operations *o, void (*parameter)(void)) {
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'pointers' is ame_safe and calls a function through a pointer that is not
    o->plain();
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'pointers' is ame_safe and calls a function through a pointer that is not
    parameter();
    // CHECK: safe.c:[[@LINE+1]]:5: error: ame: 'pointers' is ame_safe and calls a function through a pointer that is not
    (*parameter)();
}

static void bad(void) {
    number = prints();
}

// CHECK: safe.c:[[@LINE+2]]:36: error: ame: 'bad' is not ame_safe, and 'safe' is for functions that are
// CHECK-NEXT: safe.c:[[@LINE-48]]:12: note: 'bad' is not safe because of this
struct operations table = {.safe = bad};
void stores(struct operations *o) {
    // CHECK: safe.c:[[@LINE+2]]:28: error: ame: 'unknown' is not ame_safe, and 'local' is for functions that are
    // CHECK-NEXT: safe.c:[[@LINE-81]]:6: note: mark 'unknown' ame_safe if blocks never run alone for it
    safe_function *local = unknown;
    // CHECK: safe.c:[[@LINE+2]]:15: error: ame: 'bad' is not ame_safe, and 'safe' is for functions that are
    // CHECK-NEXT: safe.c:[[@LINE-55]]:12: note: 'bad' is not safe because of this
    o->safe = &bad;
    local();
}
