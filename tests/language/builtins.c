/* The compiler's own functions and words, in blocks and in functions that they call. */
#include "feature.h"
#include <alloca.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct record {
    int number;
    char text[20];
};

static struct record record, other;
static char buffer[64];
static unsigned bits;
static int total, cells[4], closed;
static long large;
static double real;
static int result[6];

static void prepare(void) {
    record = (struct record){5, "a record"};
    other = (struct record){0};
    memset(buffer, '.', sizeof buffer);
    bits = 0x00f01234;
    total = closed = 0;
    large = LONG_MAX - 2;
    real = -2.25;
    for (int i = 0; i < 4; i++)
        cells[i] = i;
    memset(result, 0, sizeof result);
}

/* ---- memory ---- */

static int on_memory(size_t length) {
    struct record local;
    int sum = 0;
    __builtin_memcpy(&local, &record, sizeof local);
    __builtin_memcpy(buffer, local.text, length);
    __builtin_memmove(buffer + 1, buffer, length);
    __builtin_memset(buffer + length + 1, '!', 3);
    sum += __builtin_memcmp(buffer, buffer + 1, 1) == 0;
    sum += (int)__builtin_strlen(record.text) * 10;
    sum += (__builtin_strcmp(local.text, record.text) == 0) * 1000;
    __builtin_strcpy(other.text, "copied");
    *(char *)__builtin_mempcpy(other.text, "COP", 3) = 'j';
    return sum + (__builtin_strchr(other.text, 'j') == other.text + 3) * 10000;
}

static void memory(void) {
    struct record local = record;
    atomic {
        result[0] = on_memory(8);
        __builtin_memcpy(&local.text[2], &other.text, 7);
        __builtin_memset(&record, 0, sizeof record);
        __builtin_memmove(local.text, local.text + 1, 10);
        __builtin___memcpy_chk(cells, &bits, 4, __builtin_object_size(cells, 0));
        result[1] = (int)__builtin_object_size(buffer, 1) + __builtin_bcmp(&local, &record, 4);
        __builtin_memcpy_inline(&cells[2], &bits, 4);
    }
    CHECK(strcmp(local.text, " COPjed") == 0);
}

static void check_memory(void) {
    CHECK_EQUAL(result[0], 11081);
    CHECK(result[1] != 64);
    CHECK(memcmp(buffer, "aa record!!!....", 16) == 0);
    CHECK(record.number == 0 && record.text[3] == 0 && strcmp(other.text, "COPjed") == 0);
    CHECK(cells[0] == 0x00f01234 && cells[2] == 0x00f01234 && cells[1] == 1);
}

/* ---- bits and arithmetic ---- */

static int arithmetic(const unsigned *from, long *to) {
    int sum = __builtin_popcount(*from) + __builtin_clz(*from) * 100 + __builtin_ctz(*from) * 10000;
    long more;
    unsigned char narrow;
    sum += __builtin_ffs((int)*from) + __builtin_parity(*from);
    if (__builtin_add_overflow(*to, 5, to))
        sum += 1000000;
    if (__builtin_mul_overflow(*to, 1L, &more))
        sum = -1;
    if (__builtin_sub_overflow(*from, *from + 1, &narrow))
        sum += 2000000;
    *to = more == LONG_MIN + 2 ? narrow : 0;
    return sum;
}

static void on_bits(void) {
    unsigned long swapped;
    int overflowed;
    atomic {
        result[0] = arithmetic(&bits, &large);
        swapped =
            __builtin_bswap32(bits) + ((unsigned long)__builtin_bswap16((uint16_t)bits) << 32);
        bits = __builtin_rotateleft32(__builtin_bitreverse32(bits), 8);
        overflowed = __builtin_sadd_overflow(INT_MAX, cells[1], &cells[3]);
        real = __builtin_fabs(real) + __builtin_sqrt(__builtin_floor(real) + 12);
        real = __builtin_fma(real, 2, __builtin_copysign(1, -real));
        total = __builtin_abs(cells[3] + 1) == INT_MAX && __builtin_isnan(__builtin_nan(""));
    }
    result[1] = swapped == 0x34123412f000 && overflowed;
}

static void check_on_bits(void) {
    CHECK_EQUAL(result[0], 9 + 800 + 20000 + 3 + 1 + 3000000);
    CHECK_EQUAL(result[1], 1);
    CHECK_EQUAL(large, 255);
    CHECK_EQUAL(bits, 0x480f002c);
    CHECK_EQUAL(cells[3], INT_MIN);
    CHECK(real == 9.5 && total == 1);
}

/* ---- hints and questions ---- */

static __attribute__((noinline)) int hints(int *at, int which) {
    int *aligned = __builtin_assume_aligned(at, 4);
    __builtin_prefetch(at + 1, 1);
    if (__builtin_expect(which > 1, 0))
        aligned[1] += 7;
    else if (__builtin_expect_with_probability(which == 1, 1, 0.9))
        aligned[1]++;
    __builtin_assume(which < 3);
    switch (which) {
    case 0:
        return aligned[0];
    case 1:
    case 2:
        return aligned[1];
    default:
        __builtin_unreachable();
    }
}

#define KIND(x) _Generic((x), int: 1, long: 2, double: 3, char *: 4, struct record: 5, default: 6)

static void questions(void) {
    int sum;
    atomic {
        sum = hints(cells, 0) + hints(cells, 1) * 10 + hints(cells, 2) * 100;
        total = __builtin_constant_p(cells[0]) + __builtin_constant_p(3) * 2;
        total += __builtin_types_compatible_p(typeof(record), struct record) * 10;
        total += __builtin_choose_expr(sizeof(long) == 8, cells[2], "never") * 100;
        total += (int)__builtin_offsetof(struct record, text[2]) * 1000;
        cells[3] = KIND(cells[0]) + KIND(large) * 10 + KIND(real) * 100 + KIND(&buffer[0]) * 1000 +
                   KIND(record) * 10000 + KIND(bits) * 100000;
        _Static_assert(sizeof(struct record) == 24, "in a block");
        static int kept = 1;
        kept *= 3;
        result[1] = kept;
        kept = 1;
        result[2] = *__func__ + (__builtin_frame_address(0) != NULL);
        __auto_type copied = record;
        typeof(copied.number) number = copied.number++;
        typeof(int[2]) pair = {number, copied.number};
        result[3] = pair[0] * 10 + pair[1];
        if (__builtin_expect(total < 0, 0))
            __builtin_trap();
    }
    result[0] = sum;
}

static void check_questions(void) {
    CHECK_EQUAL(result[0], 0 + 20 + 900);
    CHECK_EQUAL(total % 1000 / 10 * 10 + (total & ~1) % 10, 212);
    CHECK_EQUAL(total / 1000, 6);
    CHECK_EQUAL(cells[3], 654321);
    CHECK_EQUAL(result[1], 3);
    CHECK(result[2] != 0);
    CHECK_EQUAL(result[3], 56);
}

/* ---- statement expressions, cleanup, labels as values ---- */

static void close_it(int *at) {
    closed = closed * 10 + *at;
    (*at)++;
}

#define SMALLER(a, b)                                                                              \
    ({                                                                                             \
        __auto_type a_ = (a);                                                                      \
        __auto_type b_ = (b);                                                                      \
        a_ < b_ ? a_ : b_;                                                                         \
    })

static int with_cleanup(int how) {
    int first __attribute__((cleanup(close_it))) = 1;
    if (how == 1)
        return closed;
    int second __attribute__((cleanup(close_it))) = 2 + how;
    return closed + second;
}

static int leave(void) {
    int outside __attribute__((cleanup(close_it))) = 8;
    for (int i = 0; i < 3; i++) {
        atomic {
            int inside __attribute__((cleanup(close_it))) = 4 + i;
            if (i == 1)
                continue;
            total += SMALLER(inside, cells[3]);
            if (i == 2)
                return total;
            outside = 9;
        }
    }
    return -1;
}

static __attribute__((noinline)) int interpret(const char *program) {
    static const void *const operations[] = {&&stop, &&add, &&twice};
    int value = 1;
    goto *operations[*program - '0'];
add:
    value += cells[3];
    goto *operations[*++program - '0'];
twice:
    value *= 2;
    goto *operations[*++program - '0'];
stop:
    return value;
}

static void expressions(void) {
    atomic {
        result[0] = with_cleanup(0) + with_cleanup(1) * 10;
        result[1] = ({
            int sum = 0;
            for (int i = 0; i < 4; i++)
                sum += cells[i];
            sum;
        });
    }
    result[2] = leave();
}

static void check_expressions(void) {
    CHECK_EQUAL(result[0], 2 + 21 * 10);
    CHECK_EQUAL(result[1], 6);
    CHECK_EQUAL(result[2], 6);
    CHECK_EQUAL(closed, 2114569);
}

static void computed(void) {
    atomic {
        total++;
        result[0] = interpret("12210");
        total++;
    }
}

static void check_computed(void) {
    CHECK_EQUAL(result[0], 19);
    CHECK_EQUAL(total, 2);
}

int main(void) {
    TRY(prepare, memory, check_memory);
    TRY(prepare, on_bits, check_on_bits);
    TRY(prepare, questions, check_questions);
    TRY(prepare, expressions, check_expressions);
    with_every_fault(prepare, computed, check_computed); /* whether alone or not */
    return 0;
}
