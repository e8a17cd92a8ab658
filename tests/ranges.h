/* ranges.h - loops over memory, each of a kind that the compiler may or may not access in chunks:
 * what they do and return in a block must be what they do outside. They read ROOM(n) bytes at most,
 * from either pointer, and write nothing; those at the end write to `to`. */
#ifndef RANGES_H
#define RANGES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROOM(n) ((size_t)(n) * 64 + 256)

#define RANGE_LOOP(name)                                                                           \
    __attribute__((noinline, unused)) static int64_t name(const void *from, const void *more,      \
                                                          void *to, long n)

#define SUM_LOOP(name, type)                                                                       \
    RANGE_LOOP(name) {                                                                             \
        const type *a = from;                                                                      \
        type sum = 0;                                                                              \
        (void)more, (void)to;                                                                      \
        for (long i = 0; i < n; i++)                                                               \
            sum += a[i];                                                                           \
        return (int64_t)sum;                                                                       \
    }
SUM_LOOP(sum_u8, uint8_t)
SUM_LOOP(sum_u16, uint16_t)
SUM_LOOP(sum_u32, uint32_t)
SUM_LOOP(sum_u64, uint64_t)
SUM_LOOP(sum_u128, unsigned __int128)
#undef SUM_LOOP

RANGE_LOOP(largest_float) {
    const float *a = from;
    float largest = -1;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        largest = a[i] > largest ? a[i] : largest;
    uint32_t bits;
    memcpy(&bits, &largest, sizeof bits);
    return bits;
}

RANGE_LOOP(count_doubles) {
    const double *a = from, *b = more;
    int64_t count = 0;
    (void)to;
    for (int i = 0; i < (int)n; i++)
        count += a[i] < b[i];
    return count;
}

RANGE_LOOP(mixed_widths) {
    const uint8_t *a = from;
    const uint64_t *b = more;
    uint64_t sum = 0;
    (void)to;
    for (long i = 0; i < n; i++)
        sum += b[i] * a[i];
    return (int64_t)sum;
}

RANGE_LOOP(backwards) {
    const int32_t *a = from;
    uint64_t hash = 1;
    (void)more, (void)to;
    for (long i = n; i--;)
        hash = hash * 31 + (uint32_t)a[i];
    return (int64_t)hash;
}

RANGE_LOOP(both_ways) {
    const int32_t *a = from;
    uint64_t hash = 1;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        hash = hash * 31 + (uint32_t)a[i] + (uint32_t)a[n - 1 - i] * 7u;
    return (int64_t)hash;
}

RANGE_LOOP(by_pointer) {
    const uint16_t *at = from, *end = at + n;
    uint64_t hash = 1;
    (void)more, (void)to;
    while (at != end)
        hash = hash * 33 ^ *at++;
    return (int64_t)hash;
}

RANGE_LOOP(every_third) {
    const uint32_t *a = from;
    uint64_t sum = 0;
    (void)more, (void)to;
    for (long i = 1; i < n; i += 3)
        sum = sum * 3 + a[i];
    return (int64_t)sum;
}

struct range_item {
    uint8_t tag;
    uint32_t value;
    uint64_t weight;
    uint8_t others[5];
};

RANGE_LOOP(fields) {
    const struct range_item *a = from;
    uint64_t sum = 0;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        sum += a[i].tag * a[i].value - a[i].weight * a[i].others[4];
    return (int64_t)sum;
}

RANGE_LOOP(last_field_backwards) {
    const struct range_item *a = from;
    uint64_t hash = 0;
    (void)more, (void)to;
    for (long i = n - 1; i >= 0; i--)
        hash = hash * 5 + a[i].others[4] + a[i].tag * 3u;
    return (int64_t)hash;
}

struct range_packed {
    uint8_t tag;
    int64_t value;
} __attribute__((packed));

RANGE_LOOP(unaligned) {
    const struct range_packed *a = (const void *)((const char *)from + 3);
    uint64_t sum = 0;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        sum = sum * 3 + (uint64_t)a[i].value;
    return (int64_t)sum;
}

RANGE_LOOP(a_stripe_apart) {
    const int64_t *a = from;
    uint64_t hash = 0;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        hash = hash * 3 + (uint64_t)a[i * 8];
    return (int64_t)hash;
}

RANGE_LOOP(neighbours) {
    const uint32_t *a = from;
    uint64_t sum = 0;
    (void)more, (void)to;
    for (long i = 2; i < n - 2; i++)
        sum += (uint64_t)a[i - 2] * a[i + 2] - a[i];
    return (int64_t)sum;
}

RANGE_LOOP(far_neighbours) {
    const int32_t *a = from;
    uint64_t hash = 0;
    (void)more, (void)to;
    for (long i = 0; i < n - 200; i++)
        hash = hash * 3 + (uint32_t)a[i] + (uint32_t)a[i + 200];
    return (int64_t)hash;
}

RANGE_LOOP(matrix) {
    const uint32_t *a = from;
    uint64_t sum = 0;
    long columns = n < 20 ? n : 20;
    (void)more, (void)to;
    for (long row = 0; columns && row < n / columns; row++)
        for (long column = 0; column < columns; column++)
            sum = sum * 3 + a[row * columns + column];
    return (int64_t)sum;
}

RANGE_LOOP(triangle) {
    const int16_t *a = from;
    uint64_t hash = 0;
    (void)more, (void)to;
    for (long end = 0; end < n && end < 40; end++)
        for (long i = 0; i < end; i++)
            hash = hash * 3 + (uint16_t)a[i];
    return (int64_t)hash;
}

RANGE_LOOP(under_a_condition) {
    const int32_t *a = from, *b = more;
    int64_t sum = 0;
    (void)to;
    for (long i = 0; i < n; i++)
        if (a[i] & 1)
            sum += b[i];
    return sum;
}

RANGE_LOOP(through_an_index) {
    const uint8_t *a = from;
    const int64_t *b = more;
    uint64_t hash = 0;
    (void)to;
    for (long i = 0; i < n; i++)
        hash = hash * 3 + (uint64_t)b[a[i] % n];
    return (int64_t)hash;
}

RANGE_LOOP(carried) {
    const int32_t *a = from;
    int64_t last = -1, before = -1, at = 0;
    (void)more, (void)to;
    for (long i = 0; i < n; i++) {
        before = last;
        last = a[i];
        at = i;
    }
    return last * 7 + before * 3 + at;
}

RANGE_LOOP(bound_by_the_loop_before) {
    const uint8_t *a = from, *b = more;
    uint64_t hash = 0;
    long count = 0;
    (void)to;
    for (long i = 0; i < n; i++) {
        hash = hash * 3 + a[i];
        count = a[i];
    }
    for (long i = 0; i < count; i++)
        hash = hash * 3 + b[i];
    return (int64_t)hash;
}

RANGE_LOOP(to_a_local) {
    const int32_t *a = from;
    int32_t copy[64];
    uint64_t hash = 0;
    (void)more, (void)to;
    for (long i = 0; i < n && i < 64; i++)
        copy[i] = a[i] ^ 1;
    for (long i = 0; i < n && i < 64; i++)
        hash = hash * 3 + (uint32_t)copy[i];
    return (int64_t)hash;
}

RANGE_LOOP(many_arrays) {
    const uint32_t *a = from, *b = more;
    uint64_t hash = 0;
    (void)to;
    for (long i = 0; i < n; i++)
        hash = hash * 3 + (a[i] + b[i] + a[n + i] + b[n + i] + a[3 * n + i] + b[3 * n + i]);
    return (int64_t)hash;
}

RANGE_LOOP(twelve) {
    const uint64_t *a = from;
    uint64_t sum = 0;
    (void)more, (void)to;
    for (long k = 0; k < n; k++)
        for (int i = 0; i < 12; i++)
            sum = sum * 3 ^ a[i];
    return (int64_t)sum;
}

RANGE_LOOP(search) {
    const int32_t *a = from;
    (void)more, (void)to;
    for (long i = 0; i < n; i++)
        if (a[i] == 0x12345678)
            return i;
    return -1;
}

RANGE_LOOP(ends_by_itself) {
    const uint8_t *a = from;
    long i = 0;
    (void)more, (void)to;
    while (i < n && a[i])
        i++;
    return i;
}

/* ---- with writes ---- */

RANGE_LOOP(increment) {
    uint32_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[i]++;
    return 0;
}

RANGE_LOOP(running_sum) {
    uint32_t *a = to;
    (void)from, (void)more;
    for (long i = 1; i < n; i++)
        a[i] += a[i - 1];
    return 0;
}

RANGE_LOOP(onto_itself) { /* the bytes that a later iteration reads, through another type */
    const uint8_t *a = to;
    char *b = to;
    (void)from, (void)more;
    for (long i = 0; i < n - 1; i++)
        b[i + 1] = (char)(a[i] + 3);
    return 0;
}

RANGE_LOOP(from_one_to_the_other) {
    const int32_t *restrict a = from;
    int64_t *restrict b = to;
    (void)more;
    for (long i = 0; i < n; i++)
        b[i] = a[i] * 2LL;
    return 0;
}

RANGE_LOOP(by_type) {
    const float *a = from;
    int32_t *b = to;
    (void)more;
    for (long i = 0; i < n; i++)
        b[i] = a[i] > 1;
    return 0;
}

RANGE_LOOP(write_all) {
    uint64_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[i] = (uint64_t)(i * i);
    return 0;
}

RANGE_LOOP(write_backwards) {
    uint16_t *a = (uint16_t *)to + 1;
    (void)from, (void)more;
    for (long i = n; i--;)
        a[i] = (uint16_t)(7 * i);
    return 0;
}

struct three {
    int16_t x, y, z;
};

RANGE_LOOP(write_fields) {
    struct three *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n / 2; i++) {
        a[i].z = (int16_t)i;
        a[i].x = (int16_t)(i + 1);
        a[i].y = (int16_t)(i * 3);
    }
    return 0;
}

RANGE_LOOP(differences) {
    uint32_t *a = to;
    (void)from, (void)more;
    for (long i = n; i-- > 1;)
        a[i] -= a[i - 1];
    return 0;
}

RANGE_LOOP(smooth) {
    uint32_t *a = to;
    uint32_t sum = 0;
    (void)from, (void)more;
    for (long i = 0; i < n; i++) {
        a[i + 1] = a[i] + a[i + 2] / 2 + a[i + 4];
        sum += a[i];
    }
    return sum;
}

RANGE_LOOP(write_two) { /* the second one again, in the next iteration */
    uint64_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++) {
        a[i + 1] = (uint64_t)i;
        a[i] += a[i + 1] ^ 7;
    }
    return 0;
}

RANGE_LOOP(write_every_third) {
    uint16_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[3 * i] = (uint16_t)i;
    return 0;
}

RANGE_LOOP(write_one_field) {
    struct three *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n / 2; i++)
        a[i].y = (int16_t)(a[i].x + a[i].z);
    return 0;
}

RANGE_LOOP(update_fields) {
    struct three *a = to;
    int64_t sum = 0;
    (void)from, (void)more;
    for (long i = 0; i < n / 2; i++) {
        a[i].x = (int16_t)(a[i].x + a[i].y);
        a[i].y = (int16_t)(a[i].y + a[i].z);
        sum += a[i].x;
        a[i].z = (int16_t)(a[i].z + a[i].x);
    }
    return sum;
}

RANGE_LOOP(write_if) {
    uint32_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        if (i % 3)
            a[i] = (uint32_t)i;
    return 0;
}

RANGE_LOOP(written_then_read) {
    uint32_t *a = to;
    int64_t sum = 0;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[i] = (uint32_t)(3 * i);
    for (long i = 0; i < n; i++)
        sum += a[i];
    return sum;
}

/* Where the compiler does not know whether they are the same array. */

RANGE_LOOP(from_one_to_another) {
    const uint32_t *a = from, *b = more;
    uint32_t *c = to;
    for (long i = 0; i < n; i++)
        c[i] = a[i] ^ b[i];
    return 0;
}

RANGE_LOOP(down) {
    uint32_t *a = to, *b = a + n / 3;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 3; i++)
        a[i] = b[i] + 1;
    return 0;
}

RANGE_LOOP(up) { /* each from what was written before */
    uint32_t *a = to, *b = a + n / 3;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 3; i++)
        b[i] = a[i] + 1;
    return 0;
}

RANGE_LOOP(up_backwards) {
    uint32_t *a = to, *b = a + n / 3;
    (void)from, (void)more;
    for (long i = n - n / 3; i--;)
        b[i] = a[i] + 1;
    return 0;
}

RANGE_LOOP(down_backwards) {
    uint32_t *a = to, *b = a + n / 3;
    (void)from, (void)more;
    for (long i = n - n / 3; i--;)
        a[i] = b[i] + 1;
    return 0;
}

RANGE_LOOP(mirrored) {
    uint32_t *a = to;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[i] = a[n - 1 - i] + 1;
    return 0;
}

RANGE_LOOP(wider) { /* other strides */
    uint8_t *a = to;
    int64_t *b = (int64_t *)to + n / 7;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 7; i++)
        b[i] = a[i] + 1;
    return 0;
}

RANGE_LOOP(two_writers) {
    uint32_t *a = to, *b = a + n / 5, *c = a + n / 3;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 3; i++) {
        b[i] = (uint32_t)i;
        c[i] = (uint32_t)-i;
        a[i] = (uint32_t)(i * 2);
    }
    return 0;
}

RANGE_LOOP(exchange) {
    uint32_t *a = to, *b = a + n / 3;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 3; i++) {
        uint32_t x = a[i], y = b[i];
        a[i] = y + 1;
        b[i] = x - 1;
    }
    return 0;
}

RANGE_LOOP(read_after_the_write) { /* of one iteration */
    uint32_t *a = to, *b = a + n % 2;
    uint64_t hash = 0;
    (void)from, (void)more;
    for (long i = 0; i < n - 1; i++) {
        a[i] = (uint32_t)i;
        hash = hash * 3 + b[i];
    }
    return (int64_t)hash;
}

RANGE_LOOP(update_and_read) {
    uint32_t *a = to, *b = a + n / 4;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 4; i++)
        a[i] += b[i];
    return 0;
}

RANGE_LOOP(read_and_update) {
    uint32_t *a = to, *b = a + n / 4;
    (void)from, (void)more;
    for (long i = 0; i < n - n / 4; i++)
        b[i] += a[i];
    return 0;
}

RANGE_LOOP(written_ahead) { /* of what else is read of the array */
    uint32_t *a = to, *b = a + n % 2;
    (void)from, (void)more;
    for (long i = 0; i < n; i++)
        a[i + 9] += a[i + 1] ^ b[i + 3];
    return 0;
}

RANGE_LOOP(written_ahead_backwards) {
    uint32_t *a = to, *b = a + n % 2;
    (void)from, (void)more;
    for (long i = n; i--;)
        a[i] += a[i + 8] ^ b[i + 3];
    return 0;
}

RANGE_LOOP(beside_a_gather) {
    const uint8_t *a = from;
    uint32_t *b = to, *c = b + n / 2;
    (void)more;
    for (long i = 0; i < n; i++)
        b[i] = c[a[i] % n] + 1;
    return 0;
}

static const struct {
    const char *name;
    int64_t (*loop)(const void *from, const void *more, void *to, long n);
} range_loops[] = {
#define LOOP(name) {#name, name}
    LOOP(sum_u8),
    LOOP(sum_u16),
    LOOP(sum_u32),
    LOOP(sum_u64),
    LOOP(sum_u128),
    LOOP(largest_float),
    LOOP(count_doubles),
    LOOP(mixed_widths),
    LOOP(backwards),
    LOOP(both_ways),
    LOOP(by_pointer),
    LOOP(every_third),
    LOOP(fields),
    LOOP(last_field_backwards),
    LOOP(unaligned),
    LOOP(a_stripe_apart),
    LOOP(neighbours),
    LOOP(far_neighbours),
    LOOP(matrix),
    LOOP(triangle),
    LOOP(under_a_condition),
    LOOP(through_an_index),
    LOOP(carried),
    LOOP(bound_by_the_loop_before),
    LOOP(to_a_local),
    LOOP(many_arrays),
    LOOP(twelve),
    LOOP(search),
    LOOP(ends_by_itself),
    LOOP(increment),
    LOOP(running_sum),
    LOOP(onto_itself),
    LOOP(from_one_to_the_other),
    LOOP(by_type),
    LOOP(write_all),
    LOOP(write_backwards),
    LOOP(write_fields),
    LOOP(differences),
    LOOP(smooth),
    LOOP(write_two),
    LOOP(write_every_third),
    LOOP(write_one_field),
    LOOP(update_fields),
    LOOP(write_if),
    LOOP(written_then_read),
    LOOP(from_one_to_another),
    LOOP(down),
    LOOP(up),
    LOOP(up_backwards),
    LOOP(down_backwards),
    LOOP(mirrored),
    LOOP(wider),
    LOOP(two_writers),
    LOOP(exchange),
    LOOP(read_after_the_write),
    LOOP(update_and_read),
    LOOP(read_and_update),
    LOOP(written_ahead),
    LOOP(written_ahead_backwards),
    LOOP(beside_a_gather),
#undef LOOP
};
enum { RANGE_LOOPS = sizeof range_loops / sizeof *range_loops };

#endif
