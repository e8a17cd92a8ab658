/* The report as JSON; docs/profiler-formats.md describes it. */
#include "export.h"
#include "sums.h"
#include "text.h"
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static struct json_object *there(struct json_object *object) {
    if (object)
        return object;
    complain("out of memory");
    exit(EXIT_FAILURE);
}

struct json_object *json_new(void) {
    return there(json_object_new_object());
}

struct json_object *json_list(void) {
    return there(json_object_new_array());
}

void json_add(struct json_object *object, const char *name, struct json_object *value) {
    if (json_object_object_add(object, name, value))
        there(NULL);
}

static void push(struct json_object *list, struct json_object *value) {
    if (json_object_array_add(list, value))
        there(NULL);
}

/* Names in a recording need not be UTF-8, and JSON is nothing else. */
static void make_ascii(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        if (*c >= 128)
            *c = '?';
}

void json_text(struct json_object *object, const char *name, const char *text) {
    char *copy = text ? must_copy(text) : NULL;
    if (copy)
        make_ascii(copy);
    json_add(object, name, copy ? there(json_object_new_string(copy)) : NULL);
    free(copy);
}

void json_count(struct json_object *object, const char *name, uint64_t count) {
    json_add(object, name, there(json_object_new_uint64(count)));
}

static void json_flag(struct json_object *object, const char *name, bool flag) {
    json_add(object, name, there(json_object_new_boolean(flag)));
}

/* Without digits that no clock has. */
static void json_number(struct json_object *object, const char *name, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.9f", value);
    json_add(object, name, there(json_object_new_double_s(value, text)));
}

void json_seconds(struct json_object *object, const char *name, double ticks,
                  const struct report *report) {
    json_number(object, name, ticks / report->ticks_per_second);
}

static void json_share(struct json_object *object, const char *name, double ticks,
                       const struct report *report) {
    json_number(object, name, report->all_ticks > 0 ? ticks / report->all_ticks : 0);
}

/* ---- places ---- */

static void add_line(struct json_object *object, const char *file, unsigned line) {
    json_text(object, "file", file);
    json_add(object, "line", line ? there(json_object_new_int64(line)) : NULL);
}

static struct json_object *frame(const struct symbol_frame *one) {
    struct json_object *object = json_new();
    json_text(object, "function", one->function);
    add_line(object, one->file, one->line);
    return object;
}

struct json_object *json_place(const struct symbol_location *place) {
    if (!place)
        return NULL;
    struct json_object *object = frame(&place->frames[0]), *inlined = json_list();
    for (size_t i = 1; i < place->count; i++)
        push(inlined, frame(&place->frames[i]));
    json_add(object, "inlined_in", inlined);
    return object;
}

static struct json_object *block_name(const struct report *report, uint64_t id) {
    if (!id)
        return NULL;
    const struct trace_block *block = trace_block(&report->trace, id);
    struct json_object *object = json_new();
    char *label = block_label(&report->trace, report->symbols, id);
    const struct symbol_frame *function = block && !*block->file && block->place
                                              ? symbols_function(report->symbols, block->place)
                                              : NULL;
    json_text(object, "name", label);
    if (function)
        add_line(object, function->file, function->line);
    else
        add_line(object, block && *block->file ? block->file : NULL, block ? block->line : 0);
    free(label);
    return object;
}

/* ---- the parts ---- */

static void add_totals(struct json_object *object, const struct report *report,
                       const struct ame__block_totals *total) {
    json_count(object, "commits_hardware", total->commits_htm);
    json_count(object, "commits_software", total->commits_stm);
    json_count(object, "commits_alone", total->commits_serial);
    json_count(object, "commits_timed", total->timed);
    json_count(object, "left_hardware", total->left_hardware);
    json_count(object, "counts_merged_in_timed", total->merged);
    json_count(object, "bytes_allocated_in_timed", total->allocated);
    json_count(object, "bytes_allocated_most", total->allocated_most);
    json_count(object, "aborts", total->aborts);
    json_seconds(object, "committed_s", (double)total->committed_ticks, report);
    json_seconds(object, "alone_s", (double)total->serial_ticks, report);
    json_seconds(object, "wasted_s", (double)total->wasted_ticks, report);
    json_seconds(object, "waiting_s", (double)total->waiting_ticks, report);
}

static struct json_object *process(const struct report *report) {
    const struct trace *trace = &report->trace;
    struct json_object *object = json_new();
    uint64_t end = trace->last_clock.ticks, start = trace->header.start_ticks;
    json_count(object, "pid", trace->header.pid);
    json_text(object, "program", trace->modules.count ? trace->modules.items[0].path : NULL);
    json_number(object, "started_unix_s", (double)trace->header.start_date_ns / 1e9);
    json_seconds(object, "lasted_s", end > start ? (double)(end - start) : 0, report);
    json_flag(object, "whole", trace->whole);
    json_add(object, "damaged_at_byte",
             trace->damage_at ? there(json_object_new_uint64(trace->damage_at)) : NULL);
    return object;
}

static struct json_object *threads(const struct report *report) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->trace.threads.count; i++) {
        const struct trace_thread *thread = &report->trace.threads.items[i];
        struct json_object *object = json_new();
        json_count(object, "thread", thread->span.thread);
        json_text(object, "name", thread->name);
        json_seconds(object, "wall_s", (double)(thread->span.end_ticks - thread->span.begin_ticks),
                     report);
        add_totals(object, report, &thread->total);
        json_seconds(object, "outside_s", (double)thread->span.outside_ticks, report);
        json_count(object, "events_dropped", thread->span.events_dropped);
        push(list, object);
    }
    return list;
}

static struct json_object *marks(const struct report *report) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->trace.marks.count; i++) {
        const struct trace_mark *mark = &report->trace.marks.items[i];
        struct json_object *object = json_new();
        uint64_t start = report->trace.header.start_ticks;
        json_text(object, "text", mark->text);
        json_count(object, "thread", mark->thread);
        json_seconds(object, "time_s", mark->ticks > start ? (double)(mark->ticks - start) : 0,
                     report);
        push(list, object);
    }
    return list;
}

static struct json_object *events_of(const struct report *report, const struct trace_block *block) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        if (event->block != block->id || !trace_reason_name(event->reason))
            continue;
        struct json_object *object = json_new();
        json_text(object, "reason", trace_reason_name(event->reason));
        json_count(object, "count", event->count);
        json_count(object, "recorded", event->recorded);
        json_seconds(object, "lost_s", (double)event->lost_ticks, report);
        json_add(
            object, "place",
            json_place(event->my_place ? symbols_at(report->symbols, event->my_place - 1) : NULL));
        json_add(object, "other_block", block_name(report, event->other_block));
        json_count(object, "hardware_code", event->hardware_code);
        json_count(object, "retries", event->repeated);
        json_text(object, "call", event->why ? trace_text(&report->trace, event->why) : NULL);
        push(list, object);
    }
    return list;
}

static struct json_object *blocks(const struct report *report) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct trace_block *block = &report->trace.blocks.items[i];
        struct json_object *object = block_name(report, block->id);
        if (!object)
            continue;
        add_totals(object, report, &block->total);
        json_flag(object, "no_transactional_version", block->serial_only);
        json_add(object, "events", events_of(report, block));
        push(list, object);
    }
    return list;
}

static struct json_object *data(const struct conflict_side *side) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < side->data.count; i++) {
        const struct data *datum = side->data.items[i].data;
        struct json_object *object = json_new();
        json_text(object, "name", datum->name);
        json_text(object, "type", datum->type);
        json_text(object, "expression", datum->text);
        json_flag(object, "static", datum->variable);
        add_line(object, datum->file, datum->line);
        json_count(object, "count", side->data.items[i].count);
        push(list, object);
    }
    return list;
}

static struct json_object *conflict_threads(uint64_t threads) {
    struct json_object *list = json_list();
    for (int i = 0; i < 64; i++)
        if (threads >> i & 1)
            push(list, there(json_object_new_int(i)));
    return list;
}

static struct json_object *conflicts(const struct report *report) {
    static const char *const overlaps[OVERLAPS] = {
        [OVERLAP_UNKNOWN] = "unknown",
        [OVERLAP_TRUE] = "true-conflict",
        [OVERLAP_LINE] = "false-sharing",
        [OVERLAP_RECORD] = "record-collision",
    };
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->conflicts.pairs.count; i++) {
        const struct conflict *pair = &report->conflicts.pairs.items[i];
        struct json_object *object = json_new(), *sides = json_list();
        json_count(object, "number", i + 1);
        json_text(object, "kind", conflict_kind_text(pair));
        json_text(object, "overlap", overlaps[conflict_overlap(pair)]);
        json_count(object, "aborts", pair->cost.aborts);
        json_count(object, "waits", pair->cost.waits);
        json_count(object, "recorded", pair->cost.recorded);
        json_seconds(object, "lost_s", (double)pair->cost.lost_ticks, report);
        json_share(object, "lost_share", (double)pair->cost.lost_ticks, report);
        json_add(object, "allocated_at",
                 json_place(pair->allocated_at ? symbols_at(report->symbols, pair->allocated_at - 1)
                                               : NULL));
        json_add(object, "threads_modulo_64", conflict_threads(pair->threads));
        for (int j = 0; j < 2; j++) {
            struct json_object *side = json_new();
            json_text(side, "access", conflict_access_text(pair->sides[j].accesses));
            json_add(side, "place", json_place(pair->sides[j].place));
            json_add(side, "block", block_name(report, pair->sides[j].block));
            json_add(side, "data", data(&pair->sides[j]));
            push(sides, side);
        }
        json_add(object, "sides", sides);
        push(list, object);
    }
    return list;
}

static struct json_object *advices(const struct report *report) {
    struct json_object *list = json_list();
    for (size_t i = 0; i < report->advices.items.count; i++) {
        const struct advice *advice = &report->advices.items.items[i];
        struct json_object *object = json_new(), *numbers = json_list();
        json_text(object, "advice", advice_name(advice->kind));
        json_text(object, "data", *advice->what ? advice->what : NULL);
        json_text(object, "do", advice->action);
        json_text(object, "because", advice->reason);
        json_seconds(object, "lost_s", advice->lost_ticks, report);
        json_share(object, "lost_share", advice->lost_ticks, report);
        json_add(object, "place", json_place(advice->place));
        json_add(object, "block", block_name(report, advice->block));
        for (size_t j = 0; j < advice->conflicts.count; j++)
            push(numbers, there(json_object_new_uint64(advice->conflicts.items[j])));
        json_add(object, "conflicts", numbers);
        push(list, object);
    }
    return list;
}

static struct json_object *sums(const struct report *report, enum report_by by) {
    struct json_object *list = json_list();
    struct sums found;
    sums_find(&found, report, by);
    for (size_t i = 0; i < found.items.count; i++) {
        const struct sum *sum = &found.items.items[i];
        struct json_object *object = json_new();
        json_text(object, "name", sum->name);
        json_count(object, "aborts", sum->cost.aborts);
        json_count(object, "waits", sum->cost.waits);
        json_seconds(object, "lost_s", (double)sum->cost.lost_ticks, report);
        json_share(object, "lost_share", (double)sum->cost.lost_ticks, report);
        json_count(object, "conflicts", sum->pairs);
        push(list, object);
    }
    sums_free(&found);
    return list;
}

struct json_object *export_report(const struct report *report) {
    struct json_object *object = json_new();
    json_text(object, "format", "ame-report");
    json_count(object, "version", 1);
    json_add(object, "process", process(report));
    json_seconds(object, "all_threads_s", report->all_ticks, report);
    json_add(object, "threads", threads(report));
    json_add(object, "marks", marks(report));
    json_add(object, "blocks", blocks(report));
    json_add(object, "advice", advices(report));
    json_add(object, "conflicts", conflicts(report));
    json_add(object, "by_site", sums(report, BY_SITE));
    json_add(object, "by_field", sums(report, BY_FIELD));
    json_add(object, "by_type", sums(report, BY_TYPE));
    return object;
}

void export_json(const struct report *report) {
    struct json_object *object = export_report(report);
    const char *text = json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    puts(text ? text : (complain("out of memory"), "null"));
    json_object_put(object);
}
