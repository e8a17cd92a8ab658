#define _GNU_SOURCE
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct short_text short_count(uint64_t count) {
    static const char units[] = "kMGTPE";
    struct short_text result;
    if (count < 100000) {
        snprintf(result.text, sizeof result.text, "%" PRIu64, count);
        return result;
    }
    double value = (double)count / 1000;
    const char *unit = units;
    while (value >= 999.5 && unit[1]) {
        value /= 1000;
        unit++;
    }
    snprintf(result.text, sizeof result.text, value < 99.95 ? "%.1f%c" : "%.0f%c", value, *unit);
    return result;
}

struct short_text short_number(double value) {
    const double largest = 1e18;
    return short_count(value >= largest ? (uint64_t)largest : value > 0 ? (uint64_t)value : 0);
}

struct short_text percent(double part, double whole) {
    struct short_text result = {"-"};
    if (whole > 0)
        snprintf(result.text, sizeof result.text, "%.1f %%", 100 * part / whole);
    return result;
}

/* From the next directory on, if the cut is in a path. */
static const char *cut(const char *text, size_t width) {
    enum { DOTS = 3 };
    const char *rest = text + strlen(text) - (width - DOTS), *slash = strchr(rest, '/');
    return slash ? slash : rest;
}

char *shorten(const char *text, size_t width) {
    enum { LEAST = 8 };
    if (width < LEAST || width > REPORT_WIDTH) /* what stands before is too long */
        width = LEAST;
    return strlen(text) <= width ? must_copy(text) : must_print("...%s", cut(text, width));
}

/* Of the path as many directories as there is room for; then the beginning of the function. */
char *shorten_label(const char *label, size_t width) {
    enum { LEAST_FUNCTION = 4, MARKS = 5 /* "... (" */ };
    const char *file = strstr(label, " (");
    if (!file || strlen(label) <= width)
        return shorten(label, width);
    int before = (int)(file - label);
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file + 2;
    size_t room = width > (size_t)before + 2 ? width - (size_t)before - 2 : 0;
    if (room >= strlen(base) + MARKS) {
        char *end = shorten(file + 2, room);
        char *text = must_print("%.*s (%s", before, label, end);
        free(end);
        return text;
    }
    if (room >= strlen(base))
        return must_print("%.*s (%s", before, label, base);
    if (width >= strlen(base) + LEAST_FUNCTION + MARKS)
        return must_print("%.*s... (%s", (int)(width - strlen(base) - MARKS), label, base);
    return shorten(label, width);
}

const char *relative_path(const char *file) {
    static char *directory;
    if (!directory && !(directory = getcwd(NULL, 0)))
        return file;
    size_t length = strlen(directory);
    if (!strncmp(file, directory, length) && file[length] == '/')
        return file + length + 1;
    return file;
}

static char *place_label(const char *function, const char *file, unsigned line) {
    if (!file || !*file)
        return must_copy(function);
    if (!line)
        return must_print("%s (%s)", function, relative_path(file));
    return must_print("%s (%s:%u)", function, relative_path(file), line);
}

char *frame_label(const struct symbol_frame *frame) {
    return place_label(frame->function, frame->file, frame->line);
}

bool ends_with_path(const char *whole, const char *end) {
    size_t length = strlen(whole), end_length = strlen(end);
    if (length < end_length || strcmp(whole + length - end_length, end))
        return false;
    return length == end_length || *end == '/' || whole[length - end_length - 1] == '/';
}

char *block_label(const struct trace *trace, struct symbols *symbols, uint64_t id) {
    const struct trace_block *block = trace_block(trace, id);
    if (block && *block->file)
        return place_label(*block->function ? block->function : "?", block->file, block->line);
    if (block && block->place)
        return frame_label(symbols_function(symbols, block->place));
    if (block && *block->function)
        return must_copy(block->function);
    return must_print("block 0x%" PRIx64, id);
}

static char *trim(char *text) {
    size_t length = strlen(text), begin = strspn(text, " \t");
    while (length > begin && strchr(" \t\r\n", text[length - 1]))
        length--;
    text[length] = '\0';
    for (char *c = text + begin; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return must_copy(text + begin);
}

void print_wrapped(size_t indent, const char *text) {
    size_t column = indent;
    const char *separator = "";
    size_t leading = strspn(text, " ");
    printf("%*s%.*s", (int)indent, "", (int)leading, text);
    column += leading;
    for (text += leading; *text;) {
        size_t length = strcspn(text, " ");
        if (column + strlen(separator) + length > REPORT_WIDTH && *separator) {
            column = indent + leading + 3;
            printf("\n%*s", (int)column, "");
            separator = "";
        }
        printf("%s%.*s", separator, (int)length, text);
        column += strlen(separator) + length;
        separator = " ";
        text += length;
        text += strspn(text, " ");
    }
    printf("\n");
}

FILE *open_source(const char *file) {
    struct stat status;
    return !stat(file, &status) && S_ISREG(status.st_mode) ? fopen(file, "r") : NULL;
}

static bool coloured(void) {
    const char *never = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(never && *never);
}

const char *text_strong(void) {
    return coloured() ? "\033[1m" : "";
}

const char *text_plain(void) {
    return coloured() ? "\033[0m" : "";
}

char *source_line(const char *file, unsigned line) {
    FILE *source = file && line ? open_source(file) : NULL;
    char *text = NULL;
    size_t capacity = 0;
    if (!source)
        return NULL;
    while (line && getline(&text, &capacity, source) >= 0)
        line--;
    fclose(source);
    if (!line)
        return text;
    free(text);
    return NULL;
}

char *source_text(const char *file, unsigned line) {
    char *text = source_line(file, line);
    char *result = text ? trim(text) : NULL;
    free(text);
    return result;
}
