/* harness.h - what the workloads share.
 *
 * Each workload is one file, compiled once for each variant: VARIANT is the header of variants/
 * that says what ATOMIC (before a block) and PURE (on a function that touches no shared memory, or
 * knows what it does) mean there. A block is left at its end only: no break, return or goto out of
 * it.
 *
 * A file describes its cases, in one of the two forms below, and hands them to BENCH_CASES or
 * BENCH_LONG_CASES; the programs are made of all files, and run one case at a time. */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include VARIANT

enum { BENCH_THREADS = 64 };

/* One thread of a case. */
struct worker {
    alignas(64) int number; /* 0 to bench_threads - 1 */
    uint64_t random;
    long tally; /* for the case's own use; 0 at first */
    long operations;
    double began, ended, cpu; /* seconds; cpu: how long it had a processor */
};

/* Short blocks: how many operations a second. */
struct bench_case {
    const char *name;
    void (*set_up)(void);
    /* Some operations, for about a millisecond at most unless they are one piece of work;
     * returns how many, and 0 when nothing is left to do. */
    long (*work)(struct worker *self);
    /* After all threads have ended: CHECKs the result and frees it. `tally` is the sum of the
     * workers' tallies, `operations` that of their operations. */
    void (*check)(long tally, long operations);
    bool to_the_end; /* the work ends by itself, and only all of it can be checked */
};

/* One long block, alone and beside a thread that runs short ones. */
struct bench_long_case {
    const char *name;
    void (*set_up)(void);
    void (*block)(void);                 /* runs the block, which begins with bench_try() */
    long (*update)(struct worker *self); /* as `work` above */
    void (*check)(void);
};

#define BENCH_CASES(cases)                                                                         \
    __attribute__((constructor)) static void register_cases(void) {                                \
        for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                               \
            bench_register(&(cases)[i]);                                                           \
    }
#define BENCH_LONG_CASES(cases)                                                                    \
    __attribute__((constructor)) static void register_cases(void) {                                \
        for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                               \
            bench_register_long(&(cases)[i]);                                                      \
    }
void bench_register(const struct bench_case *one);
void bench_register_long(const struct bench_long_case *one);

extern int bench_threads;        /* of the case that runs */
extern long bench_threads_begun; /* of all cases; for harness.c */
extern bool bench_quick;         /* small data, to see that all is right */

/* ---- for all code ---- */

/* Also called in blocks, where it must speak at once. */
PURE __attribute__((noreturn)) void bench_fail(const char *file, int line, const char *what);

#define CHECK(condition) ((condition) ? (void)0 : bench_fail(__FILE__, __LINE__, #condition))

/* Seconds. */
PURE double bench_clock(void);

/* A long block has begun, once more. */
PURE void bench_try(void);

/* A long block tells how many bytes it has written to fresh memory, in how many seconds. */
PURE void bench_fresh_memory(double bytes, double seconds);

/* xorshift64* (Vigna 2016). For use outside blocks, that all variants draw the same. */
static inline uint64_t next_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}

/* 0 to below - 1, from the high bits of a random number. */
static inline long random_below(uint64_t *state, long below) {
    return (long)((next_random(state) >> 32) * (uint64_t)below >> 32);
}

/* Outside blocks: the compiler may not keep memory in registers across it, nor drop a loop that
 * has it. */
static inline void compiler_fence(void) {
    __asm__ volatile("" ::: "memory");
}

/* Outside blocks: memory that a case can't do without. */
static inline void *bench_allocate(size_t size) {
    void *memory = calloc(1, size);
    CHECK(memory);
    return memory;
}

#endif
