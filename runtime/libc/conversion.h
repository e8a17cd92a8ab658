/* conversion.h - one conversion of a format: "%-8.*ld". */
#ifndef AME_LIBC_CONVERSION_H
#define AME_LIBC_CONVERSION_H

#include "libc/twin.h"

#include <stdarg.h>

/* What is printed so far. */
struct ame__printed {
    struct ame__scratch kept; /* its first bytes, up to `limit` */
    size_t limit, total;
    const void *place;
};

/* What its argument is. */
enum ame__conversion_kind {
    AME__CONVERSION_PERCENT, /* none */
    AME__CONVERSION_TEXT,
    AME__CONVERSION_INT,
    AME__CONVERSION_LONG, /* all that have 64 bits */
    AME__CONVERSION_DOUBLE,
    AME__CONVERSION_LONG_DOUBLE,
    AME__CONVERSION_POINTER,
};

enum { AME__NOT_GIVEN = -1, AME__IN_ARGUMENT = -2 }; /* of a width and a precision */

struct ame__conversion {
    enum ame__conversion_kind kind;
    int width, precision;
    bool left;
    char specification[16]; /* the same, with width and precision in arguments: "%-*.*jd" */
};

/* Of the conversion at `at`, behind its %; returns what comes after it. NULL: only the C library
 * knows what to do. */
const char *ame__conversion_parse(const char *at, struct ame__conversion *conversion);

/* Takes its arguments and prints it. False: the C library has failed. */
bool ame__conversion_print(struct ame__printed *printed, struct ame__conversion conversion,
                           va_list *arguments);

void ame__print_bytes(struct ame__printed *printed, const char *bytes, size_t size);

#endif
