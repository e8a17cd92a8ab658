#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void print_line(const char *format, va_list arguments) {
    char line[512];
    int prefix = snprintf(line, sizeof line, "ame: ");
    int length = vsnprintf(line + prefix, sizeof line - (size_t)prefix - 1, format, arguments);
    size_t total = (size_t)prefix + (length > 0 ? (size_t)length : 0);
    if (total > sizeof line - 2)
        total = sizeof line - 2;
    line[total++] = '\n';
    /* One write, so that lines of several threads do not mix. */
    if (write(STDERR_FILENO, line, total) < 0)
        return; /* nowhere left to complain */
}

void ame__warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

void ame__die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    abort();
}
