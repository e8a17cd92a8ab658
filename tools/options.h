/* options.h - the options that commands on recordings share. */
#ifndef AME_TOOLS_OPTIONS_H
#define AME_TOOLS_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

/* getopt_long, which after a mistake prints a message that names `command` and returns '?'. The
 * first of `shorts` must be ':'. */
int next_option(const char *command, int count, char **arguments, const char *shorts,
                const struct option *options);

/* The command takes no more arguments; false after a message. */
bool no_more_arguments(const char *command, int count, char **arguments);

/* A number from 0 to `limit`; false after a message. */
bool read_count(const char *command, const char *text, unsigned long limit, unsigned long *value);

#endif
