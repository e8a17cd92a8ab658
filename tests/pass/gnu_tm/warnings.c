/* Transactions bring no warnings of their own, in any language that GCC has them in; what the
   program is warned of without them, it is warned of with them.
   RUN: %gnutm -std=c89 -pedantic -Wdeclaration-after-statement -Wmissing-prototypes -Werror -fsyntax-only %s
   RUN: %gnutm -std=gnu89 -Werror -fsyntax-only %s
   RUN: %gnutm -std=c99 -pedantic -Werror -fsyntax-only %s
   RUN: %gnutm -std=gnu11 -Werror -O2 -g -c %s -o %t.o
   RUN: %gnutm -std=gnu17 -Wunused-label -Wmisleading-indentation -Wdangling-else -Werror -fsyntax-only %s
   RUN: %gnutm -DNOT_ALWAYS -fsyntax-only %s 2>&1 | %FileCheck %s
*/

static int x;

#ifdef NOT_ALWAYS
/* CHECK: warnings.c:[[@LINE+4]]:{{[0-9]+}}: warning: non-void function does not return a value in all control paths
*/
static int cancelled(int n) {
    __transaction_atomic { if (n) __transaction_cancel; return x; }
}
/* CHECK: warnings.c:[[@LINE+2]]:{{[0-9]+}}: warning: unused variable 'unused'
*/
static void unused(void) { __transaction_atomic { int unused; } }
#endif

int returns(void);
int returns(void) {
    __transaction_atomic { return x; }
}

int initializes(void);
int initializes(void) {
    int first, second;
    __transaction_atomic {
        first = x;
        __transaction_atomic { int inner = x; second = inner; }
    }
    return first + second;
}

int nested(int n);
int nested(int n) {
    if (n)
        __transaction_atomic { if (n > 1) __transaction_cancel; else x++; }
    else
        __transaction_relaxed { x--; }
    __transaction_atomic {
        if (n)
            return 1;
        __transaction_cancel;
    }
    while (n--)
        __transaction_atomic { if (x) break; }
    return __transaction_atomic (__transaction_atomic (x) + 1);
}
