/* ame stat: counts, rates and times of a program's blocks. */
#define _GNU_SOURCE
#include "commands.h"
#include "report.h"
#include "runner.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- aborts by reason ---- */

static const char *const reasons[AME__RECORDED_REASONS] = {
    [AME__RECORDED_READ_CHANGED] = "what was read has changed",
    [AME__RECORDED_WOUNDED] = "gave way to an older block",
    [AME__RECORDED_COUNT_CHANGED] = "a count that was read has changed",
    [AME__RECORDED_SERIAL] = "asked to run alone",
    [AME__RECORDED_MEMORY] = "no memory for a log",
    [AME__RECORDED_HTM_CONFLICT] = "conflict in hardware",
    [AME__RECORDED_HTM_CAPACITY] = "too large for hardware",
    [AME__RECORDED_HTM_EXPLICIT] = "hardware gave way to software",
    [AME__RECORDED_HTM_OTHER] = "page fault, interrupt or the like in hardware",
};

struct counts {
    uint64_t of[AME__RECORDED_REASONS];
};

/* Of one block, or of all where `block` is NULL. */
static struct counts count_reasons(const struct trace *trace, const struct trace_block *block) {
    struct counts counts = {0};
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->reason < AME__RECORDED_REASONS && (!block || event->block == block->id))
            counts.of[event->reason] += event->count;
    }
    return counts;
}

static bool in_hardware(size_t reason) {
    return reason >= AME__RECORDED_HTM_CONFLICT && reason <= AME__RECORDED_HTM_OTHER;
}

/* Those of the hardware, or the others; under `title` before the first. */
static void print_reasons(const struct counts *counts, bool hardware, const char *title) {
    for (size_t i = 0; i < AME__RECORDED_REASONS; i++) {
        if (!reasons[i] || !counts->of[i] || in_hardware(i) != hardware)
            continue;
        printf("    %-15s %8s  %s\n", title, short_count(counts->of[i]).text, reasons[i]);
        title = "";
    }
}

/* ---- the whole ---- */

static uint64_t commits(const struct ame__block_totals *total) {
    return total->commits_htm + total->commits_stm + total->commits_serial;
}

static struct ame__block_totals sum_up(const struct trace *trace) {
    struct ame__block_totals sum = {0};
    for (size_t i = 0; i < trace->blocks.count; i++) {
        const struct ame__block_totals *part = &trace->blocks.items[i].total;
        sum.commits_htm += part->commits_htm;
        sum.commits_stm += part->commits_stm;
        sum.commits_serial += part->commits_serial;
        sum.aborts += part->aborts;
        sum.committed_ticks += part->committed_ticks;
    }
    return sum;
}

static void print_count(uint64_t count, const char *what, struct short_text share, const char *of) {
    printf("  %14" PRIu64 "  %-28s %8s%s%s\n", count, what, share.text, *of ? " " : "", of);
}

static void print_whole(const struct report *report) {
    const struct trace *trace = &report->trace;
    struct ame__block_totals sum = sum_up(trace);
    uint64_t end = trace->last_clock.ticks, start = trace->header.start_ticks;
    double seconds = end > start ? (double)(end - start) / report->ticks_per_second : 0;
    double all = (double)commits(&sum), attempts = all + (double)sum.aborts;
    printf("Blocks of process %" PRIu32 ": %.3f s, %zu thread%s\n\n", trace->header.pid, seconds,
           trace->threads.count, trace->threads.count == 1 ? "" : "s");
    struct short_text rate = {"-"};
    if (seconds > 0)
        rate = short_number(all / seconds);
    print_count(commits(&sum), "blocks committed", rate, "in a second");
    print_count(sum.commits_htm, "  in hardware", percent((double)sum.commits_htm, all), "");
    print_count(sum.commits_stm, "  in software", percent((double)sum.commits_stm, all), "");
    print_count(sum.commits_serial, "  alone (serial path)",
                percent((double)sum.commits_serial, all), "");
    print_count(sum.aborts, "attempts aborted", percent((double)sum.aborts, attempts),
                "of attempts");
}

/* ---- one block ---- */

/* Time that one run took: ns, us, ms or s. */
static struct short_text duration(double seconds) {
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};
    struct short_text result;
    size_t i = 0;
    while (i < 3 && seconds < units[i].unit)
        i++;
    snprintf(result.text, sizeof result.text, "%.1f %s", seconds / units[i].unit, units[i].name);
    return result;
}

static int by_commits(const void *a, const void *b) {
    const struct trace_block *x = *(const struct trace_block *const *)a;
    const struct trace_block *y = *(const struct trace_block *const *)b;
    uint64_t first = commits(&x->total) + x->total.aborts;
    uint64_t second = commits(&y->total) + y->total.aborts;
    return (first < second) - (first > second);
}

static void print_alone(const struct report *report, const struct trace_block *block) {
    const char *title = "alone for";
    bool any = false;
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        if (event->block != block->id || event->reason != AME__RECORDED_SERIAL)
            continue;
        const char *why = trace_text(&report->trace, event->why);
        char *place =
            event->my_place
                ? frame_label(&symbols_at(report->symbols, event->my_place - 1)->frames[0])
                : must_copy("at a place that is not known");
        char *before = must_print("    %-15s %8s  %.30s, ", title, short_count(event->count).text,
                                  why ? why : "a call");
        char *line = shorten_label(place, REPORT_WIDTH - strlen(before));
        printf("%s%s\n", before, line);
        free(place);
        free(before);
        free(line);
        title = "";
        any = true;
    }
    if (!any && block->total.commits_serial)
        printf("    %-15s %8s  %s\n", title, short_count(block->total.commits_serial).text,
               block->serial_only ? "the compiler: it has no transactional version"
                                  : "no call: AME_MODE, many aborts, or no other thread");
}

static void print_retries(const struct trace *trace, const struct trace_block *block) {
    uint64_t blocks = 0, woken = 0;
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->block != block->id || event->reason != AME__RECORDED_RETRIED)
            continue;
        blocks += event->count;
        woken += event->repeated;
    }
    if (blocks)
        printf("    %-15s %8s  slept in atomic_retry(), woken %s times\n", "retried",
               short_count(blocks).text, short_count(woken).text);
}

static void print_block(const struct report *report, const struct trace_block *block) {
    const struct ame__block_totals *total = &block->total;
    struct counts counts = count_reasons(&report->trace, block);
    char *label = block_label(&report->trace, report->symbols, block->id);
    char *name = shorten_label(label, REPORT_WIDTH - 2);
    printf("\n  %s\n", name);
    printf("    %-15s %8s  hardware %s, software %s, alone %s", "committed",
           short_count(commits(total)).text, short_count(total->commits_htm).text,
           short_count(total->commits_stm).text, short_count(total->commits_serial).text);
    if (commits(total))
        printf("; %s each", duration((double)total->committed_ticks / report->ticks_per_second /
                                     (double)commits(total))
                                .text);
    printf("\n    %-15s %8s  %s of attempts\n", "aborted", short_count(total->aborts).text,
           percent((double)total->aborts, (double)(total->aborts + commits(total))).text);
    print_reasons(&counts, false, "in software");
    if (total->left_hardware)
        printf("    %-15s %8s  commits in software, after attempts in hardware\n", "moved",
               short_count(total->left_hardware).text);
    if (total->merged)
        printf("    %-15s %8.1f  counts each commit\n", "merged",
               (double)total->merged / (double)total->timed);
    if (total->allocated_most)
        printf("    %-15s %8s  bytes each commit, at most %s\n", "allocated",
               short_count(total->allocated / (total->timed ? total->timed : 1)).text,
               short_count(total->allocated_most).text);
    print_retries(&report->trace, block);
    print_reasons(&counts, true, "left hardware");
    print_alone(report, block);
    free(label);
    free(name);
}

static void print_blocks(const struct report *report) {
    const struct trace *trace = &report->trace;
    const struct trace_block **sorted = must_resize(NULL, trace->blocks.count + 1, sizeof *sorted);
    for (size_t i = 0; i < trace->blocks.count; i++)
        sorted[i] = &trace->blocks.items[i];
    qsort(sorted, trace->blocks.count, sizeof *sorted, by_commits);
    for (size_t i = 0; i < trace->blocks.count; i++)
        if (commits(&sorted[i]->total) + sorted[i]->total.aborts)
            print_block(report, sorted[i]);
    free(sorted);
}

void stat_print(const struct report *report) {
    print_whole(report);
    report_notes(report);
    report_time(report);
    printf("\nBlocks\n");
    print_blocks(report);
}

static int print_statistics(const char *input) {
    struct report report = {0};
    if (!report_open(&report, input))
        return EXIT_FAILURE;
    stat_print(&report);
    report_close(&report);
    return finish_output();
}

/* ---- the command ---- */

/* The statistics go to standard error: standard output is the program's. */
static int run_and_print(char **arguments, bool software) {
    const char *parent = getenv("TMPDIR");
    char *directory = must_print("%s/ame-stat-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(directory)) {
        complain("cannot make the directory %s: %s; set TMPDIR", directory, strerror(errno));
        free(directory);
        return EXIT_FAILURE;
    }
    char *file = must_print("%s/data", directory);
    bool ran;
    int result = runner_run(arguments, file, software, &ran);
    if (ran && access(file, F_OK)) {
        complain("the program ran no atomic block; was it built with `ame cc`?");
    } else if (ran) {
        fflush(stdout);
        if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0 || print_statistics(file))
            result = result ? result : EXIT_FAILURE;
    }
    unlink(file);
    if (rmdir(directory)) /* its child processes have recorded too */
        complain("recordings of other processes are left in %s", directory);
    free(file);
    free(directory);
    return result;
}

int command_stat(int count, char **arguments) {
    static const struct option options[] = {{"input", required_argument, NULL, 'i'},
                                            {"software", no_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    const char *input = NULL;
    bool software = false;
    for (int option; (option = getopt_long(count, arguments, "+:i:s", options, NULL)) != -1;) {
        if (option != 'i' && option != 's') {
            complain(option == ':' ? "stat: %s needs a value; see `ame help stat`"
                                   : "stat: unknown option %s; see `ame help stat`",
                     arguments[optind - 1]);
            return EXIT_USAGE;
        }
        if (option == 'i')
            input = optarg;
        else
            software = true;
    }
    if ((optind < count) == (input != NULL) || (input && software)) {
        complain("stat: name the program to run, or a recording with -i; see `ame help stat`");
        return EXIT_USAGE;
    }
    return input ? print_statistics(input) : run_and_print(arguments + optind, software);
}
