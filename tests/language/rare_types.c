/* Types of odd sizes and large alignments. */
#include "feature.h"
#include <stdint.h>

/* A vector of 64 bytes is passed in memory, where the processor has no register for it. */
#pragma clang diagnostic ignored "-Wpsabi"

typedef _BitInt(37) bits37;
typedef unsigned _BitInt(128) bits128;
typedef float floats16 __attribute__((vector_size(64)));

struct three {
    char cells[3];
};
struct five {
    char cells[5];
};
struct __attribute__((packed)) seven {
    short cells[3];
    char last;
};
struct eleven {
    char cells[11];
};

static _BitInt(3) tiny;
static bits37 some;
static _BitInt(77) many;
static bits128 all;
static struct three three, three_out;
static struct five five, five_out;
static volatile struct five five_volatile;
static struct seven seven, seven_out;
static struct eleven eleven, eleven_out;
static floats16 large, *heap;
static int total, result;

static void prepare(void) {
    tiny = 1;
    some = 5;
    many = 3;
    all = 1;
    memset(&three, 3, sizeof three);
    memset(&five, 5, sizeof five);
    memset(&seven, 7, sizeof seven);
    memset(&eleven, 11, sizeof eleven);
    for (int i = 0; i < 16; i++)
        large[i] = (float)i;
    heap = aligned_alloc(64, 128);
    memset(heap, 0, 128);
    total = result = 0;
}

/* ---- _BitInt ---- */

static __attribute__((noinline)) bits37 advance(bits37 *at, bits37 by) {
    *at += by;
    return *at;
}

static void bit_ints(void) {
    bits37 local = 3;
    _BitInt(77) squared;
    atomic {
        advance(&some, 1);
        some <<= 30;
        local = some + advance(&local, 2);
        all = (all << 127) | 7;
        tiny -= 2;
        squared = many * many + 1;
        many <<= 70;
    }
    result = (local == (6LL << 30) + 5) * 100 + (int)squared;
}

static void check_bit_ints(void) {
    CHECK(some == 6LL << 30 && tiny == -1 && many == (_BitInt(77))3 << 70);
    CHECK(all == (((bits128)1 << 127) | 7));
    CHECK_EQUAL(result, 110);
    free(heap);
}

/* ---- copies of 3, 5, 7 and 11 bytes ---- */

static void odd_sizes(void) {
    atomic {
        three_out = three;
        five_out = five;
        seven_out = seven;
        eleven_out = eleven;
        struct five local = five_out;
        local.cells[1]++;
        five = local;
        five_volatile = local;
        five_out = five_volatile;
        struct three swapped = three;
        three = three_out;
        three_out = swapped;
        three_out.cells[1] = 9;
    }
}

static void check_odd_sizes(void) {
    CHECK(five.cells[0] == 5 && five.cells[1] == 6 && five_out.cells[1] == 6);
    CHECK(five_out.cells[4] == 5 && three.cells[1] == 3 && three_out.cells[1] == 9);
    CHECK(seven_out.cells[2] == 0x707 && seven_out.last == 7 && eleven_out.cells[10] == 11);
    free(heap);
}

/* ---- large alignments ---- */

static __attribute__((noinline)) floats16 add_one(const floats16 *at) {
    return *at + 1;
}

static void alignments(void) {
    floats16 local = {1};
    _Alignas(128) char older[64] = "x";
    atomic {
        local += large;
        *heap = local;
        large = add_one(heap);
        older[1] = (char)((uintptr_t)older % 128 == 0);
        _Alignas(256) int inside = 3;
        int *volatile address = &inside;
        result = (uintptr_t)address % 256 == 0;
        total++;
        local = add_one(&local);
    }
    result += (local[3] == 4) * 10 + older[1] * 100;
}

static void check_alignments(void) {
    CHECK(large[2] == 3 && heap[0][0] == 1);
    CHECK_EQUAL(result, 111);
    CHECK_EQUAL(total, 1);
    free(heap);
}

int main(void) {
    TRY(prepare, bit_ints, check_bit_ints);
    TRY(prepare, odd_sizes, check_odd_sizes);
    TRY(prepare, alignments, check_alignments);
    return 0;
}
