/* seeds.c - seeds DIRECTORY: writes recordings of few bytes that have each kind of chunk, from
 * which the corpus was grown: `fuzz -merge=1 corpus DIRECTORY`. */
#include "events/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *file;

static void chunk(uint32_t kind, const void *head, size_t head_size, const char *tail,
                  size_t tail_size) {
    struct ame__chunk_header header = {kind, (uint32_t)(head_size + tail_size)};
    fwrite(&header, sizeof header, 1, file);
    fwrite(head, head_size, 1, file);
    if (tail_size)
        fwrite(tail, tail_size, 1, file);
}

static void begin(const char *directory, const char *name) {
    char path[4096];
    struct ame__file_header header = {.magic = AME__FORMAT_MAGIC,
                                      .version = AME__FORMAT_VERSION,
                                      .header_size = sizeof header,
                                      .start_ticks = 1000,
                                      .start_ns = 1000,
                                      .ticks_per_second = 1000000000,
                                      .pid = 1};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fwrite(&header, sizeof header, 1, file);
}

static void blocks(void) {
    struct ame__module_chunk module = {.start = 0x1000, .end = 0x9000, .file_size = 1};
    struct ame__block_chunk one = {.block = 1, .place = 0x2000, .line = 7};
    struct ame__block_chunk other = {.block = 2, .flags = AME__BLOCK_SERIAL_ONLY};
    struct ame__text_chunk text = {3};
    chunk(AME__CHUNK_MODULE, &module, sizeof module, "/bin/true", 10);
    chunk(AME__CHUNK_BLOCK, &one, sizeof one, "f\0a.c", 6);
    chunk(AME__CHUNK_BLOCK, &other, sizeof other, "g\0", 3);
    chunk(AME__CHUNK_TEXT, &text, sizeof text, "printf", 7);
}

static void events(void) {
    struct ame__event event = {.ticks = 9000,
                               .lost = 100,
                               .own = 70,
                               .block = 1,
                               .my_place = 0x2100,
                               .other_block = 2,
                               .other_place = 0x2200,
                               .address = 0x8000,
                               .other_address = 0x8008,
                               .other_bytes = 0xff00,
                               .why = 3,
                               .other_thread = 1,
                               .flags = AME__OTHER_COMMITTED};
    for (uint32_t reason = 0; reason <= AME__RECORDED_REASONS; reason++) {
        event.reason = reason;
        event.other_address += 64 * (reason & 1);
        event.flags ^= reason % 3;
        event.count = 1 + reason % 3;
        event.own = reason % 4 ? 70 : 0;
        chunk(AME__CHUNK_EVENTS, &event, sizeof event, NULL, 0);
    }
}

static void totals(void) {
    struct ame__block_totals part = {.block = 1,
                                     .commits_htm = 1,
                                     .commits_stm = 2,
                                     .commits_serial = 3,
                                     .aborts = 4,
                                     .committed_ticks = 500,
                                     .serial_ticks = 100,
                                     .wasted_ticks = 1000,
                                     .waiting_ticks = 300};
    struct ame__thread_chunk thread = {
        .begin_ticks = 2000, .end_ticks = 9000, .outside_ticks = 100, .events_dropped = 1};
    struct ame__mark_chunk mark = {.ticks = 5000};
    struct ame__name_chunk name = {0};
    struct ame__clock_chunk clock = {20000000, 20000000};
    chunk(AME__CHUNK_TOTALS, &part, sizeof part, NULL, 0);
    chunk(AME__CHUNK_THREAD, &thread, sizeof thread, NULL, 0);
    chunk(AME__CHUNK_MARK, &mark, sizeof mark, "half", 5);
    chunk(AME__CHUNK_NAME, &name, sizeof name, "worker", 7);
    chunk(AME__CHUNK_CLOCK, &clock, sizeof clock, NULL, 0);
    chunk(AME__CHUNK_END, &clock, sizeof clock, NULL, 0);
}

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    begin(arguments[1], "empty");
    fclose(file);
    begin(arguments[1], "blocks");
    blocks();
    totals();
    fclose(file);
    begin(arguments[1], "whole");
    blocks();
    events();
    totals();
    fclose(file);
    begin(arguments[1], "unknown");
    chunk(99, "abc", 3, NULL, 0);
    events();
    fclose(file);
    return 0;
}
