/* text.h - a whole file in memory. */
#ifndef PKGGRAPH_TEXT_H
#define PKGGRAPH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes; /* `length` bytes and a NUL after them */
    size_t length;
};

/* The name by which messages call the input. */
const char *text_display_name(const char *path);

/* Reads the file, pipe or device at `path` to its end; "-" is standard input.
 * On failure says why on stderr and returns false. */
bool text_read(struct text *text, const char *path);

void text_free(struct text *text);

#endif
