#define _GNU_SOURCE
#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("ame: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static _Noreturn void out_of_memory(void) {
    complain("out of memory");
    exit(EXIT_FAILURE);
}

void *must_resize(void *old, size_t count, size_t size) {
    void *new = count &&size > SIZE_MAX / count ? NULL : realloc(old, count * size);
    if (!new)
        out_of_memory();
    return new;
}

char *must_copy(const char *text) {
    char *copy = strdup(text);
    if (!copy)
        out_of_memory();
    return copy;
}

char *must_print(const char *format, ...) {
    va_list arguments;
    char *text;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        out_of_memory();
    va_end(arguments);
    return text;
}

int finish_output(void) {
    if (!fflush(stdout) && !ferror(stdout))
        return EXIT_SUCCESS;
    complain("cannot write the output: %s", strerror(errno));
    return EXIT_FAILURE;
}
