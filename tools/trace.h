/* trace.h - a recording, read and summed up. */
#ifndef AME_TOOLS_TRACE_H
#define AME_TOOLS_TRACE_H

#include "array.h"
#include "events/format.h"
#include "index.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct trace_module {
    struct ame__module_chunk segment;
    char *path;
};

struct trace_block {
    uint64_t id;
    uint64_t place; /* 0: not known */
    uint32_t line;
    bool serial_only;
    char *function, *file;          /* "" where not known */
    struct ame__block_totals total; /* of all threads */
};

struct trace_text {
    uint64_t id;
    char *text;
};

/* Events that agree in what both blocks accessed too. */
struct trace_sample {
    uint64_t address, other_address, other_bytes, allocated_at;
    uint32_t flags;
    uint64_t count;
};

/* Events that agree in everything but time, thread and what was accessed: of that the
 * first few. */
enum { TRACE_SAMPLES = 16 };
struct trace_event {
    uint64_t block, my_place, other_block, other_place, why;
    uint32_t reason;
    uint32_t hardware_code; /* what the processor said, or 0 */
    uint64_t count, lost_ticks;
    uint64_t recorded; /* of them, one by one */
    uint64_t repeated; /* calls of atomic_retry() */
    uint64_t threads;  /* of both blocks, as far as known: bit i for thread i, modulo 64 */
    struct trace_sample samples[TRACE_SAMPLES];
    unsigned sample_count;
};

/* A moment that the program has marked. */
struct trace_mark {
    uint64_t ticks;
    uint32_t thread;
    char *text;
};

struct trace_thread {
    char *name; /* NULL: it has none */
    struct ame__thread_chunk span;
    struct ame__block_totals total; /* of all its blocks */
    struct ame__block_totals slice; /* of those since `span` */
};

/* What a thread did between two writings of its totals. */
struct trace_slice {
    uint32_t thread;
    uint64_t begin_ticks, end_ticks, outside_ticks;
    struct ame__block_totals total;
};

struct trace {
    struct ame__file_header header;
    ARRAY(struct trace_module) modules; /* in the file's order: later ones win */
    ARRAY(struct trace_block) blocks;
    ARRAY(struct trace_text) texts;
    ARRAY(struct trace_event) events;
    ARRAY(struct trace_thread) threads;
    ARRAY(struct trace_mark) marks;
    /* In the file's order; only of trace_read_all. */
    ARRAY(struct ame__event) all_events;
    ARRAY(struct trace_slice) slices;
    bool keeps_all;
    struct index block_index, event_index, thread_index, text_index;
    struct ame__clock_chunk last_clock;
    uint64_t aborts;    /* of which there are events */
    bool whole;         /* the program ended in its own time */
    uint64_t damage_at; /* offset of the first damaged chunk, or 0 */
};

/* Reads `path` ("-": standard input). On failure says why on standard error and
 * returns false. What can be read of a damaged file is. */
bool trace_read(struct trace *trace, const char *path);
/* The same, and keeps each event and slice of time: memory grows with the recording. */
bool trace_read_all(struct trace *trace, const char *path);
bool trace_read_stream(struct trace *trace, FILE *file); /* keeps all too */
void trace_free(struct trace *trace);

/* Never 0. */
double trace_ticks_per_second(const struct trace *trace);

/* NULL when the recording does not name it. */
const struct trace_block *trace_block(const struct trace *trace, uint64_t id);
const char *trace_text(const struct trace *trace, uint64_t id);

/* "read-changed" and the like; NULL for no reason at all. */
const char *trace_reason_name(uint32_t reason);

#endif
