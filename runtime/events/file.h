/* file.h - the recording's file: opened once, appended to in whole chunks. */
#ifndef AME_EVENTS_FILE_H
#define AME_EVENTS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ame_abi_block;

/* Creates the file and writes its header and the modules. False, after a
 * warning, when it can't be written. */
bool ame__file_open(const char *path);

/* Appends one chunk: `head`, then `tail` (strings; may be NULL). False when the
 * chunk was not written; after the first failure, which is reported, none is. */
bool ame__file_append(uint32_t kind, const void *head, size_t head_size, const void *tail,
                      size_t tail_size);

/* The same for two, at once. */
struct ame__chunk {
    uint32_t kind;
    const void *data;
    size_t size;
};
bool ame__file_append_two(const struct ame__chunk *first, const struct ame__chunk *second);

/* The same for abort events, which share a bound (AME_RECORD_MAX). */
bool ame__file_append_events(const void *events, size_t size);

/* Makes sure that the names of a block, or a text, are in the file. */
void ame__file_name_block(const struct ame_abi_block *block);
void ame__file_name_text(const char *text);

/* Writes the time on both clocks; with `end`, as the recording's last chunk. */
void ame__file_clock(bool end);

/* The first call takes a millisecond. */
uint64_t ame__file_ticks_per_second(void);

/* Around fork: the child gets a file of its own at its first chunk. */
void ame__file_before_fork(void);
void ame__file_after_fork_in_parent(void);
void ame__file_after_fork_in_child(void);

#endif
