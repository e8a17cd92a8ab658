/* The report's first part: what was recorded, where time went, and the blocks. */
#define _GNU_SOURCE
#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- what was recorded ---- */

static void print_date(const struct ame__file_header *header) {
    time_t seconds = (time_t)(header->start_date_ns / 1000000000u);
    struct tm date;
    char text[40];
    if (localtime_r(&seconds, &date) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &date))
        printf("  started   %s\n", text);
}

/* A program that was built again since has its lines elsewhere. */
static void print_changed_modules(const struct trace *trace) {
    for (size_t i = 0; i < trace->modules.count; i++) {
        const struct trace_module *module = &trace->modules.items[i];
        struct stat now;
        if (i && !strcmp(module->path, module[-1].path)) /* another segment of the same file */
            continue;
        bool there = !stat(module->path, &now);
        if (there && (uint64_t)now.st_size == module->segment.file_size &&
            (uint64_t)now.st_mtim.tv_sec * 1000000000u + (uint64_t)now.st_mtim.tv_nsec ==
                module->segment.file_mtime_ns)
            continue;
        char *path = shorten(module->path, REPORT_WIDTH - 8);
        printf("  note: %s\n        %s\n", path,
               there ? "has changed since the recording; lines may be wrong"
                     : "is not there; its places have no names");
        free(path);
    }
}

static uint64_t events_dropped(const struct trace *trace) {
    uint64_t sum = 0;
    for (size_t i = 0; i < trace->threads.count; i++)
        sum += trace->threads.items[i].span.events_dropped;
    return sum;
}

void report_notes(const struct report *report) {
    const struct trace *trace = &report->trace;
    uint64_t dropped = events_dropped(trace);
    if (trace->damage_at)
        printf("  note: the file is damaged at byte %" PRIu64 "; this is what comes before\n",
               trace->damage_at);
    else if (!trace->whole)
        printf("  note: the recording has no end: the program was killed, left by\n"
               "        _exit(), or still runs; up to a tenth of a second is missing\n");
    if (dropped)
        printf("  note: %" PRIu64 " events came after the file's limit (AME_RECORD_MAX): the\n"
               "        totals count them, the lists of places do not\n",
               dropped);
    print_changed_modules(trace);
}

static void print_marks(const struct report *report) {
    enum { SHOWN = 10 };
    const struct trace *trace = &report->trace;
    uint64_t start = trace->header.start_ticks;
    for (size_t i = 0; i < trace->marks.count && i < SHOWN; i++) {
        const struct trace_mark *mark = &trace->marks.items[i];
        double ticks = mark->ticks > start ? (double)(mark->ticks - start) : 0;
        printf("  mark      %s  %.50s\n", report_seconds(report, ticks).text, mark->text);
    }
    if (trace->marks.count > SHOWN)
        printf("  (%zu more marks)\n", trace->marks.count - SHOWN);
}

void report_summary(const struct report *report) {
    const struct trace *trace = &report->trace;
    uint64_t commits = 0, aborts = 0;
    for (size_t i = 0; i < trace->blocks.count; i++) {
        const struct ame__block_totals *total = &trace->blocks.items[i].total;
        commits += total->commits_htm + total->commits_stm + total->commits_serial;
        aborts += total->aborts;
    }
    /* The dynamic loader lists the program itself first. */
    char *program =
        trace->modules.count ? shorten(trace->modules.items[0].path, REPORT_WIDTH - 12) : NULL;
    printf("Recording of process %" PRIu32 "\n", trace->header.pid);
    if (program)
        printf("  program   %s\n", program);
    free(program);
    print_date(&trace->header);
    uint64_t end = trace->last_clock.ticks, start = trace->header.start_ticks;
    printf("  lasted    %s, %zu thread%s with blocks\n",
           report_seconds(report, end > start ? (double)(end - start) : 0).text,
           trace->threads.count, trace->threads.count == 1 ? "" : "s");
    printf("  blocks    %" PRIu64 " committed, %" PRIu64 " attempt%s aborted\n", commits, aborts,
           aborts == 1 ? "" : "s");
    print_marks(report);
    report_notes(report);
    if (!trace->blocks.count)
        printf("\nNo block ended while this was recorded.\n");
}

/* ---- time ---- */

static void print_time(const struct report *report, const char *name, double ticks,
                       const char *meaning) {
    printf("  %-10s %12s  %7s%s%s\n", name, report_seconds(report, ticks).text,
           report_share(report, ticks).text, *meaning ? "  " : "", meaning);
}

/* The four parts are measured one by one: their sum is the check. */
static void print_thread(const struct trace_thread *thread, const struct report *report) {
    const struct ame__block_totals *total = &thread->total;
    double wall = (double)(thread->span.end_ticks - thread->span.begin_ticks);
    double sum = (double)total->committed_ticks + (double)total->wasted_ticks +
                 (double)total->waiting_ticks + (double)thread->span.outside_ticks;
    printf("  %-6" PRIu32 " %11s %9s %8s %8s %8s %8s", thread->span.thread,
           report_seconds(report, wall).text, percent((double)total->committed_ticks, wall).text,
           percent((double)total->wasted_ticks, wall).text,
           percent((double)total->waiting_ticks, wall).text,
           percent((double)thread->span.outside_ticks, wall).text, percent(sum, wall).text);
    printf("%s%.17s\n", thread->name ? "  " : "", thread->name ? thread->name : "");
}

static void print_threads(const struct report *report) {
    enum { SHOWN = 16 };
    size_t count = report->trace.threads.count;
    printf("\nThreads, and the sum of the parts\n"
           "  thread   wall time committed   wasted  waiting  outside      sum\n");
    for (size_t i = 0; i < count && i < SHOWN; i++)
        print_thread(&report->trace.threads.items[i], report);
    if (count > SHOWN)
        printf("  (%zu more)\n", count - SHOWN);
}

/* The times of short blocks are of a part of them. */
static void print_samples(const struct report *report) {
    uint64_t commits = 0, timed = 0;
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct ame__block_totals *total = &report->trace.blocks.items[i].total;
        commits += total->commits_htm + total->commits_stm + total->commits_serial;
        timed += total->timed;
    }
    if (timed < commits)
        printf("  (%s of %s commits were timed, of short blocks a sample: from these, what\n"
               "  the others took. Counts, aborts and most waits are of all.)\n",
               short_count(timed).text, short_count(commits).text);
}

/* Those of frequent conflicts, too. */
static void print_counted(const struct report *report) {
    uint64_t all = 0, recorded = 0;
    for (size_t i = 0; i < report->trace.events.count; i++) {
        all += report->trace.events.items[i].count;
        recorded += report->trace.events.items[i].recorded;
    }
    if (recorded < all)
        printf("  (%s of %s aborts and waits were recorded one by one, the rest counted by\n"
               "  both places: what aborts of these wasted, and what they accessed, is like it\n"
               "  was of those.)\n",
               short_count(recorded).text, short_count(all).text);
}

void report_time(const struct report *report) {
    double committed = 0, wasted = 0, waiting = 0, outside = 0;
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct ame__block_totals *total = &report->trace.blocks.items[i].total;
        committed += (double)total->committed_ticks;
        wasted += (double)total->wasted_ticks;
        waiting += (double)total->waiting_ticks;
    }
    for (size_t i = 0; i < report->trace.threads.count; i++)
        outside += (double)report->trace.threads.items[i].span.outside_ticks;
    printf("\nTime of all threads, each from its first block on\n");
    print_time(report, "committed", committed, "in attempts that committed");
    print_time(report, "wasted", wasted, "in attempts that were aborted");
    print_time(report, "waiting", waiting, "for other blocks");
    print_time(report, "outside", outside, "of blocks");
    print_time(report, "total", report->all_ticks, "");
    print_samples(report);
    print_counted(report);
    print_threads(report);
}

/* ---- blocks ---- */

static const struct report *sorting; /* qsort passes no context */

static int by_cost(const void *a, const void *b) {
    const struct ame__block_totals *x = &(*(const struct trace_block *const *)a)->total;
    const struct ame__block_totals *y = &(*(const struct trace_block *const *)b)->total;
    uint64_t first[] = {x->wasted_ticks, x->aborts, x->committed_ticks};
    uint64_t second[] = {y->wasted_ticks, y->aborts, y->committed_ticks};
    if (sorting->sort_by_aborts && x->aborts != y->aborts)
        return x->aborts < y->aborts ? 1 : -1;
    for (size_t i = 0; i < 3; i++)
        if (first[i] != second[i])
            return first[i] < second[i] ? 1 : -1;
    return 0;
}

static void print_block(const struct report *report, const struct trace_block *block) {
    const struct ame__block_totals *total = &block->total;
    enum { COLUMNS_BEFORE_NAME = 54 };
    char *label = block_label(&report->trace, report->symbols, block->id);
    char *name = shorten_label(label, REPORT_WIDTH - COLUMNS_BEFORE_NAME);
    printf("%10s %7s %7s %5s %5s %6s %6s  %s\n",
           report_seconds(report, (double)total->wasted_ticks).text,
           report_share(report, (double)total->wasted_ticks).text,
           report_share(report, (double)total->waiting_ticks).text,
           short_count(total->commits_htm).text, short_count(total->commits_stm).text,
           short_count(total->commits_serial).text, short_count(total->aborts).text, name);
    free(label);
    free(name);
}

void report_blocks(const struct report *report) {
    const struct trace *trace = &report->trace;
    const struct trace_block **sorted = must_resize(NULL, trace->blocks.count, sizeof *sorted);
    size_t hidden = 0;
    for (size_t i = 0; i < trace->blocks.count; i++)
        sorted[i] = &trace->blocks.items[i];
    sorting = report;
    qsort(sorted, trace->blocks.count, sizeof *sorted, by_cost);
    printf("\nBlocks\n"
           "                           commits in\n"
           "    wasted   share waiting    hw    sw serial aborts  block\n");
    for (size_t i = 0; i < trace->blocks.count; i++) {
        double share = report->all_ticks > 0
                           ? 100 * (double)sorted[i]->total.wasted_ticks / report->all_ticks
                           : 0;
        if (share < report->percent_limit)
            hidden++;
        else
            print_block(report, sorted[i]);
    }
    if (hidden)
        printf("  (%zu below the limit of %g %%)\n", hidden, report->percent_limit);
    free(sorted);
}
