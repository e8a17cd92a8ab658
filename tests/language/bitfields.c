/* Bit-fields, packed and misaligned members: their neighbours stay as they were. */
#include "feature.h"
#include <stdbool.h>

struct bits {
    unsigned low : 3;
    signed middle : 7;
    unsigned : 4;
    bool flag : 1;
    unsigned high : 17;
    unsigned : 0;
    unsigned char after;
    unsigned long long wide : 37, rest : 27;
    long long all : 64;
};

struct __attribute__((packed)) packed {
    char first;
    int number;
    short half;
    double real;
    void *pointer;
    struct {
        char c;
        long l;
    } __attribute__((packed)) inside;
    unsigned straddle : 12, over : 23, three : 3;
    unsigned long long far : 50;
    char last;
};

/* At the end of a line of the cache, so that members lie on two. */
static _Alignas(64) char lines[192];
static struct bits bits, array[3], *heap;
static struct packed packed, *across;
static int sum;
static long long out;

static void prepare(void) {
    memset(lines, 0x5a, sizeof lines);
    across = (struct packed *)(lines + 61);
    packed = (struct packed){.first = 1, .last = 2};
    bits =
        (struct bits){.low = 7, .middle = -3, .high = 100000, .after = 200, .wide = 1, .all = -1};
    memset(array, 0, sizeof array);
    heap = calloc(2, sizeof *heap);
    sum = 0;
    out = 0;
}

static void in_block(void) {
    struct bits local = {.low = 1, .middle = 2};
    atomic {
        bits.low++;
        bits.middle -= 61;
        bits.flag = !bits.flag;
        bits.high += 31071;
        bits.wide = bits.wide << 36 | bits.after;
        bits.rest = ~0u;
        bits.all *= 3;
        local.low += 2;
        local.middle = local.low - 5;
        local.flag = bits.flag;
        local.high ^= 0x1ffff;
        array[1] = local;
        array[1].low = 6;
        for (int i = 0; i < 3; i++) {
            array[i].middle = i - 1;
            array[i].rest += i;
        }
        heap[1] = bits;
        sum = bits.middle + local.middle;
    }
    out = local.high + local.low + local.flag;
}

static void check_in_block(void) {
    CHECK(bits.low == 0 && bits.middle == 64 - 128 && bits.flag && bits.high == 131071);
    CHECK(bits.after == 200 && bits.wide == (1ull << 36 | 200) && bits.rest == (1u << 27) - 1);
    CHECK_EQUAL(bits.all, -3);
    CHECK(array[1].low == 6 && array[1].flag && array[1].high == 0x1ffff && array[1].middle == 0);
    CHECK(array[0].middle == -1 && array[2].middle == 1 && array[2].rest == 2 && !array[0].low);
    CHECK(heap[1].all == -3 && heap[1].high == 131071 && heap[0].all == 0);
    CHECK_EQUAL(sum, -66);
    CHECK_EQUAL(out, 131071 + 3 + 1);
    free(heap);
}

static int count_up(struct bits *b, int times) {
    while (times--) {
        b->low++;
        b->high--;
        b->flag ^= 1;
        b->wide += 1ull << 33;
    }
    return (int)b->low * 10 + b->flag;
}

static struct bits turn(struct bits b) {
    b.middle = -b.middle;
    b.rest = b.after;
    return b;
}

static void in_callees(void) {
    struct bits local = {.high = 2};
    atomic {
        sum = count_up(&bits, 9) * 100 + count_up(&local, 3);
        array[2] = turn(bits);
        local = turn(array[2]);
        sum += local.middle * 100000;
    }
    out = local.rest;
}

static void check_in_callees(void) {
    CHECK(bits.low == 0 && bits.flag && bits.high == 99991 && bits.middle == -3);
    CHECK(bits.wide == (1 + (9ull << 33)) % (1ull << 37));
    CHECK(array[2].middle == 3 && array[2].rest == 200 && array[2].high == 99991);
    CHECK_EQUAL(sum, 100 + 31 - 300000);
    CHECK_EQUAL(out, 200);
    free(heap);
}

static long fill(struct packed *p, long seed) {
    p->number = (int)(seed * 3);
    p->half = (short)seed;
    p->real = (double)seed / 2;
    p->pointer = p;
    p->inside.l = ~seed;
    p->straddle = (unsigned)seed;
    p->over = 0x7fffff;
    p->three++;
    p->far = (1ull << 50) - (unsigned long)seed;
    return p->number + p->half + (long)p->real;
}

static void misaligned(void) {
    struct packed local = {.first = 'l', .last = 'L'};
    atomic {
        out = fill(across, 1000) + fill(&packed, 200) * 10000;
        out += fill(&local, 2) * 100000000;
        packed.over -= across->straddle;
        local.number += across->number;
        across->inside.c = local.first;
        local.inside = packed.inside;
        memcpy(lines + 3, lines + 61, 8);
        *(lines + 190) = 1;
    }
    sum = local.number + (int)local.inside.l;
}

static void check_misaligned(void) {
    CHECK_EQUAL(out, 4500 + 9000000 + 900000000);
    CHECK_EQUAL(sum, 6 + 3000 + ~200);
    CHECK(across->number == 3000 && across->real == 500 && across->pointer == across);
    CHECK(across->inside.l == ~1000 && across->inside.c == 'l' && across->straddle == 1000);
    CHECK(across->over == 0x7fffff && across->three == 4 && across->far == (1ull << 50) - 1000);
    CHECK(across->first == 0x5a && across->last == 0x5a && lines[60] == 0x5a);
    CHECK(lines[61 + sizeof *across] == 0x5a && lines[3] == 0x5a && lines[4] == (char)(3000 % 256));
    CHECK(packed.first == 1 && packed.last == 2 && packed.over == 0x7fffff - 1000);
    CHECK(packed.far == (1ull << 50) - 200 && packed.three == 1);
    free(heap);
}

int main(void) {
    TRY(prepare, in_block, check_in_block);
    TRY(prepare, in_callees, check_in_callees);
    TRY(prepare, misaligned, check_misaligned);
    return 0;
}
