/* Conflicts by site, field or type, and the blocks that slept. */
#include "report.h"
#include "sums.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

static void print_sum(const struct report *report, const struct sum *sum) {
    enum { COLUMNS_BEFORE_NAME = 43 };
    char *name = shorten_label(sum->name, REPORT_WIDTH - COLUMNS_BEFORE_NAME);
    printf(
        "  %10s %7s %6s %6s %6s  %s\n", report_seconds(report, (double)sum->cost.lost_ticks).text,
        report_share(report, (double)sum->cost.lost_ticks).text, short_count(sum->cost.aborts).text,
        short_count(sum->cost.waits).text, short_count(sum->pairs).text, name);
    free(name);
}

void report_sums(const struct report *report) {
    static const char *const titles[] = {
        [BY_SITE] = "source line", [BY_FIELD] = "field or variable", [BY_TYPE] = "type"};
    struct sums sums;
    size_t shown = 0;
    if (!report->conflicts.pairs.count) {
        printf("\nNo conflicts were recorded.\n");
        return;
    }
    sums_find(&sums, report, report->by);
    printf("\nConflicts by %s (one with two of them counts for both)\n"
           "        lost   share aborts  waits  pairs  %s\n",
           titles[report->by], titles[report->by]);
    for (size_t i = 0; i < sums.items.count; i++) {
        double lost = (double)sums.items.items[i].cost.lost_ticks;
        if ((report->top && shown >= report->top) ||
            lost * 100 < report->percent_limit * report->all_ticks)
            continue;
        print_sum(report, &sums.items.items[i]);
        shown++;
    }
    if (shown < sums.items.count)
        printf("  (%zu more: see --top and --percent-limit)\n", sums.items.count - shown);
    sums_free(&sums);
}

/* ---- atomic_retry() ---- */

static void print_retries(const struct report *report, const struct trace_event *event) {
    char *block = block_label(&report->trace, report->symbols, event->block);
    char *line = shorten_label(block, REPORT_WIDTH - 2);
    printf("  %s\n", line);
    free(line);
    free(block);
    printf("    %s time%s, %s asleep; woken %s time%s", short_count(event->count).text,
           event->count == 1 ? "" : "s", report_seconds(report, (double)event->lost_ticks).text,
           short_count(event->repeated).text, event->repeated == 1 ? "" : "s");
    if (event->repeated > event->count)
        printf(", %s in vain", short_count(event->repeated - event->count).text);
    printf("\n");
    if (event->my_place) {
        char *place = frame_label(&symbols_at(report->symbols, event->my_place - 1)->frames[0]);
        line = shorten_label(place, REPORT_WIDTH - 14);
        printf("    %-9s %s\n", "at", line);
        free(line);
        free(place);
    }
    if (event->other_block) {
        char *by = block_label(&report->trace, report->symbols, event->other_block);
        line = shorten_label(by, REPORT_WIDTH - 14);
        printf("    %-9s %s\n", "woken by", line);
        free(line);
        free(by);
    }
}

void report_retries(const struct report *report) {
    bool heading = false;
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        if (event->reason != AME__RECORDED_RETRIED)
            continue;
        if (!heading)
            printf("\nRetries: blocks that slept until something changed (a part of waiting)\n");
        heading = true;
        print_retries(report, event);
    }
}
