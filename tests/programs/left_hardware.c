/* A block that mostly fits into hardware and now and then does not: then it runs alone if it is
 * short, and in software if it takes long. One thread, for the ways to be known; but another is
 * there that has run a block, since the only one is alone anyway. */
#include "check.h"

enum {
    LINES = 1024, /* more than hardware can write */
    EACH = 16,
    RUNS = 200,
    SPINS = 300000
};

static struct {
    _Alignas(64) long value;
} lines[LINES];

static void adds_one(void) {
    atomic {
        lines[0].value++;
    }
}

static void write_lines(int count, int spins) {
    for (volatile int i = 0; i < spins; i++)
        ;
    for (int i = 0; i < count; i++)
        lines[i].value++;
}

static void short_block(int count) {
    atomic {
        write_lines(count, 0);
    }
}

static void long_block(int count) {
    atomic {
        write_lines(count, count == LINES ? SPINS : 0);
    }
}

/* Of the blocks that did not fit, how many ran alone. */
static uint64_t run(void (*block)(int count)) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    for (int i = 1; i <= RUNS * EACH; i++)
        block(i % EACH ? 1 : LINES);
    ame_get_statistics(&after);
    return after.commits_serial - before.commits_serial;
}

int main(void) {
    struct check_other other;
    start_other(&other, adds_one);
    uint64_t of_short = run(short_block), of_long = run(long_block);
    end_other(&other);
    printf("alone, of %d: %" PRIu64 " short, %" PRIu64 " long\n", RUNS, of_short, of_long);
    CHECK(lines[0].value == 2 * RUNS * EACH + 1 && lines[LINES - 1].value == 2 * RUNS);
    if (hardware_runs_blocks() && !SANITIZED) {
        CHECK(of_short > RUNS / 2);
        CHECK(of_long < RUNS / 10);
    }
    return finish(0);
}
