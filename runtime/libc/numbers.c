/* numbers.c - transactional twins of functions that read numbers from strings:
 *   strtol strtoll strtoul strtoull strtoq strtouq strtoimax strtoumax, and what headers make of
 *   them for C23: __isoc23_strtol ...
 *   strtod strtof strtold, atoi atol atoll atof
 * They read a string no further than its number. llvm-pass/LibraryTable.def lists the same names
 * for the plugin. */
#include "libc/twin.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void set_end(char **end, const char *value, const void *place) {
    if (end)
        ame__stm_write(ame__self, end, &value, sizeof value, place);
}

/* ---- integers ---- */

struct integer {
    uintmax_t magnitude;
    bool negative, too_large;
    size_t length; /* bytes up to its end; 0: there is no number */
};

/* The text at a position, and the byte there. */
struct cursor {
    struct ame__reader reader;
    size_t position;
    unsigned char here;
};

static void cursor_start(struct cursor *cursor, const char *text, const void *place) {
    ame__reader_start(&cursor->reader, text, SIZE_MAX, place);
    cursor->position = 0;
    cursor->here = ame__reader_next(&cursor->reader);
}

/* Not beyond a NUL. */
static void advance(struct cursor *cursor) {
    cursor->here = ame__reader_next(&cursor->reader);
    cursor->position++;
}

/* In upper case it has the same bits but for one. */
static inline bool is_letter(unsigned char byte, char lower) {
    return (byte | 32) == lower;
}

static unsigned digit_value(unsigned char byte) {
    if (byte >= '0' && byte <= '9')
        return byte - (unsigned)'0';
    unsigned char lower = byte | 32;
    return lower >= 'a' && lower <= 'z' ? lower - (unsigned)'a' + 10 : UINT_MAX;
}

/* Takes 0x, or 0b, if the base allows it, and returns the base. */
static unsigned take_prefix(struct cursor *cursor, struct integer *number, unsigned base,
                            bool binary) {
    if (cursor->here != '0')
        return base ? base : 10;
    advance(cursor);
    number->length = cursor->position; /* the 0 is a number, whatever follows */
    if ((base == 0 || base == 16) && is_letter(cursor->here, 'x'))
        base = 16;
    else if (binary && (base == 0 || base == 2) && is_letter(cursor->here, 'b'))
        base = 2;
    else
        return base ? base : 8;
    advance(cursor);
    return base;
}

static struct integer read_integer(const char *text, unsigned base, bool binary,
                                   const void *place) {
    struct integer number = {0};
    struct cursor cursor;
    cursor_start(&cursor, text, place);
    while (isspace(cursor.here))
        advance(&cursor);
    number.negative = cursor.here == '-';
    if (cursor.here == '-' || cursor.here == '+')
        advance(&cursor);
    base = take_prefix(&cursor, &number, base, binary);
    for (unsigned digit; (digit = digit_value(cursor.here)) < base;) {
        if (number.magnitude > (UINTMAX_MAX - digit) / base)
            number.too_large = true;
        else
            number.magnitude = number.magnitude * base + digit;
        advance(&cursor);
        number.length = cursor.position;
    }
    return number;
}

/* What strtol and its like do with the base. */
static bool base_is_valid(int base, const void *place) {
    if (base >= 0 && base != 1 && base <= 36)
        return true;
    ame__set_errno(EINVAL, place);
    return false;
}

static intmax_t read_signed(const char *text, char **end, int base, bool binary, intmax_t least,
                            intmax_t most, const void *place) {
    if (!base_is_valid(base, place))
        return 0;
    struct integer number = read_integer(text, (unsigned)base, binary, place);
    set_end(end, text + number.length, place);
    uintmax_t bound = number.negative ? (uintmax_t)most + 1 : (uintmax_t)most;
    if (number.too_large || number.magnitude > bound) {
        ame__set_errno(ERANGE, place);
        return number.negative ? least : most;
    }
    if (!number.negative)
        return (intmax_t)number.magnitude;
    return number.magnitude == bound ? least : -(intmax_t)number.magnitude;
}

static uintmax_t read_unsigned(const char *text, char **end, int base, bool binary, uintmax_t most,
                               const void *place) {
    if (!base_is_valid(base, place))
        return 0;
    struct integer number = read_integer(text, (unsigned)base, binary, place);
    set_end(end, text + number.length, place);
    if (number.too_large || number.magnitude > most) {
        ame__set_errno(ERANGE, place);
        return most;
    }
    return number.negative ? -number.magnitude : number.magnitude;
}

#define SIGNED(type, name, binary, least, most)                                                    \
    type ame__twin_##name(const char *, char **, int) AME__TWIN(#name);                            \
    type ame__twin_##name(const char *text, char **end, int base) {                                \
        return (type)read_signed(text, end, base, binary, least, most, AME__PLACE);                \
    }
SIGNED(long, strtol, false, LONG_MIN, LONG_MAX)
SIGNED(long long, strtoll, false, LLONG_MIN, LLONG_MAX)
SIGNED(long long, strtoq, false, LLONG_MIN, LLONG_MAX)
SIGNED(intmax_t, strtoimax, false, INTMAX_MIN, INTMAX_MAX)
SIGNED(long, __isoc23_strtol, true, LONG_MIN, LONG_MAX)
SIGNED(long long, __isoc23_strtoll, true, LLONG_MIN, LLONG_MAX)
SIGNED(intmax_t, __isoc23_strtoimax, true, INTMAX_MIN, INTMAX_MAX)

#define UNSIGNED(type, name, binary, most)                                                         \
    type ame__twin_##name(const char *, char **, int) AME__TWIN(#name);                            \
    type ame__twin_##name(const char *text, char **end, int base) {                                \
        return (type)read_unsigned(text, end, base, binary, most, AME__PLACE);                     \
    }
UNSIGNED(unsigned long, strtoul, false, ULONG_MAX)
UNSIGNED(unsigned long long, strtoull, false, ULLONG_MAX)
UNSIGNED(unsigned long long, strtouq, false, ULLONG_MAX)
UNSIGNED(uintmax_t, strtoumax, false, UINTMAX_MAX)
UNSIGNED(unsigned long, __isoc23_strtoul, true, ULONG_MAX)
UNSIGNED(unsigned long long, __isoc23_strtoull, true, ULLONG_MAX)
UNSIGNED(uintmax_t, __isoc23_strtoumax, true, UINTMAX_MAX)

#define PLAIN(type, name, least, most)                                                             \
    type ame__twin_##name(const char *) AME__TWIN(#name);                                          \
    type ame__twin_##name(const char *text) {                                                      \
        return (type)read_signed(text, NULL, 10, false, least, most, AME__PLACE);                  \
    }
PLAIN(int, atoi, LONG_MIN, LONG_MAX)
PLAIN(long, atol, LONG_MIN, LONG_MAX)
PLAIN(long long, atoll, LLONG_MIN, LLONG_MAX)

/* ---- floating point: the C library's function sees a copy of the number's text ---- */

struct number_text {
    struct cursor cursor;
    struct ame__scratch copy;
};

static void keep(struct number_text *number) {
    *ame__scratch_reserve(&number->copy, 1) = (char)number->cursor.here;
    number->copy.size++;
    advance(&number->cursor);
}

static void keep_sign(struct number_text *number) {
    if (number->cursor.here == '-' || number->cursor.here == '+')
        keep(number);
}

static void keep_digits(struct number_text *number, unsigned base) {
    while (digit_value(number->cursor.here) < base)
        keep(number);
}

/* As much of the word as there is, in either case. */
static void keep_word(struct number_text *number, const char *lower) {
    while (*lower && is_letter(number->cursor.here, *lower++))
        keep(number);
}

static void keep_point(struct number_text *number) {
    for (const char *point = nl_langinfo(RADIXCHAR);
         *point && number->cursor.here == (unsigned char)*point; point++)
        keep(number);
}

/* What may follow "nan". */
static void keep_payload(struct number_text *number) {
    if (number->cursor.here != '(')
        return;
    do
        keep(number);
    while (digit_value(number->cursor.here) < 36 || number->cursor.here == '_');
    if (number->cursor.here == ')')
        keep(number);
}

static void keep_number(struct number_text *number) {
    unsigned base = 10;
    keep_sign(number);
    if (is_letter(number->cursor.here, 'i')) {
        keep_word(number, "infinity");
        return;
    }
    if (is_letter(number->cursor.here, 'n')) {
        keep_word(number, "nan");
        keep_payload(number);
        return;
    }
    if (number->cursor.here == '0') {
        keep(number);
        if (is_letter(number->cursor.here, 'x')) {
            keep(number);
            base = 16;
        }
    }
    keep_digits(number, base);
    keep_point(number);
    keep_digits(number, base);
    if (is_letter(number->cursor.here, base == 16 ? 'p' : 'e')) {
        keep(number);
        keep_sign(number);
        keep_digits(number, 10);
    }
}

/* Starts the number's copy; returns how many spaces stand before it. */
static size_t copy_number(struct number_text *number, const char *text, const void *place) {
    cursor_start(&number->cursor, text, place);
    while (isspace(number->cursor.here))
        advance(&number->cursor);
    size_t spaces = number->cursor.position;
    ame__scratch_start(&number->copy);
    keep_number(number);
    *ame__scratch_reserve(&number->copy, 1) = '\0';
    return spaces;
}

#define FLOATING(type, name)                                                                       \
    static type read_##name(const char *text, char **end, const void *place) {                     \
        struct number_text number;                                                                 \
        size_t spaces = copy_number(&number, text, place);                                         \
        char *end_of_copy;                                                                         \
        int before = errno;                                                                        \
        errno = 0;                                                                                 \
        type value = name(number.copy.bytes, &end_of_copy);                                        \
        ame__errno_after(before, place);                                                           \
        size_t length = (size_t)(end_of_copy - number.copy.bytes);                                 \
        ame__scratch_end(&number.copy);                                                            \
        set_end(end, length ? text + spaces + length : text, place);                               \
        return value;                                                                              \
    }                                                                                              \
    type ame__twin_##name(const char *, char **) AME__TWIN(#name);                                 \
    type ame__twin_##name(const char *text, char **end) {                                          \
        return read_##name(text, end, AME__PLACE);                                                 \
    }
FLOATING(double, strtod)
FLOATING(float, strtof)
FLOATING(long double, strtold)

double ame__twin_atof(const char *) AME__TWIN("atof");
double ame__twin_atof(const char *text) {
    return read_strtod(text, NULL, AME__PLACE);
}
