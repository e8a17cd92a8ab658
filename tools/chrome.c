/* The timeline in the Trace Event Format (JSON), which Perfetto and Chrome show. */
#include "export.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct writer {
    const struct report *report;
    bool any; /* an event is written: a comma comes before the next */
};

static double microseconds(const struct writer *writer, uint64_t ticks) {
    uint64_t start = writer->report->trace.header.start_ticks;
    return ticks > start ? (double)(ticks - start) * 1e6 / writer->report->ticks_per_second : 0;
}

/* Takes the object. One event in memory at a time: recordings are large. */
static void write_event(struct writer *writer, struct json_object *event) {
    printf("%s%s", writer->any ? ",\n" : "",
           json_object_to_json_string_ext(event,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    writer->any = true;
    json_object_put(event);
}

static struct json_object *new_event(const struct writer *writer, const char *kind,
                                     const char *name, uint32_t thread, uint64_t ticks) {
    struct json_object *event = json_new();
    json_text(event, "ph", kind);
    json_text(event, "name", name);
    json_count(event, "pid", writer->report->trace.header.pid);
    json_count(event, "tid", thread);
    json_add(event, "ts", json_object_new_double(microseconds(writer, ticks)));
    return event;
}

static void write_names(struct writer *writer) {
    const struct trace *trace = &writer->report->trace;
    for (size_t i = 0; i < trace->threads.count; i++) {
        uint32_t number = trace->threads.items[i].span.thread;
        struct json_object *event =
            new_event(writer, "M", "thread_name", number, trace->header.start_ticks);
        struct json_object *args = json_new();
        const char *given = trace->threads.items[i].name;
        char *name = given ? must_print("%s (%" PRIu32 ")", given, number)
                           : must_print("thread %" PRIu32, number);
        json_text(args, "name", name);
        json_add(event, "args", args);
        write_event(writer, event);
        free(name);
    }
}

/* The lost time, up to the end of the attempt. */
static void write_lost(struct writer *writer, const struct ame__event *lost) {
    const struct report *report = writer->report;
    const char *reason = trace_reason_name(lost->reason);
    uint64_t begin = lost->ticks > lost->own ? lost->ticks - lost->own : 0;
    if (!reason || (!lost->own && lost->lost)) /* of what was merely counted there is no moment */
        return;
    struct json_object *event = new_event(writer, "X", reason, lost->thread, begin);
    struct json_object *args = json_new();
    char *block = block_label(&report->trace, report->symbols, lost->block);
    json_text(event, "cat",
              lost->reason == AME__RECORDED_LONG          ? "committed"
              : lost->reason >= AME__RECORDED_READ_WAITED ? "waiting"
                                                          : "wasted");
    json_add(event, "dur",
             json_object_new_double((double)lost->own * 1e6 / report->ticks_per_second));
    json_text(args, "block", block);
    json_add(args, "place",
             json_place(lost->my_place ? symbols_at(report->symbols, lost->my_place - 1) : NULL));
    json_add(
        args, "other_place",
        json_place(lost->other_place ? symbols_at(report->symbols, lost->other_place - 1) : NULL));
    if (lost->other_thread != AME__THREAD_UNKNOWN)
        json_count(args, "other_thread", lost->other_thread);
    if (lost->count > 1)
        json_count(args, "stands_for", lost->count);
    if (lost->hardware_code)
        json_count(args, "hardware_code", lost->hardware_code);
    json_add(event, "args", args);
    write_event(writer, event);
    free(block);
}

/* How the thread's time was divided, as a counter: a step for each slice. */
static void write_slice(struct writer *writer, const struct trace_slice *slice) {
    double length = (double)(slice->end_ticks - slice->begin_ticks);
    char *name = must_print("thread %" PRIu32 ": percent of time", slice->thread);
    struct json_object *event = new_event(writer, "C", name, slice->thread, slice->begin_ticks);
    struct json_object *args = json_new();
    const struct {
        const char *name;
        uint64_t ticks;
    } parts[] = {{"committed", slice->total.committed_ticks},
                 {"wasted", slice->total.wasted_ticks},
                 {"waiting", slice->total.waiting_ticks},
                 {"outside", slice->outside_ticks}};
    for (size_t i = 0; i < 4; i++)
        json_add(args, parts[i].name,
                 json_object_new_double(length > 0 ? 100 * (double)parts[i].ticks / length : 0));
    json_add(event, "args", args);
    write_event(writer, event);
    free(name);
}

static void write_mark(struct writer *writer, const struct trace_mark *mark) {
    struct json_object *event = new_event(writer, "i", mark->text, mark->thread, mark->ticks);
    json_text(event, "s", "g"); /* a line through all threads */
    write_event(writer, event);
}

void export_chrome(const struct report *report) {
    struct writer writer = {.report = report};
    printf("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    write_names(&writer);
    for (size_t i = 0; i < report->trace.marks.count; i++)
        write_mark(&writer, &report->trace.marks.items[i]);
    for (size_t i = 0; i < report->trace.slices.count; i++)
        write_slice(&writer, &report->trace.slices.items[i]);
    for (size_t i = 0; i < report->trace.all_events.count; i++)
        write_lost(&writer, &report->trace.all_events.items[i]);
    printf("\n]}\n");
}
