/* The report's answer: which lines to change first, and how. */
#include "report.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ", conflicts 1, 2, 5": of many the first ones. */
static char *conflict_numbers(const struct advice *advice) {
    enum { SHOWN = 6 };
    size_t count = advice->conflicts.count;
    char *text = must_copy(count == 0 ? "" : count == 1 ? ", conflict" : ", conflicts");
    for (size_t i = 0; i < count && i <= SHOWN; i++) {
        char *longer = i < SHOWN
                           ? must_print("%s%s %zu", text, i ? "," : "", advice->conflicts.items[i])
                           : must_print("%s, ...", text);
        free(text);
        text = longer;
    }
    return text;
}

void report_advice(const struct report *report) {
    enum { SHOWN = 5, INDENT = 5 };
    const double least = 0.05; /* percent: less is printed as 0.0 */
    double limit = report->percent_limit > least ? report->percent_limit : least;
    const struct advices *advices = &report->advices;
    size_t shown = 0;
    for (size_t i = 0; i < advices->items.count && shown < SHOWN; i++) {
        const struct advice *advice = &advices->items.items[i];
        if (advice->lost_ticks * 100 < limit * report->all_ticks)
            continue;
        if (!shown++)
            printf("\nWhat to change first\n");
        char *label = advice->place ? frame_label(&advice->place->frames[0])
                                    : block_label(&report->trace, report->symbols, advice->block);
        char *before =
            must_print("%3zu. %7s  ", shown, report_share(report, advice->lost_ticks).text);
        char *line = shorten_label(label, REPORT_WIDTH - strlen(before));
        printf("%s%s%s%s\n", text_strong(), before, line, text_plain());
        char *numbers = conflict_numbers(advice);
        char *what = must_print("%s%s", advice->what,
                                numbers + (*advice->what || !*numbers ? 0 : strlen(", ")));
        if (*what)
            print_wrapped(INDENT, what);
        free(numbers);
        free(what);
        char *text = must_print("-> %s", advice->action);
        print_wrapped(INDENT, text);
        free(text);
        text = must_print("   because %s", advice->reason);
        print_wrapped(INDENT, text);
        free(text);
        free(label);
        free(before);
        free(line);
    }
}
