/* main.c - options, and the order of things: read, link, walk, report. */
#define _POSIX_C_SOURCE 200809L
#include "graph.h"
#include "index.h"
#include "message.h"
#include "report.h"
#include "walk.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_UNUSABLE = 1, EXIT_USAGE = 2 };
enum { THREADS_MAX = 1024, REPEAT_MAX = 1000 };

struct options {
    const char *path;
    enum count_kind count;
    bool count_given;
    bool threads_given;
    bool serial;
    bool time;
    unsigned threads; /* 0: one for each processor */
    unsigned repeat;
};

static const char help[] =
    "usage: pkggraph [options] [FILE]\n"
    "Walks the dependency closure of every package in a Debian package index, one\n"
    "atomic block for each, and shows the heaviest closures and most needed packages.\n"
    "FILE: the index (default /var/lib/dpkg/status; \"-\": standard input)\n"
    "\n"
    "  --threads N          run blocks on N threads (default: one for each processor)\n"
    "  --count commutative  count in an ame_counter: blocks do not conflict (default)\n"
    "  --count plain        count in a long: nearly all blocks conflict\n"
    "  --serial             plain C in one thread, without any block\n"
    "  --repeat N           walk N times (the last walk is shown)\n"
    "  --time               print times on standard error; of walks, the median\n"
    "  --help               this text\n"
    "\n"
    "Exit status: 0 success, 1 the index or a resource is not usable, 2 wrong usage.\n";

/* ---- options ---- */

static bool parse_number(const char *option, const char *text, unsigned max, unsigned *number) {
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || value < 1 || value > max) {
        message("--%s %s: not a number from 1 to %u", option, text, max);
        return false;
    }
    *number = (unsigned)value;
    return true;
}

static bool parse_count(const char *text, struct options *options) {
    options->count_given = true;
    options->count = strcmp(text, "plain") == 0 ? COUNT_PLAIN : COUNT_COMMUTATIVE;
    if (options->count == COUNT_PLAIN || strcmp(text, "commutative") == 0)
        return true;
    message("--count %s: give plain or commutative", text);
    return false;
}

static bool parse_option(int option, struct options *options) {
    switch (option) {
    case 't':
        options->threads_given = true;
        return parse_number("threads", optarg, THREADS_MAX, &options->threads);
    case 'r':
        return parse_number("repeat", optarg, REPEAT_MAX, &options->repeat);
    case 'c':
        return parse_count(optarg, options);
    case 's':
        return options->serial = true;
    case 'T':
        return options->time = true;
    default: /* getopt_long has said what is wrong */
        return false;
    }
}

static bool parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {{"threads", required_argument, NULL, 't'},
                                          {"count", required_argument, NULL, 'c'},
                                          {"serial", no_argument, NULL, 's'},
                                          {"repeat", required_argument, NULL, 'r'},
                                          {"time", no_argument, NULL, 'T'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            exit(EXIT_SUCCESS);
        }
        if (!parse_option(option, options))
            return false;
    }
    if (optind < argc)
        options->path = argv[optind++];
    if (optind < argc)
        message("%s: one index at a time; leave this argument out", argv[optind]);
    else if (options->serial && (options->count_given || options->threads_given))
        message("--serial runs no blocks; leave --threads and --count out");
    else
        return true;
    return false;
}

/* ---- times ---- */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int compare_times(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* ---- the program ---- */

static bool walk(const struct options *options, struct graph *graph, struct results *results) {
    double times[REPEAT_MAX];
    for (unsigned i = 0; i < options->repeat; i++) {
        results_clear(results, graph);
        double began = now();
        int error = options->serial
                        ? walk_serially(graph, results)
                        : walk_in_blocks(graph, results, options->count, options->threads);
        times[i] = now() - began;
        if (error) {
            message("the walk stopped: %s", ame_strerror(error));
            return false;
        }
    }
    qsort(times, options->repeat, sizeof *times, compare_times);
    if (options->time)
        fprintf(stderr, "loop: %.6f s\n", times[options->repeat / 2]);
    return true;
}

static bool write_report(const struct index *index, const struct graph *graph,
                         const struct results *results) {
    report(stdout, index, graph, results);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    message("standard output: %s; make room there", strerror(errno));
    return false;
}

static bool walk_and_report(const struct options *options, const struct index *index,
                            struct graph *graph) {
    struct results results;
    if (!results_init(&results, graph)) {
        message("out of memory for the results; give a smaller index");
        return false;
    }
    bool done = walk(options, graph, &results) && write_report(index, graph, &results);
    results_free(&results);
    return done;
}

static bool run(const struct options *options) {
    struct index index;
    struct graph graph;
    double began = now();
    if (!index_read(&index, options->path))
        return false;
    bool done = graph_build(&graph, &index);
    if (done) {
        if (options->time)
            fprintf(stderr, "load: %.6f s\n", now() - began);
        done = walk_and_report(options, &index, &graph);
        graph_free(&graph);
    }
    index_free(&index);
    return done;
}

int main(int argc, char **argv) {
    struct options options = {
        .path = "/var/lib/dpkg/status", .count = COUNT_COMMUTATIVE, .repeat = 1};
    if (!parse_options(argc, argv, &options)) {
        fputs("Try 'pkggraph --help'.\n", stderr);
        return EXIT_USAGE;
    }
    return run(&options) ? EXIT_SUCCESS : EXIT_UNUSABLE;
}
