#include "report.h"

#include "commands.h"
#include "debuginfo.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct short_text report_seconds(const struct report *report, double ticks) {
    struct short_text result;
    snprintf(result.text, sizeof result.text, "%.3f s", ticks / report->ticks_per_second);
    return result;
}

struct short_text report_share(const struct report *report, double ticks) {
    return percent(ticks, report->all_ticks);
}

/* A number of percent from 0 to 100, or a count. */
static bool read_number(const char *text, double limit, double *value) {
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    return isdigit((unsigned char)*text) && !*end && !errno && *value <= limit;
}

static bool read_by(struct report *report, const char *key) {
    static const char *const keys[] = {
        [BY_PAIR] = "pair", [BY_SITE] = "site", [BY_FIELD] = "field", [BY_TYPE] = "type"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(key, keys[i])) {
            report->by = (enum report_by)i;
            return true;
        }
    return false;
}

static bool read_sort(struct report *report, const char *key) {
    report->sort_by_aborts = !strcmp(key, "aborts");
    return report->sort_by_aborts || !strcmp(key, "lost");
}

/* False after a message. */
static bool read_options(struct report *report, const char **input, int count, char **arguments) {
    static const struct option options[] = {{"input", required_argument, NULL, 'i'},
                                            {"sort", required_argument, NULL, 's'},
                                            {"percent-limit", required_argument, NULL, 'p'},
                                            {"top", required_argument, NULL, 't'},
                                            {"by", required_argument, NULL, 'b'},
                                            {NULL, 0, NULL, 0}};
    double top;
    for (int option; (option = getopt_long(count, arguments, ":i:s:", options, NULL)) != -1;) {
        bool good = true;
        if (option == 'i')
            *input = optarg;
        else if (option == 's')
            good = read_sort(report, optarg);
        else if (option == 'b')
            good = read_by(report, optarg);
        else if (option == 'p')
            good = read_number(optarg, 100, &report->percent_limit);
        else if (option == 't' && (good = read_number(optarg, 1e9, &top)))
            report->top = (unsigned long)top;
        if (option == '?' || option == ':') {
            complain(option == '?' ? "report: unknown option %s; see `ame help report`"
                                   : "report: %s needs a value; see `ame help report`",
                     arguments[optind - 1]);
            return false;
        }
        if (!good) {
            complain("report: %s is not a value for this option; see `ame help report`", optarg);
            return false;
        }
    }
    if (optind < count) {
        complain("report: unexpected argument %s; name the recording with -i", arguments[optind]);
        return false;
    }
    return true;
}

static double time_of_threads(const struct trace *trace) {
    double sum = 0;
    for (size_t i = 0; i < trace->threads.count; i++)
        sum += (double)(trace->threads.items[i].span.end_ticks -
                        trace->threads.items[i].span.begin_ticks);
    return sum;
}

/* Blocks name their files as the compiler was given them: often from where it ran. */
static void complete_paths(struct report *report) {
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        struct trace_block *block = &report->trace.blocks.items[i];
        if (!*block->file || *block->file == '/' || !block->place)
            continue;
        Dwfl_Module *module = symbols_module(report->symbols, block->place);
        char *whole = module ? debuginfo_file(module, block->place, block->file) : NULL;
        if (!whole)
            continue;
        free(block->file);
        block->file = whole;
    }
}

static bool open_trace(struct report *report, bool readable) {
    if (!readable) {
        trace_free(&report->trace);
        return false;
    }
    report->symbols = symbols_new(&report->trace);
    complete_paths(report);
    report->ticks_per_second = trace_ticks_per_second(&report->trace);
    report->all_ticks = time_of_threads(&report->trace);
    report->data = data_finder_new(report->symbols);
    conflicts_find(&report->conflicts, &report->trace, report->symbols, report->data,
                   report->sort_by_aborts);
    advice_find(&report->advices, &report->trace, report->symbols, &report->conflicts);
    return true;
}

bool report_open(struct report *report, const char *input) {
    return open_trace(report, trace_read(&report->trace, input));
}

bool report_open_all(struct report *report, const char *input) {
    return open_trace(report, trace_read_all(&report->trace, input));
}

bool report_open_stream(struct report *report, FILE *input) {
    return open_trace(report, trace_read_stream(&report->trace, input));
}

void report_close(struct report *report) {
    advice_free(&report->advices);
    conflicts_free(&report->conflicts);
    data_finder_free(report->data);
    symbols_free(report->symbols);
    trace_free(&report->trace);
}

void report_print(const struct report *report) {
    report_summary(report);
    if (report->trace.blocks.count) {
        report_advice(report);
        report_time(report);
        report_blocks(report);
        if (report->by == BY_PAIR)
            report_conflicts(report);
        else
            report_sums(report);
        report_retries(report);
        report_other_aborts(report);
        report_serial(report);
    }
}

int command_report(int count, char **arguments) {
    const char *input = DEFAULT_RECORDING;
    struct report report = {.top = 10};
    if (!read_options(&report, &input, count, arguments))
        return EXIT_USAGE;
    if (!report_open(&report, input))
        return EXIT_FAILURE;

    report_print(&report);
    report_close(&report);
    return finish_output();
}
