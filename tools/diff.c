/* ame diff: two recordings side by side. */
#include "commands.h"
#include "options.h"
#include "report.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same block or conflict in both; seconds lost, and how many commits or aborts and waits. */
struct entry {
    char *key;
    char *label;
    double lost[2];
    uint64_t count[2];
};

struct entries {
    ARRAY(struct entry) items;
};

/* Takes key and label. The later label counts: it has the lines as they are now. */
static void add(struct entries *entries, char *key, char *label, int which, double lost,
                uint64_t count) {
    struct entry *entry = NULL;
    for (size_t i = 0; i < entries->items.count && !entry; i++)
        if (!strcmp(entries->items.items[i].key, key))
            entry = &entries->items.items[i];
    if (entry) {
        free(key);
        free(entry->label);
        entry->label = label;
    } else {
        struct entry new = {.key = key, .label = label};
        ARRAY_PUSH(&entries->items, new);
        entry = &entries->items.items[entries->items.count - 1];
    }
    entry->lost[which] += lost;
    entry->count[which] += count;
}

static void free_entries(struct entries *entries) {
    for (size_t i = 0; i < entries->items.count; i++) {
        free(entries->items.items[i].key);
        free(entries->items.items[i].label);
    }
    free(entries->items.items);
}

static int by_change(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    double first = fabs(x->lost[1] - x->lost[0]), second = fabs(y->lost[1] - y->lost[0]);
    return (first < second) - (first > second);
}

/* ---- what is the same ---- */

/* A label without its line, and of the path only the last part: the program may lie elsewhere. */
static char *without_line(const char *label) {
    const char *file = strstr(label, " ("), *slash = file ? strrchr(file, '/') : NULL;
    char *text =
        slash ? must_print("%.*s %s", (int)(file - label), label, slash + 1) : must_copy(label);
    char *colon = strrchr(text, ':');
    if (colon)
        *colon = '\0';
    return text;
}

static void add_blocks(struct entries *entries, const struct report *report, int which) {
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct trace_block *block = &report->trace.blocks.items[i];
        const struct ame__block_totals *total = &block->total;
        char *label = block_label(&report->trace, report->symbols, block->id);
        double lost = (double)(total->wasted_ticks + total->waiting_ticks);
        add(entries, without_line(label), label, which, lost / report->ticks_per_second,
            total->commits_htm + total->commits_stm + total->commits_serial);
    }
}

static char *side_label(const struct report *report, const struct conflict_side *side) {
    if (side->place)
        return frame_label(&side->place->frames[0]);
    if (side->block)
        return block_label(&report->trace, report->symbols, side->block);
    return must_copy("a place that is not known");
}

static const char *datum_of(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return data && data->general ? data->general : data && data->text ? data->text : "";
}

static void add_conflicts(struct entries *entries, const struct report *report, int which) {
    for (size_t i = 0; i < report->conflicts.pairs.count; i++) {
        const struct conflict *pair = &report->conflicts.pairs.items[i];
        char *labels[2], *keys[2];
        for (int j = 0; j < 2; j++) {
            char *place;
            labels[j] = side_label(report, &pair->sides[j]);
            place = without_line(labels[j]);
            keys[j] = must_print("%s %s", place, datum_of(&pair->sides[j]));
            free(place);
        }
        int first = strcmp(keys[0], keys[1]) > 0;
        add(entries, must_print("%s\n%s", keys[first], keys[!first]),
            !strcmp(labels[0], labels[1]) ? must_copy(labels[0])
                                          : must_print("%s\n%s", labels[first], labels[!first]),
            which, (double)pair->cost.lost_ticks / report->ticks_per_second,
            pair->cost.aborts + pair->cost.waits);
        for (int j = 0; j < 2; j++) {
            free(labels[j]);
            free(keys[j]);
        }
    }
}

/* ---- printing ---- */

static struct short_text change(double before, double after) {
    struct short_text result = {"-"};
    if (before > 0)
        snprintf(result.text, sizeof result.text, "%+.1f %%", 100 * (after - before) / before);
    else if (after > 0)
        snprintf(result.text, sizeof result.text, "new");
    return result;
}

static struct short_text seconds(double value) {
    struct short_text result;
    snprintf(result.text, sizeof result.text, "%.3f s", value);
    return result;
}

static void print_row(const char *name, struct short_text before, struct short_text after,
                      struct short_text difference) {
    printf("  %-24s %14s %14s %12s\n", name, before.text, after.text, difference.text);
}

static void print_times(const struct report *const reports[2]) {
    double times[2][6] = {{0}};
    static const char *const names[] = {"lasted", "all threads", "committed",
                                        "wasted", "waiting",     "outside of blocks"};
    uint64_t commits[2] = {0}, aborts[2] = {0};
    for (int i = 0; i < 2; i++) {
        const struct trace *trace = &reports[i]->trace;
        uint64_t end = trace->last_clock.ticks, start = trace->header.start_ticks;
        times[i][0] = end > start ? (double)(end - start) : 0;
        times[i][1] = reports[i]->all_ticks;
        for (size_t j = 0; j < trace->blocks.count; j++) {
            const struct ame__block_totals *total = &trace->blocks.items[j].total;
            times[i][2] += (double)total->committed_ticks;
            times[i][3] += (double)total->wasted_ticks;
            times[i][4] += (double)total->waiting_ticks;
            commits[i] += total->commits_htm + total->commits_stm + total->commits_serial;
            aborts[i] += total->aborts;
        }
        for (size_t j = 0; j < trace->threads.count; j++)
            times[i][5] += (double)trace->threads.items[j].span.outside_ticks;
        for (size_t j = 0; j < 6; j++)
            times[i][j] /= reports[i]->ticks_per_second;
    }
    printf("  %-24s %14s %14s %12s\n", "Time", "before", "after", "change");
    for (size_t j = 0; j < 6; j++)
        print_row(names[j], seconds(times[0][j]), seconds(times[1][j]),
                  change(times[0][j], times[1][j]));
    print_row("blocks committed", short_count(commits[0]), short_count(commits[1]),
              change((double)commits[0], (double)commits[1]));
    double rates[2];
    for (int i = 0; i < 2; i++)
        rates[i] = times[i][0] > 0 ? (double)commits[i] / times[i][0] : 0;
    print_row("  in a second", short_number(rates[0]), short_number(rates[1]),
              change(rates[0], rates[1]));
    print_row("attempts aborted", short_count(aborts[0]), short_count(aborts[1]),
              change((double)aborts[0], (double)aborts[1]));
}

/* A label has one line for each place. */
static void print_label(const char *label) {
    enum { INDENT = 6 };
    while (*label) {
        size_t length = strcspn(label, "\n");
        char *one = must_print("%.*s", (int)length, label);
        char *line = shorten_label(one, REPORT_WIDTH - INDENT);
        printf("%*s%s\n", INDENT, "", line);
        free(one);
        free(line);
        label += length + (label[length] != '\0');
    }
}

static void print_entries(struct entries *entries, const char *title, const char *counted) {
    enum { SHOWN = 10 };
    size_t count = entries->items.count;
    if (!count)
        return;
    qsort(entries->items.items, count, sizeof *entries->items.items, by_change);
    printf("\n%s, by change of the time lost\n", title);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        const struct entry *entry = &entries->items.items[i];
        char *name = must_print("%zu. lost", i + 1);
        struct short_text gone = {"gone"};
        print_row(name, seconds(entry->lost[0]), seconds(entry->lost[1]),
                  entry->count[0] && !entry->count[1] ? gone
                                                      : change(entry->lost[0], entry->lost[1]));
        free(name);
        name = must_print("   %s", counted);
        print_row(name, short_count(entry->count[0]), short_count(entry->count[1]),
                  (struct short_text){""});
        free(name);
        print_label(entry->label);
    }
    if (count > SHOWN)
        printf("  (%zu more)\n", count - SHOWN);
}

void diff_print(const struct report *before, const struct report *after) {
    const struct report *const reports[] = {before, after};
    struct entries blocks = {0}, conflicts = {0};
    for (int i = 0; i < 2; i++) {
        add_blocks(&blocks, reports[i], i);
        add_conflicts(&conflicts, reports[i], i);
    }
    print_times(reports);
    print_entries(&blocks, "Blocks", "commits");
    print_entries(&conflicts, "Conflicts", "aborts and waits");
    free_entries(&blocks);
    free_entries(&conflicts);
}

int command_diff(int count, char **arguments) {
    static const struct option options[] = {{NULL, 0, NULL, 0}};
    if (next_option("diff", count, arguments, ":", options) != -1)
        return EXIT_USAGE;
    if (count - optind != 2) {
        complain("diff: name two recordings, before and after; see `ame help diff`");
        return EXIT_USAGE;
    }
    struct report reports[2] = {{0}};
    if (!report_open(&reports[0], arguments[optind]))
        return EXIT_FAILURE;
    bool both = report_open(&reports[1], arguments[optind + 1]);
    if (both) {
        diff_print(&reports[0], &reports[1]);
        report_close(&reports[1]);
    }
    report_close(&reports[0]);
    return both ? finish_output() : EXIT_FAILURE;
}
