/* ame annotate: source with costs in the margin. */
#define _GNU_SOURCE
#include "commands.h"
#include "options.h"
#include "report.h"
#include "sources.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 32, MUCH = 10 /* percent */ };

static struct short_text share(const struct report *report, double ticks) {
    struct short_text nothing = {""};
    return ticks > 0 ? report_share(report, ticks) : nothing;
}

/* Tabs become spaces, other control characters question marks. */
static void print_source_text(const char *text) {
    size_t column = 0;
    for (; *text && *text != '\n' && *text != '\r' && column < REPORT_WIDTH - MARGIN; text++) {
        if (*text == '\t') {
            size_t spaces = 4 - column % 4;
            for (; spaces && column < REPORT_WIDTH - MARGIN; spaces--, column++)
                putchar(' ');
            continue;
        }
        putchar((unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
        column++;
    }
}

static void print_line(const struct report *report, unsigned line, const struct line_cost *cost,
                       const char *text) {
    static const struct line_cost none = {0};
    if (!cost)
        cost = &none;
    bool much = (cost->lost + cost->caused) * 100 > MUCH * report->all_ticks;
    printf("%s%7s %7s %7s %6u  ", much ? text_strong() : "", share(report, cost->lost).text,
           share(report, cost->caused).text, share(report, cost->committed).text, line);
    print_source_text(text);
    printf("%s\n", much ? text_plain() : "");
}

/* The lines with costs and `context` lines around each; "..." where some are left out. */
static void print_lines(const struct report *report, const struct source *source, FILE *file,
                        unsigned long context) {
    char *text = NULL;
    size_t capacity = 0, next = 0;
    unsigned long shown = 0;
    for (unsigned line = 1; next < source->lines.count || line <= shown; line++) {
        if (getline(&text, &capacity, file) < 0)
            break;
        bool here = next < source->lines.count && source->lines.items[next].line == line;
        bool soon = next < source->lines.count && source->lines.items[next].line - line <= context;
        if (here)
            shown = line + context;
        if (soon && line > 1 && line - 1 > shown && shown)
            printf("%*s...\n", MARGIN - 8, "");
        if (soon || here || line <= shown)
            print_line(report, line, here ? &source->lines.items[next] : NULL, text);
        if (soon && !here && shown < line)
            shown = line;
        next += here;
    }
    for (; next < source->lines.count; next++)
        print_line(report, source->lines.items[next].line, &source->lines.items[next],
                   "(the file ends before this line)");
    free(text);
}

static void print_file(const struct report *report, const struct source *source,
                       unsigned long context) {
    char *name = shorten(relative_path(source->file), REPORT_WIDTH);
    FILE *file = open_source(source->file);
    printf("\n%s\n   lost  caused  committed\n", name);
    if (file)
        print_lines(report, source, file, context);
    for (size_t i = 0; !file && i < source->lines.count; i++)
        print_line(report, source->lines.items[i].line, &source->lines.items[i],
                   "(the file can't be read)");
    if (file)
        fclose(file);
    free(name);
}

static bool is_chosen(const struct source *source, int count, char **names) {
    for (int i = 0; i < count; i++)
        if (ends_with_path(source->file, names[i]))
            return true;
    return !count;
}

static bool print_files(const struct report *report, struct sources *sources, unsigned long context,
                        int count, char **names) {
    bool any = false;
    for (size_t i = 0; i < sources->files.count; i++) {
        struct source *source = &sources->files.items[i];
        if (!is_chosen(source, count, names))
            continue;
        if (!any)
            printf("In percent of all threads' time: lost at a line, lost by others for it, and\n"
                   "committed in the block that begins there\n");
        any = true;
        print_file(report, source, context);
    }
    return any;
}

bool annotate_print(const struct report *report, unsigned long context, int count, char **names) {
    struct sources sources;
    sources_find(&sources, report);
    bool any = print_files(report, &sources, context, count, names);
    sources_free(&sources);
    return any;
}

int command_annotate(int count, char **arguments) {
    static const struct option options[] = {{"input", required_argument, NULL, 'i'},
                                            {"context", required_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};
    const char *input = DEFAULT_RECORDING;
    unsigned long context = 3;
    for (int option;
         (option = next_option("annotate", count, arguments, ":i:c:", options)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        if (option == 'i')
            input = optarg;
        else if (!read_count("annotate", optarg, 1000000, &context))
            return EXIT_USAGE;
    }
    struct report report = {0};
    if (!report_open(&report, input))
        return EXIT_FAILURE;
    bool any = annotate_print(&report, context, count - optind, arguments + optind);
    report_close(&report);
    int status = finish_output();
    if (any)
        return status;
    complain(optind < count ? "annotate: the recording names no line of these files"
                            : "annotate: the recording names no lines; build the program with -g");
    return EXIT_FAILURE;
}
