/* Every arithmetic type: read, written, passed, returned and carried out of a block. */
#include "feature.h"
#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

enum colour { RED, GREEN = 5, BLUE };

/* For each type: a shared variable, one on the heap, and functions on both. The block takes a local
 * in and out, through memory and through a call. */
#define NUMBER(name, type, start, step)                                                            \
    static type name##_shared, *name##_heap, name##_before, name##_after;                          \
    static __attribute__((noinline)) type name##_add(type a, type b) {                             \
        return (type)(a + b);                                                                      \
    }                                                                                              \
    static __attribute__((noinline)) type name##_advance(type *at, type by) {                      \
        type old = *at;                                                                            \
        *at = (type)(old + by);                                                                    \
        return old;                                                                                \
    }                                                                                              \
    static void name##_prepare(void) {                                                             \
        name##_shared = (type)(start);                                                             \
        name##_heap = calloc(3, sizeof(type));                                                     \
        name##_heap[1] = (type)(start);                                                            \
    }                                                                                              \
    static void name##_feature(void) {                                                             \
        type in = (type)(step), out, escapes = (type)(start);                                      \
        atomic {                                                                                   \
            type *pointer = name##_heap;                                                           \
            out = name##_shared;                                                                   \
            name##_shared = (type)(out + in);                                                      \
            pointer++;                                                                             \
            *pointer = name##_add(*pointer, in);                                                   \
            *(pointer - 1) = name##_advance(&name##_shared, in);                                   \
            pointer[1] = name##_advance(&escapes, name##_shared);                                  \
            in = name##_shared;                                                                    \
            name##_heap[2] = name##_add(name##_heap[2], (type)(pointer - name##_heap));            \
        }                                                                                          \
        name##_before = out;                                                                       \
        name##_after = name##_add(in, escapes);                                                    \
    }                                                                                              \
    static void name##_check(void) {                                                               \
        type s = (type)(start), once = name##_add(s, (type)(step)),                                \
             twice = name##_add(once, (type)(step));                                               \
        CHECK(name##_shared == twice && name##_heap[0] == once && name##_heap[1] == once);         \
        CHECK(name##_heap[2] == name##_add(s, (type)1) && name##_before == s);                     \
        CHECK(name##_after == name##_add(twice, name##_add(s, twice)));                            \
        free(name##_heap);                                                                         \
    }

/* clang-format off */
#define NUMBERS(X)                                                                                 \
    X(character, char, 'a', 3)                                                                     \
    X(signed_char, signed char, -120, 3)                                                           \
    X(unsigned_char, unsigned char, 250, 10)                                                       \
    X(short_int, short, -3, 700)                                                                   \
    X(unsigned_short, unsigned short, 65000, 600)                                                  \
    X(integer, int, -5, 1 << 20)                                                                   \
    X(unsigned_int, unsigned, 4000000000, 500000000)                                               \
    X(long_int, long, -7, 1L << 40)                                                                \
    X(unsigned_long, unsigned long, ~0UL, 3)                                                       \
    X(long_long, long long, 1LL << 50, -9)                                                         \
    X(unsigned_long_long, unsigned long long, ~0ULL - 1, 5)                                        \
    X(boolean, bool, 0, 1)                                                                         \
    X(enumeration, enum colour, RED, GREEN)                                                        \
    X(wide, __int128, (__int128)1 << 100, ((__int128)3 << 64) + 7)                                 \
    X(unsigned_wide, unsigned __int128, ~(unsigned __int128)0, (unsigned __int128)1 << 70)         \
    X(half, _Float16, 0.5, 1.25)                                                                   \
    X(single, float, 1.5f, 0.25f)                                                                  \
    X(real, double, 1e300, 2e299)                                                                  \
    X(extended, long double, 1.0L / 3, 1e-10L)                                                     \
    X(complex_single, float _Complex, 1.5f + 2.0f * I, -0.5f * I)                                  \
    X(complex_real, double _Complex, 3.0 - 4.0 * I, 1.0 + I)                                       \
    X(complex_extended, long double _Complex, 5.0L + 1e-10L * I, 2.0L * I)
/* clang-format on */

NUMBERS(NUMBER)

/* ---- mixed expressions ---- */

static signed char tiny;
static unsigned ring;
static double ratio;
static long long total;
static double _Complex root;
static __int128 product;
static int *at, cells[8];
static float quotients[4];

static void prepare_mixed(void) {
    tiny = 127;
    ring = 3;
    ratio = 7.75;
    total = -1000;
    root = 3 + 4 * I;
    product = INT64_MAX;
    at = cells;
    memset(cells, 0, sizeof cells);
    memset(quotients, 0, sizeof quotients);
}

static double mean(const int *from, const int *to) {
    double sum = 0;
    ptrdiff_t count = to - from;
    while (from < to)
        sum += *from++;
    return count ? sum / (double)count : 0;
}

static void mixed(void) {
    bool truth = false;
    long double fine = 0;
    atomic {
        tiny = (signed char)(tiny + 1);
        ring -= 4;
        total += (int)ratio + tiny;
        total *= 1 << (ring % 5 + 1);
        root *= conj(root);
        product *= product;
        product >>= 62;
        *at++ = (int)creal(root);
        *++at = 3;
        at[-1] = (int)(at - cells);
        at += 4;
        *--at = sizeof ring;
        ratio = mean(cells, at);
        for (int i = 0; i < 4; i++)
            quotients[i] = (float)(i + 1) / (float)ring * (float)UINT32_MAX;
        truth = ratio > 5 && (total & 1) == 0;
        fine = (long double)product / 2 + 2;
    }
    cells[7] = truth ? (int)(fine / ((long double)INT64_MAX)) : -1;
}

static void check_mixed(void) {
    CHECK_EQUAL(tiny, -128);
    CHECK_EQUAL(ring, UINT32_MAX);
    CHECK_EQUAL(total, 2 * (-1000 + 7 - 128));
    CHECK(creal(root) == 25 && cimag(root) == 0);
    CHECK(product == ((__int128)INT64_MAX * INT64_MAX) >> 62);
    CHECK(cells[0] == 25 && cells[1] == 2 && cells[2] == 3 && cells[5] == 4 && at == cells + 5);
    CHECK(ratio == 6.0 && quotients[3] == 4.0f);
    CHECK_EQUAL(cells[7], 1);
}

int main(void) {
#define TRY_NUMBER(name, type, start, step) TRY(name##_prepare, name##_feature, name##_check);
    NUMBERS(TRY_NUMBER)
    TRY(prepare_mixed, mixed, check_mixed);
    return 0;
}
