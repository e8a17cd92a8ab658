/* Misspelled words, words in the wrong place, words that contradict each other. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
// RUN: (! %checked -fdiagnostics-parseable-fixits -c -o /dev/null %s 2>&1) | %FileCheck %s --check-prefix=FIX
#include <ame/atomic.h>

struct node {
    // FIX: fix-it:"{{.*}}annotations.c":{[[@LINE+2]]:38-[[@LINE+2]]:52}:"\"ame_immutable\""
    // CHECK: annotations.c:[[@LINE+1]]:29: warning: ame: unknown annotation 'ame_imutable'; did you mean 'ame_immutable'?
    long key __attribute__((annotate("ame_imutable")));
    // FIX: fix-it:"{{.*}}annotations.c":{[[@LINE+2]]:23-[[@LINE+2]]:33}:"\"ame_safe\""
    // CHECK: annotations.c:[[@LINE+1]]:7: warning: ame: unknown annotation 'ame_save'; did you mean 'ame_safe'?
    [[clang::annotate("ame_save")]] void (*f)(void);
    // FIX-NOT: fix-it
    // CHECK: annotations.c:[[@LINE+1]]:20: warning: ame: unknown annotation 'ame_something_else'
    __attribute__((annotate("ame_something_else"))) int other;
    __attribute__((annotate("someone's"))) int foreign;
    // CHECK: annotations.c:[[@LINE+1]]:18: error: ame: field 'changing' is ame_immutable, which never changes, and volatile, which others change
    volatile int changing ame_immutable;
    // CHECK: annotations.c:[[@LINE+1]]:32: error: ame: field 'shared' is ame_immutable, which never changes, and _Atomic, which others change
    ame_immutable _Atomic long shared;
    // CHECK: annotations.c:[[@LINE+1]]:5: warning: ame: ame_pure is for functions and says nothing here
    ame_pure int (*compare)(void);
};

// CHECK: annotations.c:[[@LINE+1]]:1: warning: ame: ame_immutable is for fields of a struct or union and says nothing here
ame_immutable long variable;
// CHECK: annotations.c:[[@LINE+1]]:1: warning: ame: ame_safe is for functions and function pointers and says nothing here
ame_safe int no_function;
// CHECK: annotations.c:[[@LINE+2]]:1: warning: ame: ame_immutable is for fields of a struct or union and says nothing here
// CHECK: annotations.c:[[@LINE+1]]:28: warning: ame: ame_constructor is for functions and says nothing here
ame_immutable int function(ame_constructor int parameter);
// CHECK: annotations.c:[[@LINE+1]]:1: warning: ame: ame_irrevocable_fn is for functions and says nothing here
ame_irrevocable_fn typedef int word;

void locals(void) {
    struct inside {
        // CHECK: annotations.c:[[@LINE+1]]:9: warning: ame: ame_safe is for functions and function pointers and says nothing here
        ame_safe int field;
    };
    // CHECK: annotations.c:[[@LINE+1]]:5: warning: ame: ame_constructor is for functions and says nothing here
    ame_constructor struct inside local = {0};
    (void)local;
}

// CHECK: annotations.c:[[@LINE+1]]:34: error: ame: 'both' is ame_pure, so it can't be ame_irrevocable_fn
ame_pure ame_irrevocable_fn void both(void);
ame_safe void first_one(void);
// CHECK: annotations.c:[[@LINE+1]]:25: error: ame: 'first_one' is ame_safe, so it can't be ame_irrevocable_fn
ame_irrevocable_fn void first_one(void);
void first_one(void);

ame_pure int pure(int i) {
    // CHECK: annotations.c:[[@LINE+2]]:5: error: ame: an atomic block in 'pure', which is ame_pure: it touches memory that blocks share
    // CHECK-NEXT: annotations.c:[[@LINE-2]]:1: note: marked ame_pure here
    atomic {
        i = function(i);
    }
    return i;
}

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wignored-attributes"
#pragma clang diagnostic ignored "-Wunknown-attributes"
ame_immutable long not_reported;
long nor_this __attribute__((annotate("ame_imutable")));
#pragma clang diagnostic pop
