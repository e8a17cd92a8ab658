/* Loops over shared arrays, which may be accessed in chunks: all lengths about a chunk's, against the
 * same loops outside blocks. */
#include "../ranges.h"
#include "feature.h"

enum { LONGEST = 1100, SIZE = ROOM(LONGEST) };

static _Alignas(64) unsigned char from[SIZE], more[SIZE], to[SIZE], to_before[SIZE],
    to_expected[SIZE];
static long n;
static int number;
static int64_t got;

static void fill(void) {
    uint32_t x = 1;
    for (int i = 0; i < SIZE; i++) {
        x = x * 1664525 + 1013904223;
        from[i] = (unsigned char)(x >> 24);
        more[i] = (unsigned char)(x >> 16);
        to_before[i] = (unsigned char)(x >> 8);
    }
}

static void prepare(void) {
    memcpy(to, to_before, SIZE);
    got = 0;
}

static void loop(void) {
    atomic {
        got = range_loops[number].loop(from, more, to, n);
    }
}

static void check(void) {
    int64_t expected;
    memcpy(to_expected, to, SIZE);
    memcpy(to, to_before, SIZE);
    expected = range_loops[number].loop(from, more, to, n);
    if (got != expected || memcmp(to, to_expected, SIZE))
        fprintf(stderr, "%s of %ld\n", range_loops[number].name, n);
    CHECK(got == expected);
    CHECK(!memcmp(to, to_expected, SIZE));
}

int main(void) {
    static const long lengths[] = {0,   1,   2,   3,   4,   5,    7,    8,    9,      15,
                                   16,  17,  31,  64,  65,  127,  128,  129,  340,    341,
                                   342, 511, 512, 513, 700, 1023, 1024, 1025, LONGEST};
    fill();
    for (number = 0; number < RANGE_LOOPS; number++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            n = lengths[i];
            prepare();
            loop();
            check();
        }
        n = 9;
        TRY(prepare, loop, check);
    }
}
