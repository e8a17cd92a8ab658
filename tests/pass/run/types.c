/* Values of every type and size. */
// RUN: %clang -g %level %s %counting -o %t && %t
// RUN: %clang -O3 -march=x86-64-v3 %s %counting -o %t && (! grep -q avx2 /proc/cpuinfo || %t)
#include "counting.h"
#include <ame/atomic.h>
#include <stdint.h>
#include <string.h>

typedef int vector __attribute__((vector_size(16)));
struct bits {
    unsigned a : 3, b : 7, c : 22;
    signed long d : 40;
    _Bool e : 1;
};
struct large {
    char text[57];
    double number;
};
struct packed {
    char c;
    uint64_t u;
    double d;
} __attribute__((packed));

struct all {
    _Bool yes;
    uint8_t u8;
    int16_t i16;
    uint32_t u32;
    int64_t i64;
    __int128 i128;
    float f;
    double d;
    long double ld;
    _Complex double z;
    void *p;
    vector v;
    struct bits bits;
    struct large large;
    struct packed packed;
    _BitInt(24) odd;
};

static struct all *x, *y;

__attribute__((noinline)) static void step(void) {
    atomic {
        x->yes = !x->yes;
        x->u8 += 200;
        x->i16 -= 1000;
        x->u32 ^= 0x12345678;
        x->i64 = x->i64 * 31 + x->i16;
        x->i128 = x->i128 * 7 + x->i64;
        x->f = x->f * 1.5f + 1;
        x->d = x->d * 1.25 + x->f;
        x->ld = x->ld / 3 + x->d;
        x->z = x->z * 2 + 1;
        x->p = &x->p;
        x->v = x->v + (vector){1, 2, 3, 4};
        x->bits.a += 3;
        x->bits.b += 5;
        x->bits.c -= 1;
        x->bits.d = x->bits.d * 3 - 1;
        x->bits.e = !x->bits.e;
        x->large.text[x->u8 % 57] = 'x';
        x->large.number += x->d;
        x->packed.u += x->u8;
        x->packed.d += 0.5;
        x->odd += 77;
        if (x->yes)
            y->large = x->large;
        else
            y->packed = x->packed;
    }
}

/* Straight-line code that the optimizer may turn into vectors. */
__attribute__((noinline)) static void many(int *to, const int *from) {
    atomic {
        to[0] = from[0] + 1;
        to[1] = from[1] + 1;
        to[2] = from[2] + 1;
        to[3] = from[3] + 1;
    }
}

__attribute__((noinline)) static void loop(int *to, const int *from, int n) {
    atomic {
        for (int i = 0; i < n; i++)
            to[i] = from[i] * 3;
        for (int i = 0; i < n; i++)
            if (from[i] & 1)
                to[i]--;
    }
}

int main(void) {
    x = shared(sizeof *x);
    y = shared(sizeof *y);
    for (int i = 0; i < 20; i++)
        step();
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(x->u8, (uint8_t)(20 * 200));
    CHECK_EQUAL(x->bits.b, 100);
    int *numbers = shared(200 * sizeof *numbers);
    for (int i = 0; i < 100; i++)
        numbers[i] = i;
    many(numbers + 100, numbers);
    CHECK_EQUAL(numbers[103], 4);
    CHECK_EQUAL(counts.read_bytes, 16);
    CHECK_EQUAL(counts.written_bytes, 16);
    loop(numbers + 100, numbers, 100);
    CHECK_EQUAL(numbers[199], 296);
    return 0;
}
