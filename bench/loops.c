/* What loops over shared arrays cost in a block that runs in software, beside the same loop in
 * plain code: nanoseconds for an iteration, the least of some rounds, for arrays of four lengths.
 * Most read and write in chunks (llvm-pass/Chunks.cpp). */
#include <ame/ame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LENGTHS = 4, ROUNDS = 9, LONGEST = 1 << 22, ITERATIONS = 1 << 16 };
static const long lengths[LENGTHS] = {4, 16, 1 << 12, LONGEST};

struct point {
    float x, y, z;
};

struct large {
    long value, others[15];
};

static char *memory, *more; /* room for LONGEST points */

/* ---- the loops ---- */

#define LOOP(name) __attribute__((noinline)) static long name(long n)

LOOP(sum_of_longs) {
    const long *a = (const long *)memory;
    long sum = 0;
    for (long i = 0; i < n; i++)
        sum += a[i];
    return sum;
}

LOOP(sum_of_ints) {
    const int *a = (const int *)memory;
    long sum = 0;
    for (int i = 0; i < (int)n; i++)
        sum += a[i];
    return sum;
}

LOOP(sum_of_bytes) {
    const unsigned char *a = (const unsigned char *)memory;
    long sum = 0;
    for (long i = 0; i < n; i++)
        sum += a[i];
    return sum;
}

LOOP(sum_of_doubles) {
    const double *a = (const double *)memory;
    double sum = 0;
    for (long i = 0; i < n; i++)
        sum += a[i];
    return (long)sum;
}

LOOP(dot_product) {
    const float *a = (const float *)memory, *b = (const float *)more;
    float sum = 0;
    for (long i = 0; i < n; i++)
        sum += a[i] * b[i];
    return (long)sum;
}

LOOP(largest_backwards) {
    const int *a = (const int *)memory;
    int largest = 0;
    for (long i = n; i--;)
        largest = a[i] > largest ? a[i] : largest;
    return largest;
}

LOOP(points) {
    const struct point *a = (const struct point *)memory;
    double sum = 0;
    for (long i = 0; i < n; i++)
        sum += (double)(a[i].x * a[i].y + a[i].z);
    return (long)sum;
}

LOOP(one_field) {
    const struct point *a = (const struct point *)memory;
    float largest = 0;
    for (long i = 0; i < n; i++)
        largest = a[i].y > largest ? a[i].y : largest;
    return (long)largest;
}

LOOP(matrix) { /* of rows of 64 */
    const int *a = (const int *)memory;
    long sum = 0, columns = n < 64 ? n : 64;
    for (long row = 0; row < n / columns; row++)
        for (long column = 0; column < columns; column++)
            sum += a[row * columns + column] * row;
    return sum;
}

LOOP(smoothed) {
    const int *a = (const int *)memory;
    long sum = 0;
    for (long i = 1; i < n - 1; i++)
        sum += (a[i - 1] + 2 * a[i] + a[i + 1]) >> 2;
    return sum;
}

LOOP(condition) {
    const int *a = (const int *)memory;
    long sum = 0;
    for (long i = 0; i < n; i++)
        if (a[i] & 1)
            sum += i;
    return sum;
}

LOOP(search) {
    const int *a = (const int *)memory;
    for (long i = 0; i < n; i++)
        if (a[i] == -1)
            return i;
    return n;
}

LOOP(gather) {
    const unsigned char *a = (const unsigned char *)memory;
    const long *b = (const long *)more;
    long sum = 0;
    for (long i = 0; i < n; i++)
        sum += b[a[i]];
    return sum;
}

LOOP(far_apart) {
    const struct large *a = (const struct large *)memory;
    long sum = 0;
    for (long i = 0; i < n / 16; i++)
        sum += a[i].value;
    return sum;
}

LOOP(increment) {
    int *a = (int *)memory;
    for (long i = 0; i < n; i++)
        a[i]++;
    return 0;
}

LOOP(numbers) {
    long *a = (long *)memory;
    for (long i = 0; i < n; i++)
        a[i] = i * 3;
    return 0;
}

LOOP(scaled) {
    const long *a = (const long *)memory;
    long *b = (long *)more;
    for (long i = 0; i < n; i++)
        b[i] = a[i] * 3;
    return 0;
}

LOOP(shifted) {
    long *a = (long *)memory, *b = a + n / 2;
    for (long i = 0; i < n; i++)
        a[i] = b[i] + 1;
    return 0;
}

LOOP(every_other) {
    long *a = (long *)memory;
    for (long i = 0; i < n; i += 2)
        a[i] = i;
    return 0;
}

static const struct {
    const char *name;
    long (*loop)(long);
} loops[] = {
    {"sum of longs", sum_of_longs},
    {"sum of ints", sum_of_ints},
    {"sum of bytes", sum_of_bytes},
    {"sum of doubles", sum_of_doubles},
    {"dot product of floats", dot_product},
    {"largest int, backwards", largest_backwards},
    {"struct of 3 floats", points},
    {"one of its fields", one_field},
    {"matrix, rows of 64", matrix},
    {"3 neighbours", smoothed},
    {"sum under a condition", condition},
    {"through an index", gather},
    {"search", search},
    {"128 bytes apart", far_apart},
    {"increment", increment},
    {"numbers", numbers},
    {"scaled", scaled},
    {"shifted", shifted},
    {"every other", every_other},
};

/* ---- measuring ---- */

static volatile long result;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double time_of(long (*loop)(long), long n, long repeats) {
    double began = now();
    for (long i = 0; i < repeats; i++)
        result = loop(n);
    return (now() - began) / (double)repeats / (double)n;
}

static double time_in_block(long (*loop)(long), long n, long repeats) {
    double began = now();
    long last = 0;
    atomic {
        for (long i = 0; i < repeats; i++)
            last = loop(n);
    }
    result = last;
    return (now() - began) / (double)repeats / (double)n;
}

static void keep_least(double *least, double time) {
    if (*least == 0 || time < *least)
        *least = time;
}

int main(void) {
    setenv("AME_MODE", "stm", 1);
    memory = aligned_alloc(64, LONGEST * sizeof(struct point));
    more = aligned_alloc(64, LONGEST * sizeof(struct point));
    if (!memory || !more)
        return 1;
    memset(memory, 0, LONGEST * sizeof(struct point));
    memset(more, 0, LONGEST * sizeof(struct point));
    printf("%-24s", "length");
    for (int k = 0; k < LENGTHS; k++)
        printf("%22ld", lengths[k]);
    printf("\n");
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        printf("%-24s", loops[i].name);
        for (int k = 0; k < LENGTHS; k++) {
            long repeats = lengths[k] < ITERATIONS ? ITERATIONS / lengths[k] : 1;
            double plain = 0, block = 0;
            for (int round = 0; round < ROUNDS; round++) {
                keep_least(&plain, time_of(loops[i].loop, lengths[k], repeats));
                keep_least(&block, time_in_block(loops[i].loop, lengths[k], repeats));
            }
            printf("  %5.2f %5.2f (%5.2f)", plain, block, block / plain);
        }
        printf("\n");
    }
    return 0;
}
