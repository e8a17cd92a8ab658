/* message.c - one line on stderr. */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>

void message(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("pkggraph: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}
