/* util.h - messages, memory that does not run out, exit statuses. */
#ifndef AME_TOOLS_UTIL_H
#define AME_TOOLS_UTIL_H

#include <stddef.h>

enum { EXIT_USAGE = 2, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 };

/* Prints "ame: " and the message to standard error, on one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Out of memory ends the tool with a message. */
void *must_resize(void *old, size_t count, size_t size);
char *must_copy(const char *text);
char *must_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* After writing to standard output: 0, or 1 after a message when that failed. */
int finish_output(void);

#endif
