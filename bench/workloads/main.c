/* main.c - the command line of the programs. */
#include "run.h"

#include <unistd.h>

enum { MOST_CASES = 64 };

static const struct bench_case *cases[MOST_CASES];
static const struct bench_long_case *long_cases[MOST_CASES];
static int case_count, long_case_count;

void bench_register(const struct bench_case *one) {
    CHECK(case_count < MOST_CASES);
    cases[case_count++] = one;
}

void bench_register_long(const struct bench_long_case *one) {
    CHECK(long_case_count < MOST_CASES);
    long_cases[long_case_count++] = one;
}

static int usage(void) {
    fprintf(stderr,
            "usage: workloads [--quick] [--recording FILE ROUNDS] CASE|all THREADS (1 to %d)\n"
            "       workloads list\n",
            BENCH_THREADS);
    return STATUS_USAGE;
}

static int list(void) {
    for (int i = 0; i < case_count; i++)
        printf("short %s\n", cases[i]->name);
    for (int i = 0; i < long_case_count; i++)
        printf("long %s\n", long_cases[i]->name);
    return 0;
}

static bool chosen(const char *asked, const char *name) {
    return !strcmp(asked, "all") || !strcmp(asked, name);
}

static int run_recorded(const char *asked, int threads, const char *file, int rounds) {
    int found = 0;
    /* What is there already is somebody's, and the recordings are removed. */
    if (!access(file, F_OK) || !variant_record_start(file)) {
        fprintf(stderr, "%s: records nothing, or not into %s\n", VARIANT_NAME, file);
        return STATUS_CANNOT;
    }
    variant_record_stop();
    remove(file);
    for (int i = 0; i < case_count; i++)
        if (chosen(asked, cases[i]->name) && ++found) {
            bench_threads = threads;
            bench_run_recorded(cases[i], file, rounds);
        }
    return found ? 0 : usage();
}

static int run(const char *asked, int threads) {
    int found = 0;
    for (int i = 0; i < case_count; i++)
        if (chosen(asked, cases[i]->name) && ++found) {
            bench_threads = threads;
            bench_run_case(cases[i]);
        }
    for (int i = 0; i < long_case_count; i++)
        if (chosen(asked, long_cases[i]->name) && ++found)
            bench_run_long_case(long_cases[i]);
    return found ? 0 : usage();
}

int main(int count, char **arguments) {
    if (count == 2 && !strcmp(arguments[1], "list"))
        return list();
    const char *recording = NULL;
    int rounds = 0;
    if (count > 3 && !strcmp(arguments[1], "--quick")) {
        bench_quick = true;
        arguments++;
        count--;
    }
    if (count == 6 && !strcmp(arguments[1], "--recording")) {
        recording = arguments[2];
        rounds = atoi(arguments[3]);
        if (rounds < 1)
            return usage();
        arguments += 3;
        count -= 3;
    }
    int threads = count == 3 ? atoi(arguments[2]) : 0;
    if (threads < 1 || threads > BENCH_THREADS)
        return usage();
    const char *obstacle = variant_obstacle(threads);
    if (obstacle) {
        fprintf(stderr, "%s: %s\n", VARIANT_NAME, obstacle);
        return STATUS_CANNOT;
    }
    return recording ? run_recorded(arguments[1], threads, recording, rounds)
                     : run(arguments[1], threads);
}
