/* Vectors: the language's own, and loops that the optimizer turns into vectors. */
#include "feature.h"
#include <stdint.h>

typedef int8_t bytes8 __attribute__((vector_size(8)));
typedef int ints4 __attribute__((vector_size(16)));
typedef float floats4 __attribute__((vector_size(16)));
typedef double doubles4 __attribute__((vector_size(32)));
typedef long longs4 __attribute__((vector_size(32)));
typedef int loose4 __attribute__((vector_size(16), aligned(4)));
typedef int ints3 __attribute__((ext_vector_type(3)));
typedef _Bool mask4 __attribute__((ext_vector_type(4)));

enum { COUNT = 67 };

static bytes8 bytes;
static ints4 ints, *heap;
static floats4 floats;
static doubles4 doubles;
static longs4 longs;
static ints3 three;
static int shorts_in[COUNT], shorts_out[COUNT], cells[COUNT + 1];
static double reals[COUNT];
static unsigned char text[COUNT];
static int result[4];
static double sum;

static void prepare(void) {
    for (int i = 0; i < 8; i++)
        bytes[i] = (int8_t)i;
    ints = (ints4){1, 2, 3, 4};
    heap = aligned_alloc(16, 4 * sizeof *heap);
    memset(heap, 0, 4 * sizeof *heap);
    floats = (floats4){0.5f, 1.5f, 2.5f, 3.5f};
    doubles = (doubles4){1, 2, 3, 4};
    longs = (longs4){0, -1, 1L << 40, 7};
    three = (ints3){1, 2, 3};
    for (int i = 0; i < COUNT; i++) {
        shorts_in[i] = i * 7 % 11;
        shorts_out[i] = -1;
        cells[i] = i;
        reals[i] = i / 2.0;
        text[i] = (unsigned char)('a' + i % 26);
    }
    memset(result, 0, sizeof result);
    sum = 0;
}

/* ---- in the block itself ---- */

static void in_block(void) {
    ints4 local = {10, 20, 30, 40}, compared, out;
    bytes8 small = bytes;
    doubles4 wide = {0};
    mask4 mask;
    atomic {
        bytes += small * 2;
        small = bytes << 1;
        ints *= local;
        out = ints / 3;
        compared = ints > 50;
        heap[1] = compared & ints;
        heap[2] = __builtin_shufflevector(ints, local, 0, 4, 3, 7);
        heap[3][2] = local[1];
        ((int *)&heap[0])[3] = 5;
        floats = __builtin_convertvector(heap[2], floats4) * floats[1];
        wide = doubles * doubles + (double)floats[0];
        doubles[2] = wide[3];
        longs = longs < (longs4){1, 1, 1, 1};
        longs += __builtin_convertvector(local, longs4);
        *(loose4 *)(cells + 3) = out;
        three.zx = three.xy;
        mask = __builtin_convertvector(local > 15, mask4);
        for (int i = 0; i < 4; i++)
            if (mask[i])
                local[i] += heap[1][i];
    }
    result[0] = out[3] + local[2] * 1000;
    result[1] = small[7];
    result[2] = mask[0] + mask[3] * 2;
    sum = wide[0];
}

static void check_in_block(void) {
    CHECK(bytes[7] == 21 && bytes[1] == 3);
    CHECK(ints[0] == 10 && ints[3] == 160);
    CHECK(heap[1][0] == 0 && heap[1][2] == 90 && heap[0][3] == 5 && heap[3][2] == 20);
    CHECK(heap[2][0] == 10 && heap[2][1] == 10 && heap[2][2] == 160 && heap[2][3] == 40);
    CHECK(floats[0] == 15 && floats[2] == 240 && doubles[2] == 31 && doubles[3] == 4);
    CHECK(longs[0] == 9 && longs[1] == 19 && longs[2] == 30 && longs[3] == 40);
    CHECK(cells[3] == 3 && cells[4] == 13 && cells[6] == 53 && cells[7] == 7);
    CHECK(three.x == 2 && three.y == 2 && three.z == 1);
    CHECK_EQUAL(result[0], 53 + (30 + 90) * 1000);
    CHECK_EQUAL(result[1], 42);
    CHECK_EQUAL(result[2], 2);
    CHECK(sum == 16);
    free(heap);
}

/* ---- passed to functions and returned ---- */

static __attribute__((noinline)) ints4 blend(ints4 a, ints4 b, ints4 chosen) {
    return (a & chosen) | (b & ~chosen);
}

static __attribute__((noinline)) bytes8 negate(const bytes8 *at) {
    return -*at;
}

static __attribute__((noinline)) float add_all(floats4 *at, floats4 more) {
    *at += more;
    return (*at)[0] + (*at)[1] + (*at)[2] + (*at)[3];
}

static void in_callees(void) {
    floats4 local = {1, 2, 3, 4};
    atomic {
        heap[0] = blend(ints, heap[1] - 1, ints > 2);
        bytes = negate(&bytes);
        sum = add_all(&floats, local);
        result[0] = (int)add_all(&local, floats);
    }
    result[1] = (int)local[3];
}

static void check_in_callees(void) {
    CHECK(heap[0][0] == -1 && heap[0][1] == -1 && heap[0][2] == 3 && heap[0][3] == 4);
    CHECK(bytes[7] == -7 && sum == 18 && floats[3] == 7.5f);
    CHECK_EQUAL(result[0], 28);
    CHECK_EQUAL(result[1], 11);
    free(heap);
}

/* ---- loops that become vectors ---- */

static void add_twice(int *restrict to, const int *restrict from, int count) {
    for (int i = 0; i < count; i++)
        to[i] = from[i] * 2 + to[i];
}

static int upper(unsigned char *at, int count) {
    int changed = 0;
    for (int i = 0; i < count; i++)
        if (at[i] >= 'a' && at[i] <= 'm') {
            at[i] = (unsigned char)(at[i] - 32);
            changed++;
        }
    return changed;
}

static void loops(void) {
    int most = 0, odd = 0;
    double total = 0;
    atomic {
        add_twice(shorts_out, shorts_in, COUNT);
        result[0] = upper(text, COUNT);
        for (int i = 0; i < COUNT; i++) {
            reals[i] = reals[i] * 2 + 1;
            total += reals[i];
        }
        for (int i = 0; i < COUNT; i++) /* a masked loop */
            if (shorts_in[i] > 5)
                cells[i + 1] = shorts_out[i];
        for (int i = 0; i < COUNT; i++) {
            most = shorts_out[i] > most ? shorts_out[i] : most;
            odd += cells[i] & 1;
        }
        for (int i = 0; i < COUNT; i += 3)
            cells[i] = -shorts_in[COUNT - 1 - i];
    }
    result[1] = most;
    result[2] = odd;
    sum = total;
}

static void check_loops(void) {
    int most = 0, changed = 0, copied[COUNT + 1], odd = 0;
    for (int i = 0; i < COUNT; i++) {
        int value = i * 7 % 11 * 2 - 1;
        CHECK_EQUAL(shorts_out[i], value);
        most = value > most ? value : most;
        CHECK_EQUAL(text[i], i % 26 < 13 ? 'A' + i % 26 : 'a' + i % 26);
        changed += i % 26 < 13;
        CHECK(reals[i] == i + 1);
        copied[i] = i && (i - 1) * 7 % 11 > 5 ? (i - 1) * 7 % 11 * 2 - 1 : i;
        odd += copied[i] & 1;
        CHECK_EQUAL(cells[i], i % 3 ? copied[i] : -((COUNT - 1 - i) * 7 % 11));
    }
    CHECK_EQUAL(result[0], changed);
    CHECK_EQUAL(result[1], most);
    CHECK_EQUAL(result[2], odd);
    CHECK(sum == COUNT * (COUNT + 1) / 2);
    free(heap);
}

/* ---- the same with the wider registers of AVX2, whose loops have masked loads and stores ---- */

static __attribute__((target("avx2"))) void add_large(int *to, const int *from, int count) {
    for (int i = 0; i < count; i++)
        if (from[i] > 5)
            to[i + 1] = from[i] * 2 - 1;
}

static __attribute__((target("avx2"))) long gather(const int *table, const int *at, int count) {
    long total = 0;
    for (int i = 0; i < count; i++)
        total += table[at[i]];
    return total;
}

static __attribute__((target("avx2"))) void with_avx2(void) {
    longs4 local = {1, 2, 3, 4};
    doubles4 out;
    atomic {
        add_large(cells, shorts_in, COUNT);
        result[0] = (int)gather(shorts_in, cells, 8);
        longs = local * 3 + longs;
        out = doubles / 2;
        local = longs >> 1;
        for (int i = 0; i < COUNT; i++)
            if (shorts_in[i] == 3)
                shorts_out[i] = cells[i];
    }
    sum = out[3] + (double)local[3];
}

static void check_with_avx2(void) {
    int gathered = 0;
    for (int i = 0; i < COUNT; i++) {
        int value = i && (i - 1) * 7 % 11 > 5 ? (i - 1) * 7 % 11 * 2 - 1 : i;
        CHECK_EQUAL(cells[i], value);
        CHECK_EQUAL(shorts_out[i], i * 7 % 11 == 3 ? value : -1);
        gathered += i < 8 ? shorts_in[value] : 0;
    }
    CHECK_EQUAL(result[0], gathered);
    CHECK(longs[0] == 3 && longs[1] == 5 && longs[3] == 19);
    CHECK(sum == 11);
    free(heap);
}

int main(void) {
    TRY(prepare, in_block, check_in_block);
    TRY(prepare, in_callees, check_in_callees);
    TRY(prepare, loops, check_loops);
    if (__builtin_cpu_supports("avx2"))
        TRY(prepare, with_avx2, check_with_avx2);
    return 0;
}
