#include "options.h"

#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int next_option(const char *command, int count, char **arguments, const char *shorts,
                const struct option *options) {
    int option = getopt_long(count, arguments, shorts, options, NULL);
    if (option != '?' && option != ':')
        return option;
    complain(option == ':' ? "%s: %s needs a value; see `ame help %s`"
                           : "%s: unknown option %s; see `ame help %s`",
             command, arguments[optind - 1], command);
    return '?';
}

bool no_more_arguments(const char *command, int count, char **arguments) {
    if (optind >= count)
        return true;
    complain("%s: unexpected argument %s; see `ame help %s`", command, arguments[optind], command);
    return false;
}

bool read_count(const char *command, const char *text, unsigned long limit, unsigned long *value) {
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    if (isdigit((unsigned char)*text) && !*end && !errno && *value <= limit)
        return true;
    complain("%s: %s is not a number from 0 to %lu; see `ame help %s`", command, text, limit,
             command);
    return false;
}
