/* recording.h - for the recorder's tests: a directory of their own, processes
 * that record, and a reader of the format as small as can be, which shares no
 * code with the tool's. */
#ifndef AME_TEST_RECORDING_H
#define AME_TEST_RECORDING_H

#define _GNU_SOURCE

#include "events/format.h"
#include "events/recorder.h"
#include <ame/abi.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HTM = 1, STM = 2, SERIAL = 3 };

static char directory[] = "/tmp/ame-recorder-XXXXXX";
static char path[64];

static inline void make_directory(void) {
    cr_assert(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/recording", directory);
    setenv("AME_RECORD", path, 1);
}

static inline void remove_directory(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command))
        fprintf(stderr, "%s is left behind\n", directory);
}

/* Runs `body` in a process of its own, which then ends by exit() so that the
 * recording ends too. Returns the wait status. */
static inline int in_process(void body(void)) {
    fflush(NULL);
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (!pid) {
        body();
        exit(0);
    }
    int status;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static inline void twin(void *args) {
    (void)args;
}

static inline struct ame_abi_block make_block(const char *function, uint32_t line) {
    return (struct ame_abi_block){
        .plain = twin, .twin = twin, .function = function, .file = "test.c", .line = line};
}

/* A thread has one in its descriptor. */
static __thread struct ame__watching watching;

static inline struct ame__recorder *open_thread(void) {
    return ame__recorder_open_thread(&watching);
}

/* Each kind of chunk, gathered. */
struct contents {
    struct ame__file_header header;
    struct ame__block_totals total;   /* of all blocks */
    uint64_t lost_in_events, counted; /* aborts and waits that the events stand for */
    struct ame__event *events;
    size_t event_count, modules, blocks, texts, threads, clocks, ends;
    struct ame__thread_chunk thread; /* the last */
    uint64_t thread_ticks, dropped;  /* of the threads' last chunks */
    char text[64];                   /* the last */
    char function[64];               /* of the last block */
    bool named_first;                /* every block in totals had its name before */
    bool whole;                      /* the file ends with a whole chunk */
    bool end_is_last;
};

enum { MAX_NAMED = 4096 };

static inline void read_totals(struct contents *contents, const struct ame__block_totals *part,
                               const uint64_t *named, size_t count) {
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found |= named[i] == part->block;
    contents->named_first &= found;
    contents->total.commits_htm += part->commits_htm;
    contents->total.commits_stm += part->commits_stm;
    contents->total.commits_serial += part->commits_serial;
    contents->total.aborts += part->aborts;
    contents->total.committed_ticks += part->committed_ticks;
    contents->total.serial_ticks += part->serial_ticks;
    contents->total.wasted_ticks += part->wasted_ticks;
    contents->total.waiting_ticks += part->waiting_ticks;
}

static inline struct contents read_recording(const char *file_name) {
    static char data[AME__CHUNK_LIMIT];
    static uint64_t named[MAX_NAMED];
    static struct ame__thread_chunk threads[256];
    static struct ame__event *events; /* of all files read: later ones overwrite */
    struct contents contents = {.named_first = true, .end_is_last = true};
    memset(threads, 0, sizeof threads);
    FILE *file = fopen(file_name, "rb");
    cr_assert(file, "%s", file_name);
    cr_assert_eq(fread(&contents.header, sizeof contents.header, 1, file), 1);
    struct ame__chunk_header chunk;
    size_t size;
    while ((size = fread(&chunk, 1, sizeof chunk, file)) == sizeof chunk) {
        if (chunk.size > sizeof data || fread(data, 1, chunk.size, file) != chunk.size)
            break;
        contents.end_is_last &= !contents.ends;
        switch (chunk.kind) {
        case AME__CHUNK_MODULE:
            contents.modules++;
            break;
        case AME__CHUNK_BLOCK:
            cr_assert_lt(contents.blocks, MAX_NAMED);
            memcpy(&named[contents.blocks++], data, sizeof *named);
            snprintf(contents.function, sizeof contents.function, "%s",
                     data + sizeof(struct ame__block_chunk));
            break;
        case AME__CHUNK_TEXT:
            contents.texts++;
            snprintf(contents.text, sizeof contents.text, "%s", data + 8);
            break;
        case AME__CHUNK_EVENTS: {
            size_t count = chunk.size / sizeof *contents.events;
            events = realloc(events, (contents.event_count + count) * sizeof *events);
            contents.events = events;
            for (size_t i = 0; i < count; i++) {
                struct ame__event *event = &events[contents.event_count];
                memcpy(event, data + i * sizeof *event, sizeof *event);
                if (event->reason == AME__RECORDED_LONG) /* the machine was busy, perhaps */
                    continue;
                contents.lost_in_events += event->lost;
                contents.counted += event->count;
                contents.event_count++;
            }
            break;
        }
        case AME__CHUNK_TOTALS:
            for (size_t at = 0; at < chunk.size; at += sizeof(struct ame__block_totals)) {
                struct ame__block_totals part;
                memcpy(&part, data + at, sizeof part);
                read_totals(&contents, &part, named, contents.blocks);
            }
            break;
        case AME__CHUNK_THREAD:
            memcpy(&contents.thread, data, sizeof contents.thread);
            cr_assert_lt(contents.thread.thread, 256);
            threads[contents.thread.thread] = contents.thread;
            break;
        case AME__CHUNK_CLOCK:
            contents.clocks++;
            break;
        case AME__CHUNK_END:
            contents.ends++;
            break;
        case AME__CHUNK_MARK:
        case AME__CHUNK_NAME:
            break;
        default:
            cr_assert_fail("unknown chunk %u", chunk.kind);
        }
    }
    contents.whole = size == 0 && feof(file);
    fclose(file);
    for (size_t i = 0; i < 256; i++) {
        contents.threads += threads[i].end_ticks != 0;
        contents.thread_ticks += threads[i].end_ticks - threads[i].begin_ticks;
        contents.dropped += threads[i].events_dropped;
    }
    return contents;
}

#endif
