/* text.c - reads a whole file, of whatever kind, through a growing buffer. */
#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *text_display_name(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* A regular file says how large it is; a pipe does not. The size is a hint only:
 * the file may grow while it is read. */
static size_t first_capacity(int file) {
    const size_t smallest = 1 << 16;
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
        (uintmax_t)status.st_size >= SIZE_MAX / 2)
        return smallest;
    return (size_t)status.st_size + smallest;
}

static bool read_to_end(struct text *text, int file, const char *name) {
    size_t capacity = first_capacity(file);
    text->bytes = malloc(capacity);
    while (text->bytes) {
        /* One byte stays free for the NUL. */
        ssize_t got = read(file, text->bytes + text->length, capacity - text->length - 1);
        if (got == 0) {
            text->bytes[text->length] = '\0';
            return true;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            message("%s: cannot be read: %s; give a file with a Debian package index", name,
                    strerror(errno));
            return false;
        }
        text->length += (size_t)got;
        if (capacity - text->length > 1)
            continue;
        char *larger = capacity < SIZE_MAX / 2 ? realloc(text->bytes, capacity * 2) : NULL;
        if (!larger)
            break;
        text->bytes = larger;
        capacity *= 2;
    }
    message("%s: out of memory after %zu bytes; give a smaller index", name, text->length);
    return false;
}

bool text_read(struct text *text, const char *path) {
    const char *name = text_display_name(path);
    bool standard_input = strcmp(path, "-") == 0;
    *text = (struct text){0};
    int file = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        message("%s: cannot be opened: %s; give the path of a Debian package index", name,
                strerror(errno));
        return false;
    }
    bool complete = read_to_end(text, file, name);
    if (!standard_input)
        close(file);
    if (!complete)
        text_free(text);
    return complete;
}

void text_free(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}
