/* recording.c - what it costs to record a case: slices of time with a recording and without one in
 * turn, in one process. Between two processes the place of the data alone makes differences of some
 * ten percent. How a recording begins, when it watches each block for a moment and writes more
 * often, is not measured. */
#define _GNU_SOURCE
#include "run.h"

#include <unistd.h>

enum { MOST_ROUNDS = 100 };
static const double SLICE = 0.05, SLICE_QUICK = 0.002, SETTLE = 0.05;

/* `AGAIN` is one more without, to see what chance makes of it. */
enum kind { WITHOUT, WITH, AGAIN, KINDS };

static const char *file;
static int rounds;
static double cost[MOST_ROUNDS][KINDS]; /* processor time for an operation */

/* Each round in another order. */
static enum kind kind_of(int round, int slice) {
    return (enum kind)((round + (round % 2 ? KINDS - 1 - slice : slice)) % KINDS);
}

static void begin_slice(enum kind kind) {
    CHECK(kind != WITH || variant_record_start(file));
}

static void end_slice(enum kind kind) {
    CHECK(kind != WITH || (variant_record_stop() && !unlink(file)));
}

/* Beside the threads of the case. */
static void slices_of_one_run(void) {
    for (int round = 0; round < rounds; round++)
        for (int slice = 0; slice < KINDS; slice++) {
            enum kind kind = kind_of(round, slice);
            begin_slice(kind);
            usleep((useconds_t)(1e6 * SETTLE));
            struct bench_progress before = bench_progress(), after;
            do {
                usleep((useconds_t)(1e6 * (bench_quick ? SLICE_QUICK : SLICE)));
                after = bench_progress();
            } while (after.operations == before.operations);
            end_slice(kind);
            cost[round][kind] =
                (after.cpu - before.cpu) / (double)(after.operations - before.operations);
        }
}

/* Of a case that is only itself from its beginning to its end. */
static void slices_of_whole_runs(void) {
    for (int round = 0; round < rounds; round++)
        for (int slice = 0; slice < KINDS; slice++) {
            enum kind kind = kind_of(round, slice);
            struct bench_progress total = {0, 0};
            begin_slice(kind);
            do {
                struct bench_progress one = bench_run_once(NULL);
                total.operations += one.operations;
                total.cpu += one.cpu;
            } while (!bench_quick && total.cpu < SLICE * bench_threads);
            end_slice(kind);
            cost[round][kind] = total.cpu / (double)total.operations;
        }
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Prints the median of how much more `kind` costs, in percent, and the middle half. */
static void print_difference(const char *name, enum kind kind) {
    double percent[MOST_ROUNDS];
    for (int round = 0; round < rounds; round++)
        percent[round] = 100 * (cost[round][kind] / cost[round][WITHOUT] - 1);
    qsort(percent, (size_t)rounds, sizeof *percent, compare);
    printf(" %s=%+.1f,%+.1f,%+.1f", name, percent[rounds / 2], percent[rounds / 4],
           percent[rounds - 1 - rounds / 4]);
}

void bench_run_recorded(const struct bench_case *what, const char *recording, int times) {
    file = recording;
    rounds = times < MOST_ROUNDS ? times : MOST_ROUNDS;
    bench_choose(what);
    if (what->to_the_end)
        slices_of_whole_runs();
    else
        bench_run_once(slices_of_one_run);
    printf("%s %d", what->name, bench_threads);
    print_difference("recording", WITH);
    print_difference("again", AGAIN);
    printf("\n");
}
