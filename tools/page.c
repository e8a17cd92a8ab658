/* The report as one HTML page, which loads nothing from elsewhere: page.html with the data in it.
 */
#include "export.h"
#include "sources.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const char page[] = {
#embed "page.html"
    , '\0'};
#pragma clang diagnostic pop

enum { MOST_EVENTS = 4000, CONTEXT = 8 };

static void push(struct json_object *list, struct json_object *value) {
    if (json_object_array_add(list, value)) {
        complain("out of memory");
        exit(EXIT_FAILURE);
    }
}

/* ---- the timeline ---- */

static double since_start(const struct report *report, uint64_t ticks) {
    uint64_t start = report->trace.header.start_ticks;
    return ticks > start ? (double)(ticks - start) : 0;
}

static struct json_object *slices(const struct report *report) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->trace.slices.count; i++) {
        const struct trace_slice *slice = &report->trace.slices.items[i];
        struct json_object *object = json_new();
        json_count(object, "thread", slice->thread);
        json_seconds(object, "begin_s", since_start(report, slice->begin_ticks), report);
        json_seconds(object, "end_s", since_start(report, slice->end_ticks), report);
        json_seconds(object, "committed_s", (double)slice->total.committed_ticks, report);
        json_seconds(object, "wasted_s", (double)slice->total.wasted_ticks, report);
        json_seconds(object, "waiting_s", (double)slice->total.waiting_ticks, report);
        json_seconds(object, "outside_s", (double)slice->outside_ticks, report);
        push(list, object);
    }
    return list;
}

static int by_lost(const void *a, const void *b) {
    uint64_t x = (*(const struct ame__event *const *)a)->own;
    uint64_t y = (*(const struct ame__event *const *)b)->own;
    return (x < y) - (x > y);
}

/* Attempts that lost most; long commits lost nothing. */
static struct json_object *events(const struct report *report) {
    struct json_object *list = json_list();
    size_t count = report->trace.all_events.count;
    const struct ame__event **sorted = must_resize(NULL, count + 1, sizeof *sorted);
    size_t losing = 0;
    for (size_t i = 0; i < count; i++)
        if (report->trace.all_events.items[i].reason != AME__RECORDED_LONG)
            sorted[losing++] = &report->trace.all_events.items[i];
    qsort(sorted, losing, sizeof *sorted, by_lost);
    for (size_t i = 0; i < losing && i < MOST_EVENTS; i++) {
        struct json_object *object = json_new();
        json_count(object, "thread", sorted[i]->thread);
        json_seconds(object, "end_s", since_start(report, sorted[i]->ticks), report);
        json_seconds(object, "lost_s", (double)sorted[i]->own, report);
        json_text(object, "reason", trace_reason_name(sorted[i]->reason));
        push(list, object);
    }
    free(sorted);
    return list;
}

/* ---- source ---- */

static void add_lines(struct json_object *list, const struct report *report,
                      const struct source *source, FILE *file) {
    char *text = NULL;
    size_t capacity = 0, next = 0;
    unsigned shown = 0;
    const struct line_cost *costs = source->lines.items;
    for (unsigned line = 1; next < source->lines.count || line <= shown; line++) {
        if (getline(&text, &capacity, file) < 0)
            break;
        bool here = next < source->lines.count && costs[next].line == line;
        if (here)
            shown = line + CONTEXT;
        if (line <= shown || costs[next].line - line <= CONTEXT) {
            struct json_object *object = json_new();
            text[strcspn(text, "\r\n")] = '\0';
            json_count(object, "line", line);
            json_text(object, "text", text);
            json_seconds(object, "lost_s", here ? costs[next].lost : 0, report);
            json_seconds(object, "caused_s", here ? costs[next].caused : 0, report);
            json_seconds(object, "committed_s", here ? costs[next].committed : 0, report);
            push(list, object);
        }
        next += here;
    }
    free(text);
}

static struct json_object *sources_json(const struct report *report) {
    struct json_object *list = json_list();
    struct sources sources;
    sources_find(&sources, report);
    for (size_t i = 0; i < sources.files.count; i++) {
        const struct source *source = &sources.files.items[i];
        struct json_object *object = json_new(), *lines = json_list();
        FILE *file = open_source(source->file);
        json_text(object, "file", source->file);
        if (file) {
            add_lines(lines, report, source, file);
            fclose(file);
        }
        json_add(object, "lines", lines);
        push(list, object);
    }
    sources_free(&sources);
    return list;
}

/* ---- the page ---- */

/* In HTML a script ends at "</script", and "<!--" has a meaning of its own. */
static void print_in_script(const char *json) {
    for (; *json; json++)
        if (*json == '<')
            fputs("\\u003c", stdout);
        else
            putchar(*json);
}

void export_page(const struct report *report) {
    static const char mark[] = "@DATA@";
    const char *place = strstr(page, mark);
    struct json_object *object = export_report(report);
    json_add(object, "slices", slices(report));
    json_add(object, "longest_events", events(report));
    json_add(object, "sources", sources_json(report));
    printf("%.*s", (int)(place - page), page);
    print_in_script(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    fputs(place + strlen(mark), stdout);
    json_object_put(object);
}
