/* text.h - how the report writes things down, within 80 columns. */
#ifndef AME_TOOLS_TEXT_H
#define AME_TOOLS_TEXT_H

#include "symbols.h"

#include <stdio.h>

enum { REPORT_WIDTH = 80 };

struct short_text {
    char text[24];
};

/* At most five characters: 12345, 123k, 1.2M. */
struct short_text short_count(uint64_t count);

/* The same of a number that may be too large for an integer, or negative: then as near as can be.
 */
struct short_text short_number(double value);

/* "12.3 %"; "-" when the whole is 0. */
struct short_text percent(double part, double whole);

/* A text that is longer than `width` without its beginning, behind "...". Of a
 * "function (file:line)" the function stays. The results are the caller's to free. */
char *shorten(const char *text, size_t width);
char *shorten_label(const char *label, size_t width);

/* "function (file:line)", as much of it as is known, or what stands in for it:
 * of a block, and of a frame. The file is relative to the working directory if
 * it lies below. The result is the caller's to free. */
char *block_label(const struct trace *trace, struct symbols *symbols, uint64_t block);
char *frame_label(const struct symbol_frame *frame);

/* Prints words on lines of at most REPORT_WIDTH columns, the later ones two columns further in. */
void print_wrapped(size_t indent, const char *text);

/* The file as seen from the working directory, if it lies below. */
const char *relative_path(const char *file);

/* A path that is relative to where the compiler ran is the end of the whole one. */
bool ends_with_path(const char *whole, const char *end);

/* Bold, and back; nothing unless standard output is a terminal and NO_COLOR is not set. */
const char *text_strong(void);
const char *text_plain(void);

/* A plain file for reading, or NULL: a pipe, say, would keep the report waiting. */
FILE *open_source(const char *file);

/* The text of a line, as it is or trimmed, or NULL if the file can't be read. */
char *source_line(const char *file, unsigned line);
char *source_text(const char *file, unsigned line);

#endif
