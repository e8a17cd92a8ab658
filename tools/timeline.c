/* ame timeline: what each thread did, from left to right. */
#include "commands.h"
#include "options.h"
#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 60, MARGIN = 18, MOST_THREADS = 64 };

/* What a thread did in one column's time, in ticks. */
enum activity { OUTSIDE, COMMITTED, WASTED, WAITING, ACTIVITIES };
static const char signs[ACTIVITIES] = {
    [OUTSIDE] = '.', [COMMITTED] = '#', [WASTED] = 'x', [WAITING] = '-'};

struct row {
    double ticks[BINS][ACTIVITIES];
};

struct span {
    uint64_t begin, end;
};

static struct span whole(const struct trace *trace) {
    struct span span = {trace->header.start_ticks, trace->last_clock.ticks};
    for (size_t i = 0; i < trace->slices.count; i++)
        if (trace->slices.items[i].end_ticks > span.end)
            span.end = trace->slices.items[i].end_ticks;
    return span;
}

static double overlap(double begin, double end, double other_begin, double other_end) {
    double first = begin > other_begin ? begin : other_begin;
    double last = end < other_end ? end : other_end;
    return last > first ? last - first : 0;
}

/* Spreads a slice evenly over the columns that it lies in. */
static void add_slice(struct row *row, const struct trace_slice *slice, struct span span) {
    double length = (double)(slice->end_ticks - slice->begin_ticks);
    double column = (double)(span.end - span.begin) / BINS;
    double begin = (double)slice->begin_ticks - (double)span.begin;
    const uint64_t parts[ACTIVITIES] = {[OUTSIDE] = slice->outside_ticks,
                                        [COMMITTED] = slice->total.committed_ticks,
                                        [WASTED] = slice->total.wasted_ticks,
                                        [WAITING] = slice->total.waiting_ticks};
    for (int i = 0; i < BINS && length > 0; i++) {
        double part = overlap(begin, begin + length, i * column, (i + 1) * column) / length;
        for (int j = 0; j < ACTIVITIES; j++)
            row->ticks[i][j] += part * (double)parts[j];
    }
}

static char sign_of(const double ticks[ACTIVITIES]) {
    int most = OUTSIDE;
    double sum = 0;
    for (int j = 0; j < ACTIVITIES; j++) {
        sum += ticks[j];
        if (ticks[j] > ticks[most])
            most = j;
    }
    return sum > 0 ? signs[most] : ' ';
}

static void print_row(const struct report *report, const struct trace_thread *thread,
                      struct span span) {
    struct row row = {0};
    for (size_t i = 0; i < report->trace.slices.count; i++)
        if (report->trace.slices.items[i].thread == thread->span.thread)
            add_slice(&row, &report->trace.slices.items[i], span);
    printf("%3" PRIu32 " %-13.13s ", thread->span.thread, thread->name ? thread->name : "");
    for (int i = 0; i < BINS; i++)
        putchar(sign_of(row.ticks[i]));
    putchar('\n');
}

/* Each mark a digit below its column, and its text. */
static void print_marks(const struct report *report, struct span span) {
    enum { SHOWN = 9 };
    char line[BINS + 1];
    size_t count = report->trace.marks.count;
    memset(line, ' ', BINS);
    line[BINS] = '\0';
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        double at = (double)report->trace.marks.items[i].ticks - (double)span.begin;
        double column = at / ((double)(span.end - span.begin) / BINS);
        if (column >= 0 && column <= BINS)
            line[column < BINS ? (int)column : BINS - 1] = (char)('1' + i);
    }
    if (count)
        printf("%*s%s\n", MARGIN, "marks ", line);
    for (size_t i = 0; i < count && i < SHOWN; i++)
        printf("%*zu %.60s\n", MARGIN - 1, i + 1, report->trace.marks.items[i].text);
    if (count > SHOWN)
        printf("%*s(%zu more)\n", MARGIN, "", count - SHOWN);
}

void timeline_print(const struct report *report) {
    struct span span = whole(&report->trace);
    size_t count = report->trace.threads.count;
    if (span.end <= span.begin || !count) {
        printf("The recording has no time in it.\n");
        return;
    }
    struct short_text length = report_seconds(report, (double)(span.end - span.begin));
    printf("%*s%-*s%s\n", MARGIN, "thread ", BINS - (int)strlen(length.text), "0 s", length.text);
    for (size_t i = 0; i < count && i < MOST_THREADS; i++)
        print_row(report, &report->trace.threads.items[i], span);
    if (count > MOST_THREADS)
        printf("  (%zu more threads)\n", count - MOST_THREADS);
    print_marks(report, span);
    printf("\nA column is %s: most of it %c committed, %c wasted in aborted attempts,\n"
           "%c waiting, %c outside of blocks\n",
           report_seconds(report, (double)(span.end - span.begin) / BINS).text, signs[COMMITTED],
           signs[WASTED], signs[WAITING], signs[OUTSIDE]);
}

int command_timeline(int count, char **arguments) {
    static const struct option options[] = {{"input", required_argument, NULL, 'i'},
                                            {NULL, 0, NULL, 0}};
    const char *input = DEFAULT_RECORDING;
    for (int option; (option = next_option("timeline", count, arguments, ":i:", options)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        input = optarg;
    }
    struct report report = {0};
    if (!no_more_arguments("timeline", count, arguments))
        return EXIT_USAGE;
    if (!report_open_all(&report, input))
        return EXIT_FAILURE;
    timeline_print(&report);
    report_close(&report);
    return finish_output();
}
