/* Values of every type that live across the end of a block, and many of them. */
#include "feature.h"
#include <complex.h>
#include <stdbool.h>

typedef float floats4 __attribute__((vector_size(16)));
typedef int ints8 __attribute__((vector_size(32)));
typedef char bytes2 __attribute__((vector_size(2)));
typedef _Bool mask8 __attribute__((ext_vector_type(8)));

struct small {
    char c;
    short s;
};
struct large {
    double d[3];
    struct small s;
};
union either {
    double d;
    int i[3];
};

static int global, numbers[100];
static long double checksum;

static void prepare(void) {
    global = 1;
    checksum = 0;
    for (int i = 0; i < 100; i++)
        numbers[i] = i;
}

static struct large make(int n) {
    return (struct large){{n, n + 1, n + 2}, {(char)n, (short)(n * 2)}};
}

/* ---- results of every type, some of them on one path only ---- */

static void types(void) {
    bool truth = false, compared;
    char c = 'a';
    long l;
    __int128 wide = 1;
    _Float16 half;
    float f = 0;
    double d;
    long double extended;
    float _Complex cf;
    double _Complex cd;
    long double _Complex cl = 0;
    floats4 v4;
    ints8 v8 = {0};
    bytes2 v2;
    mask8 mask;
    struct small small;
    struct large large = make(5);
    union either either = {.d = 0};
    int *pointer, array[3] = {1};
    void (*function)(void) = NULL;
    atomic {
        global++;
        truth = global > 1;
        compared = global == 7 || numbers[3] == 3;
        c += (char)global;
        l = (long)global << 40;
        wide = (wide << 100) + global;
        half = (_Float16)global / 4;
        if (truth)
            f = (float)global * 1.5f;
        d = global / 8.0;
        extended = 1.0L / 3 * global;
        cf = global + 2.0f * I;
        cd = cf * cf;
        cl += cd * 2.0L;
        v4 = (floats4){1, 2, 3, 4} * (float)global;
        v8 += global;
        v2 = (bytes2){(char)global, 3};
        mask = __builtin_convertvector(v8 > 1, mask8);
        small = make(global).s;
        large.s = small;
        large.d[1] *= 2;
        either.i[2] = global;
        pointer = compared ? &numbers[global] : &array[1];
        array[2] = *pointer;
        function = prepare;
        global += array[0];
    }
    CHECK(truth && compared && c == 'c' && l == 2L << 40 && wide == ((__int128)1 << 100) + 2);
    CHECK(half == 0.5f && f == 3.0f && d == 0.25 && extended == 1.0L / 3 * 2);
    CHECK(cf == 2 + 2 * I && cd == 8 * I && cl == 16 * I);
    CHECK(v4[3] == 8 && v8[7] == 2 && v2[0] == 2 && v2[1] == 3 && mask[7]);
    CHECK(small.c == 2 && small.s == 4 && large.s.s == 4 && large.d[1] == 12 && large.d[2] == 7);
    CHECK(either.i[2] == 2 && pointer == &numbers[2] && array[2] == 2 && function == prepare);
}

static void check_types(void) {
    CHECK_EQUAL(global, 3);
}

/* ---- returned from the block ---- */

#define RETURN(name, type, value)                                                                  \
    static type name(int how) {                                                                    \
        type local = (value);                                                                      \
        atomic {                                                                                   \
            global++;                                                                              \
            local = (value);                                                                       \
            if (how == 1)                                                                          \
                return local;                                                                      \
            if (how == 2)                                                                          \
                return (value);                                                                    \
            global += 10;                                                                          \
        }                                                                                          \
        return local;                                                                              \
    }

RETURN(return_bool, bool, global > 1)
RETURN(return_extended, long double, global / 4.0L)
RETURN(return_complex, double _Complex, global + I)
RETURN(return_extended_complex, long double _Complex, I *global)
RETURN(return_vector, floats4, ((floats4){0, (float)global}))
RETURN(return_small, struct small, make(global).s)
RETURN(return_large, struct large, make(global))
RETURN(return_wide, __int128, (__int128)global << 70)
RETURN(return_either, union either, ((union either){.d = global}))
RETURN(return_pointer, int *, &numbers[global % 100])

static void returned(void) {
    for (int how = 0; how < 3; how++) {
        checksum += return_bool(how);
        checksum += return_extended(how) * 4;
        checksum += creal(return_complex(how)) + cimagl(return_extended_complex(how));
        checksum += return_vector(how)[1];
        checksum += return_small(how).s;
        checksum += return_large(how).d[1] + return_large(how).s.c;
        checksum += (long double)(return_wide(how) >> 70);
        checksum += return_either(how).d;
        checksum += *return_pointer(how);
    }
}

static void check_returned(void) {
    /* What the same calls give without blocks. */
    long double expected = 0;
    int now = 1;
    for (int how = 0; how < 3; how++)
        for (int call = 0; call < 11; call++) {
            now++;
            expected += call == 0    ? 1
                        : call == 5  ? now * 2
                        : call == 6  ? now + 1
                        : call == 10 ? now % 100
                        : call == 7  ? (signed char)now
                                     : now;
            now += how ? 0 : 10;
        }
    CHECK_EQUAL(global, now);
    CHECK_EQUAL(checksum, expected);
}

/* ---- a hundred locals across the block ---- */

#define TEN(X, t) X(t##0) X(t##1) X(t##2) X(t##3) X(t##4) X(t##5) X(t##6) X(t##7) X(t##8) X(t##9)
#define HUNDRED(X)                                                                                 \
    TEN(X, 1)                                                                                      \
    TEN(X, 2) TEN(X, 3) TEN(X, 4) TEN(X, 5) TEN(X, 6) TEN(X, 7) TEN(X, 8) TEN(X, 9) TEN(X, 10)

/* Unsigned: a hundred checks for overflow would cost the sanitizers' build a minute. */
static unsigned seed, step;

static void prepare_hundred(void) {
    seed = 3;
    step = 1;
}

static void hundred(void) {
    unsigned sum = 0;
#define DECLARE(n) unsigned local##n = seed * n;
#define CHANGE(n) local##n += step + (local##n ^ n);
#define SUM(n) sum += local##n * (n % 7);
    HUNDRED(DECLARE)
    atomic {
        HUNDRED(CHANGE)
        step++;
    }
    HUNDRED(SUM)
    atomic {
        HUNDRED(CHANGE)
        seed = 0;
    }
    HUNDRED(SUM)
    checksum = sum;
}

static void check_hundred(void) {
    unsigned expected = 0;
    for (unsigned n = 10; n < 110; n++) {
        unsigned local = 3 * n, again;
        local += 1 + (local ^ n);
        again = local + 2 + (local ^ n);
        expected += (local + again) * (n % 7);
    }
    CHECK_EQUAL(checksum, expected);
    CHECK(step == 2 && seed == 0);
}

int main(void) {
    TRY(prepare, types, check_types);
    TRY(prepare, returned, check_returned);
    TRY(prepare_hundred, hundred, check_hundred);
    return 0;
}
