#include "libc/conversion.h"

#include <stdio.h>
#include <string.h>

/* ---- parsing ---- */

/* Puts each flag once behind the % of the specification. */
static const char *parse_flags(const char *at, struct ame__conversion *conversion) {
    static const char flags[] = "-+ #0'";
    size_t given = strspn(at, flags), count = 1;
    conversion->specification[0] = '%';
    for (const char *flag = flags; *flag; flag++)
        if (memchr(at, *flag, given))
            conversion->specification[count++] = *flag;
    conversion->specification[count] = '\0';
    conversion->left = memchr(at, '-', given) != NULL;
    return at + given;
}

/* NULL: too large. */
static const char *parse_number(const char *at, int *number) {
    if (*at == '*') {
        *number = AME__IN_ARGUMENT;
        return at + 1;
    }
    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, *at - '0', number))
            return NULL;
    return at;
}

_Static_assert(sizeof(long) == sizeof(intmax_t) && sizeof(long long) == sizeof(intmax_t) &&
                   sizeof(size_t) == sizeof(intmax_t) && sizeof(ptrdiff_t) == sizeof(intmax_t),
               "they are read and printed alike");

/* What may stand behind the width and the precision: `length` is what the C library is told. */
static const struct kind {
    const char *modifiers, *letters, *length;
    enum ame__conversion_kind kind;
} kinds[] = {
    {"", "diouxX", "", AME__CONVERSION_INT},
    {"hh", "diouxX", "hh", AME__CONVERSION_INT},
    {"h", "diouxX", "h", AME__CONVERSION_INT},
    {"l", "diouxX", "j", AME__CONVERSION_LONG},
    {"ll", "diouxX", "j", AME__CONVERSION_LONG},
    {"q", "diouxX", "j", AME__CONVERSION_LONG},
    {"j", "diouxX", "j", AME__CONVERSION_LONG},
    {"z", "diouxX", "j", AME__CONVERSION_LONG},
    {"t", "diouxX", "j", AME__CONVERSION_LONG},
    {"", "aAeEfFgG", "", AME__CONVERSION_DOUBLE},
    {"l", "aAeEfFgG", "", AME__CONVERSION_DOUBLE},
    {"L", "aAeEfFgG", "L", AME__CONVERSION_LONG_DOUBLE},
    {"", "c", "", AME__CONVERSION_INT},
    {"", "p", "", AME__CONVERSION_POINTER},
    {"", "s", "", AME__CONVERSION_TEXT},
};

static const struct kind *find_kind(const char *modifiers, size_t size, char letter) {
    for (size_t i = 0; letter && i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].modifiers) == size && !memcmp(kinds[i].modifiers, modifiers, size) &&
            strchr(kinds[i].letters, letter))
            return &kinds[i];
    return NULL;
}

const char *ame__conversion_parse(const char *at, struct ame__conversion *conversion) {
    if (*at == '%') {
        conversion->kind = AME__CONVERSION_PERCENT;
        return at + 1;
    }
    conversion->width = 0;
    conversion->precision = AME__NOT_GIVEN;
    at = parse_flags(at, conversion);
    at = parse_number(at, &conversion->width);
    if (at && *at == '.')
        at = parse_number(at + 1, &conversion->precision);
    if (!at)
        return NULL;
    size_t modifiers = strspn(at, "hlqjztL");
    char letter = at[modifiers];
    const struct kind *kind = find_kind(at, modifiers, letter);
    /* What other flags mean for a text is not defined. */
    if (!kind || (letter == 's' && strcmp(conversion->specification, "%") &&
                  strcmp(conversion->specification, "%-")))
        return NULL;
    conversion->kind = kind->kind;
    char *end = conversion->specification + strlen(conversion->specification);
    end = stpcpy(stpcpy(end, "*.*"), kind->length);
    *end++ = letter;
    *end = '\0';
    return at + modifiers + 1;
}

/* ---- printing ---- */

/* Where the next bytes go; `*more` becomes how many of them are to be kept. */
static char *make_room(struct ame__printed *printed, size_t *more) {
    size_t rest = printed->limit - printed->kept.size;
    printed->total += *more;
    if (*more > rest)
        *more = rest;
    char *to = ame__scratch_reserve(&printed->kept, *more);
    printed->kept.size += *more;
    return to;
}

void ame__print_bytes(struct ame__printed *printed, const char *bytes, size_t size) {
    char *to = make_room(printed, &size);
    memcpy(to, bytes, size);
}

static void print_spaces(struct ame__printed *printed, size_t count) {
    char *to = make_room(printed, &count);
    memset(to, ' ', count);
}

static void print_shared(struct ame__printed *printed, const char *text, size_t size) {
    char *to = make_room(printed, &size);
    ame__stm_read(ame__self, to, text, size, printed->place);
}

static void print_text(struct ame__printed *printed, const struct ame__conversion *conversion,
                       const char *text) {
    static const char none[] = "(null)";
    size_t limit = conversion->precision < 0 ? SIZE_MAX : (size_t)conversion->precision;
    size_t length = sizeof none - 1;
    if (text)
        length = ame__bytes_before(text, '\0', limit, printed->place);
    else if (limit < length)
        length = 0; /* as glibc does */
    bool left = conversion->left || conversion->width < 0;
    size_t width = conversion->width < 0 ? -(size_t)conversion->width : (size_t)conversion->width;
    size_t spaces = width > length ? width - length : 0;
    print_spaces(printed, left ? 0 : spaces);
    if (text)
        print_shared(printed, text, length);
    else
        ame__print_bytes(printed, none, length);
    print_spaces(printed, left ? spaces : 0);
}

union value {
    int number;
    intmax_t large;
    double floating;
    long double long_floating;
    void *pointer;
};

static union value take_value(enum ame__conversion_kind kind, va_list *arguments) {
    switch (kind) {
    case AME__CONVERSION_LONG:
        return (union value){.large = va_arg(*arguments, intmax_t)};
    case AME__CONVERSION_DOUBLE:
        return (union value){.floating = va_arg(*arguments, double)};
    case AME__CONVERSION_LONG_DOUBLE:
        return (union value){.long_floating = va_arg(*arguments, long double)};
    case AME__CONVERSION_POINTER:
        return (union value){.pointer = va_arg(*arguments, void *)};
    default:
        return (union value){.number = va_arg(*arguments, int)};
    }
}

static int print_by_library(char *to, size_t room, const struct ame__conversion *conversion,
                            const union value *value) {
    const char *format = conversion->specification;
    int width = conversion->width, precision = conversion->precision;
    switch (conversion->kind) {
    case AME__CONVERSION_LONG:
        return snprintf(to, room, format, width, precision, value->large);
    case AME__CONVERSION_DOUBLE:
        return snprintf(to, room, format, width, precision, value->floating);
    case AME__CONVERSION_LONG_DOUBLE:
        return snprintf(to, room, format, width, precision, value->long_floating);
    case AME__CONVERSION_POINTER:
        return snprintf(to, room, format, width, precision, value->pointer);
    default:
        return snprintf(to, room, format, width, precision, value->number);
    }
}

static bool print_value(struct ame__printed *printed, const struct ame__conversion *conversion,
                        union value value) {
    char most[64];
    int length = print_by_library(most, sizeof most, conversion, &value);
    if (length < 0)
        return false;
    if ((size_t)length < sizeof most) {
        ame__print_bytes(printed, most, (size_t)length);
        return true;
    }
    size_t kept = (size_t)length;
    make_room(printed, &kept);
    char *end = ame__scratch_reserve(&printed->kept, 1); /* for the NUL */
    return print_by_library(end - kept, kept + 1, conversion, &value) >= 0;
}

bool ame__conversion_print(struct ame__printed *printed, struct ame__conversion conversion,
                           va_list *arguments) {
    if (conversion.kind == AME__CONVERSION_PERCENT) {
        ame__print_bytes(printed, "%", 1);
        return true;
    }
    if (conversion.width == AME__IN_ARGUMENT)
        conversion.width = va_arg(*arguments, int);
    if (conversion.precision == AME__IN_ARGUMENT)
        conversion.precision = va_arg(*arguments, int);
    if (conversion.kind == AME__CONVERSION_TEXT) {
        print_text(printed, &conversion, va_arg(*arguments, const char *));
        return true;
    }
    return print_value(printed, &conversion, take_value(conversion.kind, arguments));
}
