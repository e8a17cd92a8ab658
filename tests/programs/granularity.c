/* Neighbours in one word: bytes, halves and bit-fields that different threads
 * change in blocks, and bytes beside them that are changed outside blocks. A write
 * or an undo may touch nothing but what the program writes. */
#include "check.h"

enum { BLOCK_THREADS = 4 };

static _Alignas(64) struct {
    unsigned char in_blocks[BLOCK_THREADS]; /* one thread each, in blocks */
    unsigned char outside[4];               /* one thread, never in a block */
    uint16_t half;                          /* all, in blocks */
    uint8_t outside_too;
    uint8_t all;
    uint32_t bits_low : 7, bits_middle : 13, bits_high : 12; /* all, in blocks */
} shared;

static int ended;                  /* threads that have; outside the runtime's sight */
static long halves, lows, middles; /* how often, counted in the same blocks */

static void in_blocks(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(20000); i++) {
        unsigned char expected = (unsigned char)i;
        uint64_t r = next_random(&random);
        atomic {
            CHECK(shared.in_blocks[number] == expected);
            shared.in_blocks[number]++;
            shared.all++;
            linger(r);
            if (i % 2) {
                shared.half++;
                halves++;
                shared.bits_low++;
                lows++;
            } else {
                shared.bits_middle++;
                middles++;
                shared.bits_high = shared.bits_middle & 0xfff;
            }
            CHECK(shared.bits_low == (lows & 127));
        }
        /* Its own byte, changed outside blocks: nobody else writes it. */
        shared.in_blocks[number] ^= 1;
        CHECK(shared.in_blocks[number] == ((unsigned char)(expected + 1) ^ 1));
        shared.in_blocks[number] ^= 1;
    }
}

static void outside(void) {
    volatile unsigned char *bytes = shared.outside;
    volatile uint8_t *other = &shared.outside_too;
    for (unsigned i = 0; __atomic_load_n(&ended, __ATOMIC_RELAXED) < BLOCK_THREADS; i++) {
        CHECK(bytes[i % 4] == (unsigned char)(i / 4));
        bytes[i % 4]++;
        CHECK(*other == (uint8_t)i);
        ++*other;
        if (i % 256 == 0)
            sched_yield();
    }
}

static void work(int number) {
    if (number < BLOCK_THREADS)
        in_blocks(number);
    else
        outside();
    __atomic_add_fetch(&ended, 1, __ATOMIC_RELAXED);
}

int main(void) {
    run_threads(BLOCK_THREADS + 1, work);
    long steps = STEPS(20000);
    for (int i = 0; i < BLOCK_THREADS; i++)
        CHECK(shared.in_blocks[i] == (unsigned char)steps);
    CHECK(halves == BLOCK_THREADS * steps / 2 && shared.half == (uint16_t)halves);
    CHECK(shared.bits_low == (lows & 127) && shared.bits_middle == (middles & 0x1fff));
    CHECK(shared.bits_high == (middles & 0xfff));
    CHECK(shared.all == (uint8_t)(BLOCK_THREADS * steps));
    return finish(0);
}
