/* Collapsed stacks: "frame;frame;frame microseconds" a line. The time of all threads is divided
 * among them, each tick once. */
#include "export.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The characters that the format needs may not be in a name. */
static void print_frame(const char *label) {
    for (; *label; label++)
        putchar(*label == ';' || *label == '\n' ? ':' : *label);
}

static void print_stack(const struct report *report, const char *block,
                        const struct symbol_location *place, const char *what, double ticks) {
    double microseconds = ticks * 1e6 / report->ticks_per_second;
    if (microseconds < 0.5)
        return;
    print_frame(block);
    for (size_t i = place ? place->count : 0; i-- > 0;) {
        char *label = frame_label(&place->frames[i]);
        putchar(';');
        print_frame(label);
        free(label);
    }
    printf(";[%s] %.0f\n", what, microseconds);
}

/* Events hold only what found room: the rest is what the totals have more. */
static void print_rest(const struct report *report, const char *block, const char *what,
                       uint64_t total, uint64_t in_events) {
    if (total > in_events)
        print_stack(report, block, NULL, what, (double)(total - in_events));
}

static void print_block(const struct report *report, const struct trace_block *block) {
    uint64_t wasted = 0, waiting = 0;
    char *label = block_label(&report->trace, report->symbols, block->id);
    print_stack(report, label, NULL, "committed", (double)block->total.committed_ticks);
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        const char *reason = trace_reason_name(event->reason);
        if (event->block != block->id || !reason)
            continue;
        *(event->reason >= AME__RECORDED_READ_WAITED ? &waiting : &wasted) += event->lost_ticks;
        print_stack(report, label,
                    event->my_place ? symbols_at(report->symbols, event->my_place - 1) : NULL,
                    reason, (double)event->lost_ticks);
    }
    print_rest(report, label, "wasted", block->total.wasted_ticks, wasted);
    print_rest(report, label, "waiting", block->total.waiting_ticks, waiting);
    free(label);
}

void export_folded(const struct report *report) {
    double outside = 0;
    for (size_t i = 0; i < report->trace.blocks.count; i++)
        print_block(report, &report->trace.blocks.items[i]);
    for (size_t i = 0; i < report->trace.threads.count; i++)
        outside += (double)report->trace.threads.items[i].span.outside_ticks;
    print_stack(report, "outside of blocks", NULL, "outside", outside);
}
