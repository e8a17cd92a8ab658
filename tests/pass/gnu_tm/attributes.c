/* What the attributes become, and their misuse. */
// RUN: %gnutm -O0 -emit-llvm -S -Xclang -disable-llvm-passes -o - %s | sed 's/}, {/\n/g' | %FileCheck %s
// RUN: (! %gnutm -DMISUSE -fsyntax-only %s 2> %t.messages) && %FileCheck %s --check-prefix=MISUSE --implicit-check-not=error: --implicit-check-not=warning: < %t.messages

#ifndef MISUSE
// CHECK-DAG: [[PURE:@.str[.0-9]*]] = {{.*}}c"ame_pure\00"
// CHECK-DAG: [[UNSAFE:@.str[.0-9]*]] = {{.*}}c"ame_irrevocable_fn\00"
// CHECK-DAG: [[SAFE:@.str[.0-9]*]] = {{.*}}c"ame_safe\00"
// CHECK-DAG: [[OUTER:@.str[.0-9]*]] = {{.*}}c"ame_may_cancel_outer\00"
// CHECK-DAG: [[REPLACES:@.str[.0-9]*]] = {{.*}}c"ame_replaces\00"
// CHECK-DAG: @ame_replaces_wrapper = internal constant [2 x ptr] [ptr @wrapped, ptr @wrapper]
// CHECK-DAG: @llvm.compiler.used = {{.*}}@ame_replaces_wrapper
// CHECK-DAG: { ptr @ame_replaces_wrapper, ptr [[REPLACES]],
// CHECK-DAG: ptr @pure, ptr [[PURE]],
// CHECK-DAG: ptr @unsafe, ptr [[UNSAFE]],
// CHECK-DAG: ptr @safe, ptr [[SAFE]],
// CHECK-DAG: ptr @outer, ptr [[OUTER]],
__attribute__((transaction_pure)) extern int pure(const char *);
__attribute__((__transaction_unsafe__)) void unsafe(void);
void safe(void) __attribute__((transaction_safe));
void callable(void) __attribute__((transaction_callable));
int outer(void) __attribute__((transaction_may_cancel_outer));

int wrapped(int);
static int wrapper(int) __attribute__((transaction_wrap(wrapped)));
static int wrapper(int n) { return n; } // no other use

// On what points to functions. Such variables are plain variables.
struct table { int (*field)(void) __attribute__((transaction_safe)); };
__attribute__((transaction_safe)) void (*pointer)(void);
void (__attribute__((transaction_safe)) *inner)(void);
typedef int __attribute__((transaction_pure)) (*type)(void);

// CHECK-LABEL: @use(
// CHECK-NOT: llvm.{{var|ptr}}.annotation
__attribute__((transaction_may_cancel_outer)) int use(struct table *table, type f) {
    int (*local)(void) __attribute__((transaction_safe)) = table->field;
    safe(), callable(), unsafe(), pointer(), inner();
    return pure("") + outer() + local() + f();
}

// A safe function may call what is safe or pure.
typedef void (*safe_type)(void) __attribute__((transaction_safe));
__attribute__((transaction_safe)) void calls_safe(struct table *table, safe_type f,
                                                  void (*g)(void) __attribute__((transaction_safe))) {
    table->field(), pointer(), inner(), f(), g(), safe(), pure("");
}
#else
int wrapped(int);
// MISUSE: attributes.c:[[@LINE+1]]:49: error: ame: 'wrapped' has not the type of 'other', which replaces it
int other(long) __attribute__((transaction_wrap(wrapped)));
int number;
// MISUSE: attributes.c:[[@LINE+1]]:48: error: ame: 'number' in transaction_wrap of 'third' is not a function
int third(int) __attribute__((transaction_wrap(number)));
// MISUSE: error: use of undeclared identifier 'nothing'
int fourth(int) __attribute__((transaction_wrap(nothing)));
// MISUSE: error: 'transaction_wrap' attribute requires an identifier
int fifth(int) __attribute__((transaction_wrap("wrapped")));
// MISUSE: error: 'transaction_wrap' attribute takes one argument
int sixth(int) __attribute__((transaction_wrap));
// MISUSE: error: 'transaction_safe' attribute takes no arguments
int seventh(int) __attribute__((transaction_safe(1)));
// MISUSE: warning: 'transaction_pure' attribute ignored
int eighth __attribute__((transaction_pure));
// MISUSE: warning: 'transaction_wrap' attribute ignored
int ninth __attribute__((transaction_wrap(wrapped)));
#endif
