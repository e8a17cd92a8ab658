/* format.c - transactional twins of functions that print what a format says, into memory or to a
 * stream:
 *   snprintf vsnprintf sprintf vsprintf asprintf vasprintf printf vprintf fprintf vfprintf
 * and of what -D_FORTIFY_SOURCE makes of them: __snprintf_chk and so on, which know how much `room`
 * there is. llvm-pass/LibraryTable.def lists the same names for the plugin.
 *
 * The result is made in a private buffer: texts are copied there, and the C library formats one
 * number at a time. What conversion.c does not know makes the block run alone: %n, wide characters,
 * arguments by number, extensions. */
#define _GNU_SOURCE /* vasprintf */
#include "libc/conversion.h"
#include "libc/print.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

void *ame__twin_malloc(size_t) AME__TWIN("malloc"); /* of memory/ */

/* The C library's, for these. */
int __vsnprintf_chk(char *, size_t, int, size_t, const char *, va_list);
int __vsprintf_chk(char *, int, size_t, const char *, va_list);
int __vasprintf_chk(char **, int, const char *, va_list);
int __vfprintf_chk(FILE *, int, const char *, va_list);
_Noreturn void __chk_fail(void); /* says so, and ends the program */

struct call {
    const char *name;
    char *to, **allocated; /* one of the three */
    FILE *stream;
    size_t size;  /* bytes that may be written; SIZE_MAX: no bound is given */
    bool checked; /* it has these: */
    int flag;
    size_t room; /* SIZE_MAX: unknown, or known to be enough */
    const char *format;
    va_list arguments;
    const void *place;
};

static int call_library(struct call *call) {
    if (call->stream)
        return call->checked
                   ? __vfprintf_chk(call->stream, call->flag, call->format, call->arguments)
                   : vfprintf(call->stream, call->format, call->arguments);
    if (call->allocated)
        return call->checked
                   ? __vasprintf_chk(call->allocated, call->flag, call->format, call->arguments)
                   : vasprintf(call->allocated, call->format, call->arguments);
    if (call->size == SIZE_MAX)
        return call->checked
                   ? __vsprintf_chk(call->to, call->flag, call->room, call->format, call->arguments)
                   : vsprintf(call->to, call->format, call->arguments);
    return call->checked ? __vsnprintf_chk(call->to, call->size, call->flag, call->room,
                                           call->format, call->arguments)
                         : vsnprintf(call->to, call->size, call->format, call->arguments);
}

static bool is_understood(const char *format) {
    struct ame__conversion conversion;
    while ((format = strchr(format, '%')))
        if (!(format = ame__conversion_parse(format + 1, &conversion)))
            return false;
    return true;
}

/* False: the C library has failed, or the result is longer than an int can say. */
static bool print_all(struct ame__printed *printed, const char *format, va_list *arguments) {
    for (;;) {
        struct ame__conversion conversion;
        size_t literal = strcspn(format, "%");
        ame__print_bytes(printed, format, literal);
        format += literal;
        if (!*format)
            return printed->total <= INT_MAX;
        format = ame__conversion_parse(format + 1, &conversion);
        if (!ame__conversion_print(printed, conversion, arguments) || printed->total > INT_MAX)
            return false;
    }
}

/* Returns what the function returns. */
static int deliver(struct ame__printed *printed, struct call *call) {
    struct ame_tx *tx = ame__self;
    if (call->checked && printed->total >= call->room)
        __chk_fail();
    if (call->stream) {
        ame__print(call->stream, printed->kept.bytes, printed->kept.size, call->place);
        return (int)printed->total;
    }
    *ame__scratch_reserve(&printed->kept, 1) = '\0';
    char *to = call->to;
    if (call->allocated) {
        to = ame__twin_malloc(printed->total + 1);
        if (!to)
            return -1;
        ame__stm_write(tx, call->allocated, &to, sizeof to, call->place);
    }
    if (call->size)
        ame__stm_write(tx, to, printed->kept.bytes, printed->kept.size + 1, call->place);
    return (int)printed->total;
}

static int run_alone(struct call *call) {
    ame__tx_need_serial(ame__self, call->name, call->place);
    return call_library(call);
}

static int run(struct call *call) {
    if (call->stream && !ame__may_print(call->stream))
        return run_alone(call);
    struct ame__scratch format;
    struct ame__printed printed = {.limit = call->size ? call->size - 1 : 0, .place = call->place};
    const char *copy = ame__scratch_text(&format, call->format, call->place);
    ame__scratch_start(&printed.kept);
    va_list arguments;
    va_copy(arguments, call->arguments);
    int before = errno, length = -1;
    bool done = is_understood(copy) && print_all(&printed, copy, &arguments);
    va_end(arguments);
    errno = before;
    if (done)
        length = deliver(&printed, call);
    ame__scratch_end(&printed.kept);
    ame__scratch_end(&format);
    return done ? length : run_alone(call);
}

/* ---- the twins ---- */

/* With the rest of a variadic twin's arguments. */
#define CALL_WITH_REST(last, ...)                                                                  \
    struct call call = {.place = AME__PLACE, __VA_ARGS__};                                         \
    va_start(call.arguments, last);                                                                \
    int length = run(&call);                                                                       \
    va_end(call.arguments);                                                                        \
    return length

/* The caller's list stays as it is: after the call its value is indeterminate. */
#define CALL_WITH_LIST(list, ...)                                                                  \
    struct call call = {.place = AME__PLACE, __VA_ARGS__};                                         \
    va_copy(call.arguments, list);                                                                 \
    int length = run(&call);                                                                       \
    va_end(call.arguments);                                                                        \
    return length

int ame__twin_snprintf(char *, size_t, const char *, ...) AME__TWIN("snprintf");
int ame__twin_snprintf(char *to, size_t size, const char *format, ...) {
    CALL_WITH_REST(format, .name = "snprintf", .to = to, .size = size, .format = format);
}

int ame__twin_vsnprintf(char *, size_t, const char *, va_list) AME__TWIN("vsnprintf");
int ame__twin_vsnprintf(char *to, size_t size, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vsnprintf", .to = to, .size = size, .format = format);
}

int ame__twin_sprintf(char *, const char *, ...) AME__TWIN("sprintf");
int ame__twin_sprintf(char *to, const char *format, ...) {
    CALL_WITH_REST(format, .name = "sprintf", .to = to, .size = SIZE_MAX, .format = format);
}

int ame__twin_vsprintf(char *, const char *, va_list) AME__TWIN("vsprintf");
int ame__twin_vsprintf(char *to, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vsprintf", .to = to, .size = SIZE_MAX, .format = format);
}

int ame__twin_asprintf(char **, const char *, ...) AME__TWIN("asprintf");
int ame__twin_asprintf(char **to, const char *format, ...) {
    CALL_WITH_REST(format, .name = "asprintf", .allocated = to, .size = SIZE_MAX, .format = format);
}

int ame__twin_vasprintf(char **, const char *, va_list) AME__TWIN("vasprintf");
int ame__twin_vasprintf(char **to, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vasprintf", .allocated = to, .size = SIZE_MAX, .format = format);
}

#define CHECKED .checked = true, .flag = flag, .format = format

int ame__twin___snprintf_chk(char *, size_t, int, size_t, const char *, ...)
    AME__TWIN("__snprintf_chk");
int ame__twin___snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format,
                             ...) {
    if (room < size)
        __chk_fail();
    CALL_WITH_REST(format, .name = "snprintf", .to = to, .size = size, .room = SIZE_MAX, CHECKED);
}

int ame__twin___vsnprintf_chk(char *, size_t, int, size_t, const char *, va_list)
    AME__TWIN("__vsnprintf_chk");
int ame__twin___vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format,
                              va_list list) {
    if (room < size)
        __chk_fail();
    CALL_WITH_LIST(list, .name = "vsnprintf", .to = to, .size = size, .room = SIZE_MAX, CHECKED);
}

int ame__twin___sprintf_chk(char *, int, size_t, const char *, ...) AME__TWIN("__sprintf_chk");
int ame__twin___sprintf_chk(char *to, int flag, size_t room, const char *format, ...) {
    CALL_WITH_REST(format, .name = "sprintf", .to = to, .size = SIZE_MAX, .room = room, CHECKED);
}

int ame__twin___vsprintf_chk(char *, int, size_t, const char *, va_list)
    AME__TWIN("__vsprintf_chk");
int ame__twin___vsprintf_chk(char *to, int flag, size_t room, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vsprintf", .to = to, .size = SIZE_MAX, .room = room, CHECKED);
}

int ame__twin___asprintf_chk(char **, int, const char *, ...) AME__TWIN("__asprintf_chk");
int ame__twin___asprintf_chk(char **to, int flag, const char *format, ...) {
    CALL_WITH_REST(format, .name = "asprintf", .allocated = to, .size = SIZE_MAX, .room = SIZE_MAX,
                   CHECKED);
}

int ame__twin___vasprintf_chk(char **, int, const char *, va_list) AME__TWIN("__vasprintf_chk");
int ame__twin___vasprintf_chk(char **to, int flag, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vasprintf", .allocated = to, .size = SIZE_MAX, .room = SIZE_MAX,
                   CHECKED);
}

#define TO_STREAM(where) .stream = where, .size = SIZE_MAX, .room = SIZE_MAX, .format = format

int ame__twin_printf(const char *, ...) AME__TWIN("printf");
int ame__twin_printf(const char *format, ...) {
    CALL_WITH_REST(format, .name = "printf", TO_STREAM(stdout));
}

int ame__twin_vprintf(const char *, va_list) AME__TWIN("vprintf");
int ame__twin_vprintf(const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vprintf", TO_STREAM(stdout));
}

int ame__twin_fprintf(FILE *, const char *, ...) AME__TWIN("fprintf");
int ame__twin_fprintf(FILE *stream, const char *format, ...) {
    CALL_WITH_REST(format, .name = "fprintf", TO_STREAM(stream));
}

int ame__twin_vfprintf(FILE *, const char *, va_list) AME__TWIN("vfprintf");
int ame__twin_vfprintf(FILE *stream, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vfprintf", TO_STREAM(stream));
}

int ame__twin___printf_chk(int, const char *, ...) AME__TWIN("__printf_chk");
int ame__twin___printf_chk(int flag, const char *format, ...) {
    CALL_WITH_REST(format, .name = "printf", TO_STREAM(stdout), .checked = true, .flag = flag);
}

int ame__twin___vprintf_chk(int, const char *, va_list) AME__TWIN("__vprintf_chk");
int ame__twin___vprintf_chk(int flag, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vprintf", TO_STREAM(stdout), .checked = true, .flag = flag);
}

int ame__twin___fprintf_chk(FILE *, int, const char *, ...) AME__TWIN("__fprintf_chk");
int ame__twin___fprintf_chk(FILE *stream, int flag, const char *format, ...) {
    CALL_WITH_REST(format, .name = "fprintf", TO_STREAM(stream), .checked = true, .flag = flag);
}

int ame__twin___vfprintf_chk(FILE *, int, const char *, va_list) AME__TWIN("__vfprintf_chk");
int ame__twin___vfprintf_chk(FILE *stream, int flag, const char *format, va_list list) {
    CALL_WITH_LIST(list, .name = "vfprintf", TO_STREAM(stream), .checked = true, .flag = flag);
}
