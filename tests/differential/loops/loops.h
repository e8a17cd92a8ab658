/* loops.h - for the programs of generate.awk. */
#include "../report.h"

#include <ame/ame.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 1 << 17, INPUTS = 40, MOST_ARRAYS = 3 };

typedef uint64_t loop_function(unsigned char *memory, long n, const long *at, uint64_t key);
#define LOOP(name)                                                                                 \
    __attribute__((noinline)) static uint64_t name(unsigned char *memory, long n, const long *at,  \
                                                   uint64_t key)

static _Alignas(64) unsigned char first[BYTES], expected[BYTES], memory[BYTES];

static uint64_t next_random(void) { /* xorshift (Marsaglia 2003) */
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static uint64_t run(loop_function *loop, long n, const long *at, uint64_t key) {
    uint64_t result;
    atomic {
        result = loop(memory, n, at, key);
    }
    return result;
}

/* Short and long, near each other and far, the same and not. */
static int compare_all(loop_function *const *loops, size_t count) {
    int wrong = 0;
    for (size_t i = 0; i < BYTES; i++)
        first[i] = (unsigned char)(next_random() >> 20);
    for (size_t loop = 0; loop < count; loop++)
        for (int input = 0; input < INPUTS; input++) {
            long n = (long)(next_random() % (input % 4 ? 40 : 700)), at[MOST_ARRAYS];
            for (int i = 0; i < MOST_ARRAYS; i++)
                at[i] = (long)(next_random() % (input % 2 ? 160 : 6000));
            if (input % 5 == 0)
                at[1] = at[0];
            if (input % 7 == 0)
                at[2] = at[1];
            uint64_t key = next_random();
            memcpy(expected, first, BYTES);
            uint64_t result = loops[loop](expected, n, at, key);
            memcpy(memory, first, BYTES);
            if (run(loops[loop], n, at, key) == result && !memcmp(memory, expected, BYTES))
                continue;
            printf("loop%zu: input %d, n %ld, at %ld %ld %ld\n", loop, input, n, at[0], at[1],
                   at[2]);
            wrong = 1;
        }
    return wrong;
}
