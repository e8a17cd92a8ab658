/* What can't be an atomic block is refused, with the place. */
// RUN: (! %clang -g -c -o /dev/null %s 2> %t.messages) && %FileCheck %s < %t.messages
// RUN: (! %clang -O2 -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --check-prefix=NODEBUG < %t.messages
#include <ame/atomic.h>
#include <setjmp.h>
#include <stdarg.h>

jmp_buf buffer;
int number;

// Without debug information the place is the function's.
// NODEBUG: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: setjmp
int sets_jump(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: setjmp or another function that returns twice
        number = setjmp(buffer);
    }
    return number;
}

void jumps(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: longjmp can't leave an atomic block
        longjmp(buffer, 1);
    }
}

int variadic(int n, ...) {
    va_list arguments;
    int result = 0;
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: va_start in an atomic block is not supported
        va_start(arguments, n);
        result = va_arg(arguments, int);
    }
    va_end(arguments);
    return result;
}

int computed(int n) {
    static void *const labels[] = {&&one, &&two};
    // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: a computed goto or asm goto
    atomic {
        goto *labels[n];
    one:
        number++;
    two:
        number++;
    }
    return number;
}

char *allocates(unsigned n) {
    char *memory = 0;
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: alloca in an atomic block
        memory = __builtin_alloca(n);
    }
    memory[0] = 1;
    return 0;
}

void *words[5];
void saves_registers(void) {
    atomic {
        // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: __builtin_setjmp
        if (__builtin_setjmp(words))
            number++;
    }
}

void by_hand(void) {
    // CHECK: unsupported.c:[[@LINE+1]]:{{[0-9]+}}: error: ame: the start of an atomic block is not where the word `atomic` puts it
    ame_region_begin__compile_this_file_with_the_ame_plugin();
}
