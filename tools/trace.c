#include "trace.h"

#include "progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- look-up by identity ---- */

struct id_key {
    const struct trace *trace;
    uint64_t id;
};

static bool block_equal(const void *context, size_t position) {
    const struct id_key *key = context;
    return key->trace->blocks.items[position].id == key->id;
}

static bool text_equal(const void *context, size_t position) {
    const struct id_key *key = context;
    return key->trace->texts.items[position].id == key->id;
}

static bool thread_equal(const void *context, size_t position) {
    const struct id_key *key = context;
    return key->trace->threads.items[position].span.thread == key->id;
}

const struct trace_block *trace_block(const struct trace *trace, uint64_t id) {
    struct id_key key = {trace, id};
    size_t at = index_find(&trace->block_index, hash_word(0, id), block_equal, &key);
    return at == INDEX_ABSENT ? NULL : &trace->blocks.items[at];
}

const char *trace_text(const struct trace *trace, uint64_t id) {
    struct id_key key = {trace, id};
    size_t at = index_find(&trace->text_index, hash_word(0, id), text_equal, &key);
    return at == INDEX_ABSENT ? NULL : trace->texts.items[at].text;
}

/* The block with this identity, made without a name where there is none yet. */
static struct trace_block *block_for(struct trace *trace, uint64_t id) {
    const struct trace_block *found = trace_block(trace, id);
    if (found)
        return &trace->blocks.items[found - trace->blocks.items];
    struct trace_block block = {.id = id, .function = must_copy(""), .file = must_copy("")};
    index_add(&trace->block_index, hash_word(0, id), trace->blocks.count);
    ARRAY_PUSH(&trace->blocks, block);
    return &trace->blocks.items[trace->blocks.count - 1];
}

/* ---- one kind of chunk each; false: the chunk is damaged ---- */

/* The string at `*at`, which moves behind it; NULL when no NUL ends it. */
static const char *take_string(const char **at, const char *end) {
    const char *string = *at, *nul = memchr(string, 0, (size_t)(end - string));
    if (!nul)
        return NULL;
    *at = nul + 1;
    return string;
}

/* A recording may come from anywhere: nothing in it may control the terminal. */
static char *copy_printable(const char *text) {
    char *copy = must_copy(text);
    for (unsigned char *c = (unsigned char *)copy; *c; c++)
        if (*c < ' ' || *c == 127)
            *c = '?';
    return copy;
}

static bool read_module(struct trace *trace, const char *data, size_t size) {
    struct trace_module module;
    if (size < sizeof module.segment)
        return false;
    memcpy(&module.segment, data, sizeof module.segment);
    const char *at = data + sizeof module.segment, *path = take_string(&at, data + size);
    if (!path || module.segment.start >= module.segment.end)
        return false;
    module.path = copy_printable(path);
    ARRAY_PUSH(&trace->modules, module);
    return true;
}

static bool read_block(struct trace *trace, const char *data, size_t size) {
    struct ame__block_chunk chunk;
    if (size < sizeof chunk)
        return false;
    memcpy(&chunk, data, sizeof chunk);
    const char *at = data + sizeof chunk, *end = data + size;
    const char *function = take_string(&at, end), *file = function ? take_string(&at, end) : NULL;
    if (!file)
        return false;
    struct trace_block *block = block_for(trace, chunk.block);
    free(block->function);
    free(block->file);
    block->function = copy_printable(function);
    block->file = copy_printable(file);
    block->place = chunk.place;
    block->line = chunk.line;
    block->serial_only = chunk.flags & AME__BLOCK_SERIAL_ONLY;
    return true;
}

/* The first `head` bytes go to *chunk; returns the string behind them, or NULL: damaged. */
static const char *take_head(void *chunk, size_t head, const char *data, size_t size) {
    if (size < head)
        return NULL;
    memcpy(chunk, data, head);
    const char *at = data + head;
    return take_string(&at, data + size);
}

static bool read_text(struct trace *trace, const char *data, size_t size) {
    struct ame__text_chunk chunk;
    const char *text = take_head(&chunk, sizeof chunk, data, size);
    if (!text)
        return false;
    if (trace_text(trace, chunk.text))
        return true;
    struct trace_text entry = {chunk.text, copy_printable(text)};
    index_add(&trace->text_index, hash_word(0, chunk.text), trace->texts.count);
    ARRAY_PUSH(&trace->texts, entry);
    return true;
}

struct event_key {
    const struct trace *trace;
    const struct trace_event *event;
};

static bool events_equal(const void *context, size_t position) {
    const struct event_key *key = context;
    const struct trace_event *a = key->event, *b = &key->trace->events.items[position];
    return a->block == b->block && a->my_place == b->my_place && a->other_block == b->other_block &&
           a->other_place == b->other_place && a->why == b->why && a->reason == b->reason &&
           a->hardware_code == b->hardware_code;
}

/* What was counted with it counts as like it. */
static void add_sample(struct trace_event *event, const struct ame__event *one) {
    for (unsigned i = 0; i < event->sample_count; i++) {
        struct trace_sample *sample = &event->samples[i];
        if (sample->address == one->address && sample->other_address == one->other_address &&
            sample->other_bytes == one->other_bytes && sample->flags == one->flags &&
            sample->allocated_at == one->allocated_at) {
            sample->count += one->count;
            return;
        }
    }
    if (event->sample_count < TRACE_SAMPLES)
        event->samples[event->sample_count++] =
            (struct trace_sample){.address = one->address,
                                  .other_address = one->other_address,
                                  .other_bytes = one->other_bytes,
                                  .allocated_at = one->allocated_at,
                                  .flags = one->flags,
                                  .count = one->count};
}

static uint64_t bit_of_thread(uint32_t thread) {
    return thread == AME__THREAD_UNKNOWN ? 0 : UINT64_C(1) << thread % 64;
}

/* Of some places only the lower half is recorded: they lie in a module. */
static uint64_t whole_place(const struct trace *trace, uint64_t place) {
    const uint64_t half = UINT64_C(1) << 32;
    if (!place || place >= half)
        return place;
    for (size_t i = trace->modules.count; i-- > 0;) {
        const struct ame__module_chunk *segment = &trace->modules.items[i].segment;
        uint64_t whole = (segment->start & -half) | place;
        whole += whole < segment->start ? half : 0;
        if (whole >= segment->start && whole < segment->end)
            return whole;
    }
    return place;
}

static void add_event(struct trace *trace, const struct ame__event *one) {
    struct trace_event event = {
        .block = one->block,
        .my_place = one->my_place,
        .other_block = one->other_block,
        .other_place = one->other_place,
        .why = one->why,
        .reason = one->reason,
        .hardware_code = one->hardware_code,
    };
    uint64_t hash = hash_word(hash_word(0, event.block), event.my_place);
    hash = hash_word(hash_word(hash, event.other_block), event.other_place);
    hash = hash_word(hash_word(hash, event.why), event.reason);
    struct event_key key = {trace, &event};
    size_t at = index_find(&trace->event_index, hash, events_equal, &key);
    if (at == INDEX_ABSENT) {
        at = trace->events.count;
        index_add(&trace->event_index, hash, at);
        ARRAY_PUSH(&trace->events, event);
    }
    struct trace_event *sum = &trace->events.items[at];
    sum->count += one->count;
    sum->recorded += one->own || one->count == 1;
    sum->lost_ticks += one->lost;
    sum->repeated += one->repeated;
    sum->threads |= bit_of_thread(one->thread) | bit_of_thread(one->other_thread);
    add_sample(sum, one);
    trace->aborts += one->reason < AME__RECORDED_READ_WAITED ? one->count : 0;
}

static bool read_events(struct trace *trace, const char *data, size_t size) {
    struct ame__event event;
    if (size % sizeof event)
        return false;
    for (size_t at = 0; at < size; at += sizeof event) {
        memcpy(&event, data + at, sizeof event);
        event.my_place = whole_place(trace, event.my_place);
        event.other_place = whole_place(trace, event.other_place);
        if (!event.count || event.own > event.lost)
            return false;
        if (event.reason != AME__RECORDED_LONG) /* which loses nothing */
            add_event(trace, &event);
        if (trace->keeps_all)
            ARRAY_PUSH(&trace->all_events, event);
    }
    return true;
}

static void add_totals(struct ame__block_totals *sum, const struct ame__block_totals *part) {
    sum->commits_htm += part->commits_htm;
    sum->commits_stm += part->commits_stm;
    sum->commits_serial += part->commits_serial;
    sum->aborts += part->aborts;
    sum->timed += part->timed;
    sum->left_hardware += part->left_hardware;
    sum->merged += part->merged;
    sum->allocated += part->allocated;
    if (part->allocated_most > sum->allocated_most)
        sum->allocated_most = part->allocated_most;
    sum->committed_ticks += part->committed_ticks;
    sum->serial_ticks += part->serial_ticks;
    sum->wasted_ticks += part->wasted_ticks;
    sum->waiting_ticks += part->waiting_ticks;
}

static struct trace_thread *thread_for(struct trace *trace, uint32_t number) {
    struct id_key key = {trace, number};
    uint64_t hash = hash_word(0, number);
    size_t at = index_find(&trace->thread_index, hash, thread_equal, &key);
    if (at == INDEX_ABSENT) {
        at = trace->threads.count;
        struct trace_thread thread = {.span.thread = number};
        index_add(&trace->thread_index, hash, at);
        ARRAY_PUSH(&trace->threads, thread);
    }
    return &trace->threads.items[at];
}

static bool read_totals(struct trace *trace, const char *data, size_t size) {
    struct ame__block_totals part;
    if (size % sizeof part)
        return false;
    for (size_t at = 0; at < size; at += sizeof part) {
        memcpy(&part, data + at, sizeof part);
        add_totals(&block_for(trace, part.block)->total, &part);
        add_totals(&thread_for(trace, part.thread)->total, &part);
        add_totals(&thread_for(trace, part.thread)->slice, &part);
    }
    return true;
}

static void add_slice(struct trace *trace, struct trace_thread *thread,
                      const struct ame__thread_chunk *now) {
    const struct ame__thread_chunk *before = &thread->span;
    uint64_t begin = before->end_ticks ? before->end_ticks : now->begin_ticks;
    if (now->end_ticks < begin || now->outside_ticks < before->outside_ticks)
        return; /* damaged */
    struct trace_slice slice = {.thread = now->thread,
                                .begin_ticks = begin,
                                .end_ticks = now->end_ticks,
                                .outside_ticks = now->outside_ticks - before->outside_ticks,
                                .total = thread->slice};
    ARRAY_PUSH(&trace->slices, slice);
    thread->slice = (struct ame__block_totals){0};
}

static bool read_thread(struct trace *trace, const char *data, size_t size) {
    struct ame__thread_chunk thread;
    if (size != sizeof thread)
        return false;
    memcpy(&thread, data, sizeof thread);
    if (thread.end_ticks < thread.begin_ticks ||
        thread.outside_ticks > thread.end_ticks - thread.begin_ticks)
        return false;
    struct trace_thread *known = thread_for(trace, thread.thread);
    if (trace->keeps_all)
        add_slice(trace, known, &thread);
    known->span = thread;
    return true;
}

static bool read_name(struct trace *trace, const char *data, size_t size) {
    struct ame__name_chunk chunk;
    const char *name = take_head(&chunk, sizeof chunk, data, size);
    if (!name)
        return false;
    struct trace_thread *thread = thread_for(trace, chunk.thread);
    free(thread->name);
    thread->name = copy_printable(name);
    return true;
}

static bool read_mark(struct trace *trace, const char *data, size_t size) {
    struct ame__mark_chunk chunk;
    const char *text = take_head(&chunk, sizeof chunk, data, size);
    if (!text)
        return false;
    struct trace_mark mark = {chunk.ticks, chunk.thread, copy_printable(text)};
    ARRAY_PUSH(&trace->marks, mark);
    return true;
}

static bool read_clock(struct trace *trace, const char *data, size_t size) {
    if (size != sizeof trace->last_clock)
        return false;
    memcpy(&trace->last_clock, data, sizeof trace->last_clock);
    return true;
}

static bool read_end(struct trace *trace, const char *data, size_t size) {
    trace->whole = read_clock(trace, data, size);
    return trace->whole;
}

static bool (*const readers[])(struct trace *, const char *, size_t) = {
    [AME__CHUNK_MODULE] = read_module, [AME__CHUNK_BLOCK] = read_block,
    [AME__CHUNK_TEXT] = read_text,     [AME__CHUNK_EVENTS] = read_events,
    [AME__CHUNK_TOTALS] = read_totals, [AME__CHUNK_THREAD] = read_thread,
    [AME__CHUNK_CLOCK] = read_clock,   [AME__CHUNK_END] = read_end,
    [AME__CHUNK_MARK] = read_mark,     [AME__CHUNK_NAME] = read_name,
};
enum { KINDS = sizeof readers / sizeof *readers };

/* ---- the file ---- */

static bool skip(FILE *file, uint64_t size) {
    char piece[4096];
    while (size) {
        size_t part = size < sizeof piece ? (size_t)size : sizeof piece;
        if (fread(piece, 1, part, file) != part)
            return false;
        size -= part;
    }
    return true;
}

static bool read_header(struct trace *trace, FILE *file, const char *path) {
    struct ame__file_header *header = &trace->header;
    size_t size = fread(header, 1, sizeof *header, file);
    if (ferror(file)) {
        complain("cannot read %s: %s", path, strerror(errno));
        return false;
    }
    size_t compared = size < sizeof header->magic ? size : sizeof header->magic;
    if (!size || memcmp(header->magic, AME__FORMAT_MAGIC, compared)) {
        complain("%s is not a recording; `ame record PROGRAM` makes one", path);
        return false;
    }
    if (size >= 12 && header->version != AME__FORMAT_VERSION) {
        complain("%s has format version %u and this tool reads version %d; use the `ame` that "
                 "belongs to the runtime which wrote it",
                 path, header->version, AME__FORMAT_VERSION);
        return false;
    }
    if (size < sizeof *header || header->header_size < sizeof *header ||
        !skip(file, header->header_size - sizeof *header)) {
        complain("%s was cut short in its header: there is nothing to report", path);
        return false;
    }
    return true;
}

/* 0: not known. */
static uint64_t size_of(FILE *file) {
    struct stat status;
    int descriptor = fileno(file);
    return descriptor >= 0 && !fstat(descriptor, &status) && S_ISREG(status.st_mode)
               ? (uint64_t)status.st_size
               : 0;
}

/* Reads chunk after chunk up to the end or the first damaged one. */
static void read_chunks(struct trace *trace, FILE *file) {
    struct ame__chunk_header chunk;
    uint64_t size = size_of(file);
    uint64_t offset = trace->header.header_size;
    char *data = must_resize(NULL, AME__CHUNK_LIMIT, 1);
    while (!trace->whole && fread(&chunk, sizeof chunk, 1, file) == 1) {
        bool known = chunk.kind < KINDS && readers[chunk.kind];
        if (!known) {
            if (!skip(file, chunk.size))
                break;
        } else if (chunk.size > AME__CHUNK_LIMIT) {
            trace->damage_at = offset;
            break;
        } else if (fread(data, 1, chunk.size, file) != chunk.size) {
            break;
        } else if (!readers[chunk.kind](trace, data, chunk.size)) {
            trace->damage_at = offset;
            break;
        }
        offset += sizeof chunk + chunk.size;
        progress("ame: reading", offset, size);
    }
    progress_end();
    free(data);
}

/* What was merely counted has lost about so much: all of a block's no more than its totals. */
static void fit_events_to_totals(struct trace *trace) {
    double(*sums)[2] = must_resize(NULL, trace->blocks.count + 1, sizeof *sums);
    memset(sums, 0, (trace->blocks.count + 1) * sizeof *sums);
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        const struct trace_block *block = trace_block(trace, event->block);
        if (block)
            sums[block - trace->blocks.items][event->reason >= AME__RECORDED_READ_WAITED] +=
                (double)event->lost_ticks;
    }
    for (size_t i = 0; i < trace->events.count; i++) {
        struct trace_event *event = &trace->events.items[i];
        const struct trace_block *block = trace_block(trace, event->block);
        bool wait = event->reason >= AME__RECORDED_READ_WAITED;
        double sum = block ? sums[block - trace->blocks.items][wait] : 0;
        double all = !block ? 0
                     : wait ? (double)block->total.waiting_ticks
                            : (double)block->total.wasted_ticks;
        if (sum > all && event->count > event->recorded)
            event->lost_ticks = (uint64_t)((double)event->lost_ticks * all / sum);
    }
    free(sums);
}

static int by_number(const void *a, const void *b) {
    const struct trace_thread *x = a, *y = b;
    return (x->span.thread > y->span.thread) - (x->span.thread < y->span.thread);
}

static bool read_stream(struct trace *trace, FILE *file, const char *name) {
    if (!read_header(trace, file, name))
        return false;
    trace->last_clock =
        (struct ame__clock_chunk){trace->header.start_ticks, trace->header.start_ns};
    read_chunks(trace, file);
    fit_events_to_totals(trace);
    if (trace->threads.count)
        qsort(trace->threads.items, trace->threads.count, sizeof *trace->threads.items, by_number);
    return true;
}

static bool read_file(struct trace *trace, const char *path) {
    bool standard_input = !strcmp(path, "-");
    FILE *file = standard_input ? stdin : fopen(path, "rb");
    if (!file) {
        complain("cannot open %s: %s%s", path, strerror(errno),
                 errno == ENOENT ? "; `ame record PROGRAM` makes a recording" : "");
        return false;
    }
    bool readable = read_stream(trace, file, path);
    if (!standard_input)
        fclose(file);
    return readable;
}

bool trace_read(struct trace *trace, const char *path) {
    *trace = (struct trace){0};
    return read_file(trace, path);
}

bool trace_read_all(struct trace *trace, const char *path) {
    *trace = (struct trace){.keeps_all = true};
    return read_file(trace, path);
}

bool trace_read_stream(struct trace *trace, FILE *file) {
    *trace = (struct trace){.keeps_all = true};
    return read_stream(trace, file, "the stream");
}

const char *trace_reason_name(uint32_t reason) {
    static const char *const names[AME__RECORDED_REASONS] = {
        [AME__RECORDED_READ_CHANGED] = "read-changed",
        [AME__RECORDED_WOUNDED] = "wounded",
        [AME__RECORDED_COUNT_CHANGED] = "count-changed",
        [AME__RECORDED_SERIAL] = "asked-to-run-alone",
        [AME__RECORDED_MEMORY] = "no-memory",
        [AME__RECORDED_HTM_CONFLICT] = "hardware-conflict",
        [AME__RECORDED_HTM_CAPACITY] = "hardware-capacity",
        [AME__RECORDED_HTM_EXPLICIT] = "hardware-gave-way",
        [AME__RECORDED_HTM_OTHER] = "hardware-other",
        [AME__RECORDED_READ_WAITED] = "read-waited",
        [AME__RECORDED_WRITE_WAITED] = "write-waited",
        [AME__RECORDED_GATE_WAITED] = "waited-for-lone-block",
        [AME__RECORDED_COMMIT_WAITED] = "commit-waited",
        [AME__RECORDED_RETRIED] = "retried",
        [AME__RECORDED_LONG] = "long-commit",
    };
    return reason < AME__RECORDED_REASONS ? names[reason] : NULL;
}

double trace_ticks_per_second(const struct trace *trace) {
    const struct ame__clock_chunk *last = &trace->last_clock;
    const struct ame__file_header *header = &trace->header;
    const uint64_t long_enough_ns = 10000000;
    if (last->ns > header->start_ns && last->ns - header->start_ns >= long_enough_ns &&
        last->ticks > header->start_ticks)
        return (double)(last->ticks - header->start_ticks) * 1e9 /
               (double)(last->ns - header->start_ns);
    return header->ticks_per_second ? (double)header->ticks_per_second : 1e9;
}

void trace_free(struct trace *trace) {
    for (size_t i = 0; i < trace->modules.count; i++)
        free(trace->modules.items[i].path);
    for (size_t i = 0; i < trace->blocks.count; i++) {
        free(trace->blocks.items[i].function);
        free(trace->blocks.items[i].file);
    }
    for (size_t i = 0; i < trace->texts.count; i++)
        free(trace->texts.items[i].text);
    free(trace->modules.items);
    free(trace->blocks.items);
    free(trace->texts.items);
    free(trace->events.items);
    for (size_t i = 0; i < trace->threads.count; i++)
        free(trace->threads.items[i].name);
    for (size_t i = 0; i < trace->marks.count; i++)
        free(trace->marks.items[i].text);
    free(trace->marks.items);
    free(trace->threads.items);
    free(trace->all_events.items);
    free(trace->slices.items);
    index_free(&trace->block_index);
    index_free(&trace->event_index);
    index_free(&trace->thread_index);
    index_free(&trace->text_index);
}
