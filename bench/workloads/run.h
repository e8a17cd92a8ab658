/* run.h - what main.c uses of the two ways to run a case. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "harness.h"

enum {
    STATUS_WRONG = 1, /* a result */
    STATUS_USAGE = 2,
    STATUS_CANNOT = 3,  /* the variant can't run this here */
    STATUS_ENDLESS = 4, /* a long block did not come to an end */
};

static const uint64_t SEED = UINT64_C(0x9E3779B97F4A7C15);

/* harness.c: prints `NAME THREADS mops=... least=... cpu=...` and what the variant adds. `least` is
 * the fewest operations of a thread over the mean, `cpu` the part of the time that a thread had a
 * processor. */
void bench_run_case(const struct bench_case *what);

/* recording.c: prints `NAME THREADS recording=... again=...`: how much more processor time an
 * operation takes with a recording into `file`, which is removed, in percent, and once more without
 * one, which only chance changes: median of at most 100 rounds and middle half. */
void bench_run_recorded(const struct bench_case *what, const char *file, int rounds);

/* long.c: prints `NAME 2 updates=... alone=... memory=... beside=... long_tries=...
 * updates_beside=...`: million updates a second, milliseconds for a block, MB that the first blocks
 * took, tries for a block that committed; `endless` for a block that took too long, with
 * STATUS_ENDLESS. */
void bench_run_long_case(const struct bench_long_case *what);

struct bench_progress {
    long operations;
    double cpu; /* seconds, of all threads */
};

/* Chooses the case for the calls below. */
void bench_choose(const struct bench_case *what);

/* Runs it from set-up to check: to its end, or, with `meanwhile`, till that returns. */
struct bench_progress bench_run_once(void (*meanwhile)(void));

/* For `meanwhile`: what the threads have done so far. */
struct bench_progress bench_progress(void);

/* Binds the calling thread to a processor of its own if there are enough for all. */
void bench_pin(int number);

#endif
