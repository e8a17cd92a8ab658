/* The report's second part: what got in whose way, and where. */
#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- pairs ---- */

static void print_line(int indent, const char *before, const char *label) {
    size_t used = (size_t)indent + strlen(before);
    char *text = shorten_label(label, REPORT_WIDTH - used);
    printf("%*s%s%s\n", indent, "", before, text);
    free(text);
}

static void print_source(const struct symbol_frame *frame) {
    enum { INDENT = 12 };
    char *text = source_text(frame->file, frame->line);
    if (text && *text)
        printf("%*s%.*s%s\n", INDENT, "", REPORT_WIDTH - INDENT - 3, text,
               strlen(text) > REPORT_WIDTH - INDENT - 3 ? "..." : "");
    free(text);
}

static void print_place(const struct symbol_location *place, const char *access) {
    enum { INDENT = 4 };
    char *first = must_print("%-13s ", access);
    if (!place) {
        print_line(INDENT, first, "at a place that is not known");
        free(first);
        return;
    }
    for (size_t i = 0; i < place->count; i++) {
        char *label = frame_label(&place->frames[i]);
        print_line(i ? INDENT + 4 : INDENT, i ? "inlined in " : first, label);
        free(label);
        if (i == 0)
            print_source(&place->frames[0]);
    }
    free(first);
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

/* Returns the number of characters. */
static int print_cost(const struct report *report, const struct conflict_cost *cost) {
    int printed =
        printf("%s of the time: %s in ", report_share(report, (double)cost->lost_ticks).text,
               report_seconds(report, (double)cost->lost_ticks).text);
    if (cost->aborts || !cost->waits)
        printed += printf("%s abort%s", short_count(cost->aborts).text, plural(cost->aborts));
    if (cost->waits)
        printed += printf("%s%s wait%s", cost->aborts ? " and " : "", short_count(cost->waits).text,
                          plural(cost->waits));
    return printed;
}

/* ---- what they access ---- */

/* The line for it; the caller's to free. NULL: nothing is known. */
static char *datum_line(const struct conflict_side *side) {
    enum { LEAST = 20 };
    const struct data *data = conflict_data(side);
    if (!data)
        return NULL;
    const char *name = side->data.count > 1 && data->general ? data->general : data->name;
    if (!name)
        name = data->text;
    char *text = data->type ? must_print("    data          %s (%s), ", name, data->type)
                            : must_print("    data          %s, ", name);
    size_t room = strlen(text) + LEAST < REPORT_WIDTH ? REPORT_WIDTH - strlen(text) : LEAST;
    char *more = data->variable && data->file
                     ? must_print("%s:%u", relative_path(data->file), data->line)
                 : data->text && strcmp(data->text, name) ? must_print("as %s", data->text)
                                                          : NULL;
    char *end = more ? shorten(more, room) : must_copy("");
    if (!more)
        text[strlen(text) - 2] = '\0';
    char *line = must_print("%s%s", text, end);
    free(text);
    free(more);
    free(end);
    return line;
}

static const char *const overlap_texts[OVERLAPS] = {
    [OVERLAP_LINE] = "false sharing: different bytes of one 64-byte line",
    [OVERLAP_RECORD] = "collision: lines of memory that share an ownership record",
};

static void print_data(const struct conflict *pair) {
    enum overlap overlap = conflict_overlap(pair);
    char *a = datum_line(&pair->sides[0]), *b = datum_line(&pair->sides[1]);
    if (a)
        puts(a);
    if (b && (!a || (strcmp(a, b) && overlap != OVERLAP_TRUE)))
        puts(b);
    free(a);
    free(b);
    if (overlap_texts[overlap])
        print_line(4, "              ", overlap_texts[overlap]);
}

static void print_thread_numbers(uint64_t threads) {
    enum { BITS = 64, LISTED = 16 };
    int count = __builtin_popcountll(threads);
    if (!threads)
        return;
    printf("    %-14s", count == 1 ? "thread" : "threads");
    if (count > LISTED) {
        printf("%d%s\n", count, count == BITS ? " or more" : "");
        return;
    }
    for (int i = 0, printed = 0; i < BITS; i++)
        if (threads >> i & 1)
            printf("%s%d", printed++ ? ", " : "", i);
    printf("\n");
}

static void print_pair(const struct report *report, const struct conflict *pair, size_t number) {
    enum { NUMBER_WIDTH = 5, COMMA_WIDTH = 2 };
    const char *kind = conflict_kind_text(pair);
    printf("\n%3zu. ", number);
    size_t used = NUMBER_WIDTH + (size_t)print_cost(report, &pair->cost) + COMMA_WIDTH;
    printf(used + strlen(kind) <= REPORT_WIDTH ? ", %s\n" : ",\n     %s\n", kind);
    bool known = pair->sides[0].place || pair->sides[1].place;
    if (!known)
        print_line(4, "",
                   (pair->sides[0].accesses | pair->sides[1].accesses) & ACCESS_COUNT
                       ? "at places that are not known"
                       : "at places that are not known: hardware does not tell them");
    for (size_t i = 0; i < 2; i++) {
        const struct conflict_side *side = &pair->sides[i];
        if (known)
            print_place(side->place, conflict_access_text(side->accesses));
        if (!side->block)
            continue;
        char *label = block_label(&report->trace, report->symbols, side->block);
        print_line(8, "in block ", label);
        free(label);
    }
    print_data(pair);
    if (pair->allocated_at)
        print_place(symbols_at(report->symbols, pair->allocated_at - 1), "allocated");
    print_thread_numbers(pair->threads);
}

static bool shown(const struct report *report, size_t i) {
    double ticks = (double)report->conflicts.pairs.items[i].cost.lost_ticks;
    return (!report->top || i < report->top) &&
           ticks * 100 >= report->percent_limit * report->all_ticks;
}

void report_conflicts(const struct report *report) {
    const struct conflicts *conflicts = &report->conflicts;
    if (!conflicts->pairs.count) {
        printf("\nNo conflicts were recorded.\n");
        return;
    }
    printf("\nConflicts, by %s\n  all: ",
           report->sort_by_aborts ? "number of aborts" : "time lost");
    print_cost(report, &conflicts->cost);
    printf("\n");
    size_t hidden = 0;
    double hidden_ticks = 0;
    for (size_t i = 0; i < conflicts->pairs.count; i++) {
        if (shown(report, i)) {
            print_pair(report, &conflicts->pairs.items[i], i + 1);
            continue;
        }
        hidden++;
        hidden_ticks += (double)conflicts->pairs.items[i].cost.lost_ticks;
    }
    if (hidden)
        printf("\n  %zu more pair%s: %s of the time (see --top and --percent-limit)\n", hidden,
               hidden == 1 ? "" : "s", report_share(report, hidden_ticks).text);
}

/* ---- aborts that are no conflicts ---- */

static const char *const other_reasons[AME__RECORDED_REASONS] = {
    [AME__RECORDED_SERIAL] = "the block asked to run alone",
    [AME__RECORDED_MEMORY] = "no memory was left for a log",
    [AME__RECORDED_HTM_CAPACITY] = "too large for the hardware",
    [AME__RECORDED_HTM_EXPLICIT] = "hardware had to give way to software",
    [AME__RECORDED_HTM_OTHER] = "hardware: page fault, interrupt, instruction",
};

void report_other_aborts(const struct report *report) {
    struct {
        uint64_t count, ticks;
    } sums[AME__RECORDED_REASONS] = {0};
    bool heading = false;
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        if (event->reason >= AME__RECORDED_REASONS)
            continue;
        sums[event->reason].count += event->count;
        sums[event->reason].ticks += event->lost_ticks;
    }
    for (size_t i = 0; i < AME__RECORDED_REASONS; i++) {
        if (!other_reasons[i] || !sums[i].count)
            continue;
        if (!heading)
            printf("\nOther aborts\n      wasted   share aborts  reason\n");
        heading = true;
        printf("  %10s %7s %6s  %s\n", report_seconds(report, (double)sums[i].ticks).text,
               report_share(report, (double)sums[i].ticks).text, short_count(sums[i].count).text,
               other_reasons[i]);
    }
}

/* ---- the serial path ---- */

/* Who asked for it in this block; false when nobody did. */
static bool print_requests(const struct report *report, const struct trace_block *block) {
    bool any = false;
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        if (event->block != block->id || event->reason != AME__RECORDED_SERIAL)
            continue;
        const char *why = trace_text(&report->trace, event->why);
        char *before = must_print("%.40s, ", why ? why : "a call");
        char *label =
            event->my_place
                ? frame_label(&symbols_at(report->symbols, event->my_place - 1)->frames[0])
                : must_copy("at a place that is not known");
        print_line(6, before, label);
        free(before);
        free(label);
        any = true;
    }
    return any;
}

void report_serial(const struct report *report) {
    bool heading = false;
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct trace_block *block = &report->trace.blocks.items[i];
        if (!block->total.commits_serial)
            continue;
        if (!heading)
            printf("\nSerial path: blocks that ran alone, while others waited\n");
        heading = true;
        char *label = block_label(&report->trace, report->symbols, block->id);
        print_line(2, "", label);
        printf("    %s commit%s, %s, %s of the time; asked for by\n",
               short_count(block->total.commits_serial).text,
               block->total.commits_serial == 1 ? "" : "s",
               report_seconds(report, (double)block->total.serial_ticks).text,
               report_share(report, (double)block->total.serial_ticks).text);
        if (block->serial_only)
            print_line(6, "", "the compiler: the block has no transactional version");
        else if (!print_requests(report, block))
            print_line(6, "", "no call: AME_MODE, many aborts, or no other thread");
        free(label);
    }
}
