/* barriers.c - what a block costs, and a read, a write, or both, in a block. Each thread has its
 * own memory, so nothing conflicts. The memory is walked in an order that no vector instruction
 * follows; eight of its words share a stripe. */
#include "harness.h"

enum { CELLS = 1024, ACCESSES = 1000, BLOCKS = 1000, STEP = 37 };

/* More than hardware transactions hold. */
enum { LINES_READ = 8192, LINES_WRITTEN = 1024 };

static struct cells {
    alignas(64) long cell[CELLS];
} cells_of[BENCH_THREADS];
static struct lines {
    alignas(64) long cell;
} lines_of[BENCH_THREADS][LINES_READ];
static long sink[BENCH_THREADS][8];

static long empty_blocks(struct worker *self) {
    for (int i = 0; i < BLOCKS; i++) {
        compiler_fence();
        ATOMIC {}
    }
    self->tally = 0;
    return BLOCKS;
}

static long one_read(struct worker *self) {
    struct cells *own = &cells_of[self->number];
    for (int i = 0; i < BLOCKS; i++) {
        long value;
        ATOMIC {
            value = own->cell[i];
        }
        __asm__ volatile("" ::"r"(value));
        compiler_fence();
    }
    return BLOCKS;
}

static long one_write(struct worker *self) {
    struct cells *own = &cells_of[self->number];
    for (int i = 0; i < BLOCKS; i++) {
        ATOMIC {
            own->cell[i] = i;
        }
        compiler_fence();
    }
    return BLOCKS;
}

static long reads(struct worker *self) {
    struct cells *own = &cells_of[self->number];
    long sum = 0;
    ATOMIC {
        for (unsigned i = 0; i < ACCESSES; i++)
            sum += own->cell[i * STEP % CELLS];
    }
    sink[self->number][0] = sum;
    return ACCESSES;
}

static long writes(struct worker *self) {
    struct cells *own = &cells_of[self->number];
    ATOMIC {
        for (unsigned i = 0; i < ACCESSES; i++)
            own->cell[i * STEP % CELLS] = i * STEP % CELLS;
    }
    compiler_fence();
    return ACCESSES;
}

static long updates(struct worker *self) {
    struct cells *own = &cells_of[self->number];
    ATOMIC {
        for (unsigned i = 0; i < ACCESSES; i++)
            own->cell[i * STEP % CELLS]++;
    }
    compiler_fence();
    self->tally += ACCESSES;
    return ACCESSES;
}

static long read_lines(struct worker *self) {
    struct lines *own = lines_of[self->number];
    long sum = 0;
    ATOMIC {
        for (unsigned i = 0; i < LINES_READ; i++)
            sum += own[i * STEP % LINES_READ].cell;
    }
    sink[self->number][0] = sum;
    return LINES_READ;
}

static long update_lines(struct worker *self) {
    struct lines *own = lines_of[self->number];
    ATOMIC {
        for (unsigned i = 0; i < LINES_WRITTEN; i++)
            own[i * STEP % LINES_WRITTEN].cell++;
    }
    compiler_fence();
    self->tally += LINES_WRITTEN;
    return LINES_WRITTEN;
}

static void clear(void) {
    memset(cells_of, 0, sizeof cells_of);
    for (int t = 0; t < bench_threads; t++)
        memset(lines_of[t], 0, sizeof lines_of[t]);
}

static void check_zero(long tally, long operations) {
    (void)tally, (void)operations;
    for (int t = 0; t < BENCH_THREADS; t++)
        for (int i = 0; i < CELLS; i++)
            CHECK(cells_of[t].cell[i] == 0 && sink[t][0] == 0);
}

static void check_written(long tally, long operations) {
    (void)tally, (void)operations;
    for (int t = 0; t < bench_threads; t++)
        for (int i = 0; i < CELLS; i++)
            CHECK(cells_of[t].cell[i] == i || cells_of[t].cell[i] == 0);
}

static void check_updated(long tally, long operations) {
    long sum = 0;
    for (int t = 0; t < bench_threads; t++)
        for (int i = 0; i < CELLS; i++)
            sum += cells_of[t].cell[i];
    CHECK(sum == tally && sum == operations);
}

static void check_lines(long tally, long operations) {
    long sum = 0;
    for (int t = 0; t < bench_threads; t++)
        for (int i = 0; i < LINES_READ; i++)
            sum += lines_of[t][i].cell;
    CHECK(sum == tally && (sum == 0 || sum == operations));
}

static const struct bench_case cases[] = {
    {"empty_block", clear, empty_blocks, check_zero, false},
    {"block_of_1_read", clear, one_read, check_zero, false},
    {"block_of_1_write", clear, one_write, check_written, false},
    {"read_in_1000", clear, reads, check_zero, false},
    {"write_in_1000", clear, writes, check_written, false},
    {"update_in_1000", clear, updates, check_updated, false},
    {"block_reads_8192_lines", clear, read_lines, check_lines, false},
    {"block_updates_1024_lines", clear, update_lines, check_lines, false},
};
BENCH_CASES(cases)
