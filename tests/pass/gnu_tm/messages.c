/* What GCC refuses is refused, with the place, and nothing else is complained about. */
// RUN: (! %gnutm -ferror-limit=0 -fsyntax-only %s 2> %t.messages) && %FileCheck %s --implicit-check-not=error: --implicit-check-not=warning: < %t.messages
// RUN: printf 'void f(void) { __transaction_atomic' > %t.end.c && %gnutm -E %t.end.c -o %t.end.i
// RUN: (! %gnutm -fsyntax-only %t.end.c 2>&1) | %FileCheck %s --check-prefix=END
// RUN: (! %gnutm -Wno-unused-command-line-argument -fsyntax-only %t.end.i 2>&1) | %FileCheck %s --check-prefix=END
// END: end.c:1:{{[0-9]+}}: error: ame: '{' or '(' expected: the body of the transaction
// END: error: expected '}'
// END-NOT: error:

// CHECK: messages.c:[[@LINE+1]]:25: error: expected value in expression
#if __transaction_atomic
#endif
int x;
int unsafe(void) __attribute__((transaction_unsafe));
int (*unsafe_pointer)(void) __attribute__((transaction_unsafe));
typedef int unsafe_type(void) __attribute__((transaction_unsafe));
unsafe_type unsafe_too;
struct operations { int (*unsafe_field[2])(void) __attribute__((__transaction_unsafe__)); };
int outer_only(void) __attribute__((transaction_may_cancel_outer));

// Words in the wrong place.
void tokens(void) {
    // CHECK: messages.c:[[@LINE+1]]:5: error: ame: __transaction_cancel outside a __transaction_atomic block
    __transaction_cancel;
    // CHECK: messages.c:[[@LINE+1]]:29: error: ame: __transaction_cancel in a __transaction_relaxed block
    __transaction_relaxed { __transaction_cancel; }
    // CHECK: messages.c:[[@LINE+1]]:29: error: ame: __transaction_cancel in a __transaction_relaxed block
    __transaction_relaxed { __transaction_cancel [[outer]]; }
    // CHECK: messages.c:[[@LINE+1]]:36: error: ame: __transaction_cancel in a transaction expression
    (void)__transaction_atomic (({ __transaction_cancel; 1; }));
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: __transaction_relaxed in a __transaction_atomic block
    __transaction_atomic { __transaction_relaxed { x++; } }
    // CHECK: messages.c:[[@LINE+1]]:33: error: ame: __transaction_relaxed in a __transaction_atomic block
    (void)__transaction_atomic (__transaction_relaxed (x));
    // CHECK: messages.c:[[@LINE+1]]:29: error: ame: a __transaction_atomic {{\[\[outer\]\]}} block in another transaction
    __transaction_relaxed { __transaction_atomic [[outer]] {} }
    // CHECK: messages.c:[[@LINE+1]]:26: error: ame: a transaction has no attribute but {{\[\[outer\]\]}}
    __transaction_atomic [[inner]] {}
}
void no_body(void) {
    // CHECK: messages.c:[[@LINE+1]]:26: error: ame: '{' or '(' expected: the body of the transaction
    __transaction_atomic x++;
}
// A word in a macro is complained about where the macro is used.
#define LEAVE __transaction_cancel
void macro(void) {
    // CHECK: messages.c:[[@LINE+1]]:5: error: ame: __transaction_cancel outside
    LEAVE;
}
void relaxed_may_hold_atomic(void) {
    __transaction_relaxed { __transaction_atomic { __transaction_cancel; } }
}

// A jump into a block.
void jumps(void) {
    // CHECK: messages.c:[[@LINE+2]]:5: error: cannot jump from this goto statement to its label
    // CHECK: messages.c:[[@LINE+1]]:5: error: ame: this goto jumps into an atomic block
    goto inside;
    __transaction_atomic { inside: x++; }
}

// Calls.
void calls(struct operations *o, int (*parameter)(void) __attribute__((transaction_unsafe))) {
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'unsafe', which is transaction_unsafe, in a __transaction_atomic block; use __transaction_relaxed
    __transaction_atomic { unsafe(); }
    // CHECK: messages.c:[[@LINE+1]]:35: error: ame: call of 'unsafe'
    x = __transaction_atomic (x + (*unsafe)());
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'unsafe_pointer'
    __transaction_atomic { unsafe_pointer(); }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'unsafe_too'
    __transaction_atomic { unsafe_too(); }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'unsafe_field'
    __transaction_atomic { o->unsafe_field[1](); }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'parameter'
    __transaction_atomic { parameter(); }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: asm in a __transaction_atomic block; use __transaction_relaxed
    __transaction_atomic { __asm__ volatile(""); }
    __transaction_relaxed { unsafe(); unsafe_pointer(); __asm__ volatile(""); }
    unsafe();
}
__attribute__((transaction_safe)) void relaxed_in_safe(void) {
    // CHECK: messages.c:[[@LINE+1]]:5: error: ame: __transaction_relaxed in a transaction_safe function
    __transaction_relaxed { x++; }
}

// Outer cancels.
void outer(void) {
    __transaction_atomic [[outer]] { if (x) __transaction_cancel [[outer]]; outer_only(); }
    __transaction_atomic __attribute__((outer)) { __transaction_cancel __attribute__((__outer__)); }
    __transaction_atomic [[outer]] { __transaction_atomic { __transaction_cancel [[outer]]; } }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: __transaction_cancel {{\[\[outer\]\]}} outside a __transaction_atomic {{\[\[outer\]\]}} block
    __transaction_atomic { __transaction_cancel [[outer]]; }
    // CHECK: messages.c:[[@LINE+1]]:28: error: ame: call of 'outer_only', which is transaction_may_cancel_outer, outside a
    __transaction_atomic { outer_only(); }
    // CHECK: messages.c:[[@LINE+1]]:5: error: ame: call of 'outer_only'
    outer_only();
}
int outer_only(void) { __transaction_cancel [[outer]]; }
__attribute__((transaction_may_cancel_outer)) int outer_too(void) { return outer_only(); }

// Calls in a transaction_safe function, seen at the end of the file.
__attribute__((transaction_safe)) int safe_calls(int (*given)(void) __attribute__((transaction_safe)), int (*plain)(void)) {
    // CHECK: messages.c:[[@LINE+1]]:22: error: ame: 'safe_calls' is ame_safe and calls a function through a pointer that is not
    return given() + plain();
}
