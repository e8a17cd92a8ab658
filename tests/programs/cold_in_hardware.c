/* Blocks call functions of the C library that nothing else has called. Hardware gives up each time
 * at the dynamic linker, which would bind them, and software calls others in their place: so a
 * block has to run alone once before it can run in hardware. One thread, for the ways to be known;
 * but another is there that has run a block, since the only one is alone anyway. */
#include "check.h"

enum { BLOCKS = STEPS(200000), LAST = 1000 };

static char text[64] __attribute__((aligned(64))) = "12345", copy[64] __attribute__((aligned(64)));
static long sum __attribute__((aligned(64)));

static void adds_one(void) {
    atomic {
        sum++;
    }
}

static void reads_a_number(size_t length) {
    (void)length;
    atomic {
        sum += strtol(text, NULL, 10);
    }
}

static void copies(size_t length) {
    atomic {
        strncpy(copy, text, length);
    }
}

static void compares(size_t length) {
    atomic {
        sum += memcmp(copy, text, length) != 0;
    }
}

static uint64_t in_hardware(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    return statistics.commits_htm;
}

/* How many of the last blocks. */
static uint64_t run(void (*body)(size_t length)) {
    for (size_t i = 0; i < BLOCKS; i++)
        body(i % sizeof text);
    uint64_t before = in_hardware();
    for (size_t i = 0; i < LAST; i++)
        body(i % sizeof text);
    return in_hardware() - before;
}

int main(void) {
    struct check_other other;
    start_other(&other, adds_one);
    uint64_t numbers = run(reads_a_number), copied = run(copies), compared = run(compares);
    end_other(&other);
    printf("in hardware, of the last %d blocks: %" PRIu64 ", %" PRIu64 ", %" PRIu64 "\n", LAST,
           numbers, copied, compared);
    CHECK(!memcmp(copy, text, sizeof text) && sum >= 12345L * BLOCKS);
    if (hardware_runs_blocks())
        CHECK(numbers > LAST / 2 && copied > LAST / 2 && compared > LAST / 2);
    return finish(0);
}
