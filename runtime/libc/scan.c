/* scan.c - transactional twins of sscanf and vsscanf, also by the names that headers give them:
 *   __isoc99_sscanf __isoc99_vsscanf __isoc23_sscanf __isoc23_vsscanf
 * llvm-pass/LibraryTable.def lists the same names for the plugin.
 *
 * The C library scans a copy of the text into private memory, from where what it has assigned is
 * written to its place. What make_plan() does not know makes the block run alone: wide characters,
 * arguments by number, memory that sscanf allocates, many conversions, extensions. */
#include "libc/twin.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

typedef int scan_function(const char *, const char *, ...);
typedef int scan_list_function(const char *, const char *, va_list);

/* The C library's, by their own names, whatever its headers make of them. */
scan_function ame__library_sscanf __asm__("sscanf"), ame__library___isoc99_sscanf
    __asm__("__isoc99_sscanf");
scan_list_function ame__library_vsscanf __asm__("vsscanf"), ame__library___isoc99_vsscanf
    __asm__("__isoc99_vsscanf");
/* Only in new ones; who calls them has them. */
__attribute__((weak)) scan_function ame__library___isoc23_sscanf __asm__("__isoc23_sscanf");
__attribute__((weak)) scan_list_function ame__library___isoc23_vsscanf __asm__("__isoc23_vsscanf");

/* ---- what the format assigns ---- */

enum target_kind { NUMBER, TEXT, COUNT };

struct target {
    enum target_kind kind;
    size_t size, offset; /* of its private memory */
};

enum { MOST_TARGETS = 12, ALIGNMENT = 16 };

struct plan {
    struct target targets[MOST_TARGETS];
    unsigned count;
    size_t room; /* for all */
};

/* Bytes of what is assigned, or 0. */
static size_t size_of_integer(const char *modifiers, size_t length) {
    static const struct {
        const char *modifiers;
        size_t size;
    } sizes[] = {{"", sizeof(int)},       {"hh", sizeof(char)},      {"h", sizeof(short)},
                 {"l", sizeof(long)},     {"ll", sizeof(long long)}, {"q", sizeof(long long)},
                 {"j", sizeof(intmax_t)}, {"z", sizeof(size_t)},     {"t", sizeof(ptrdiff_t)}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strlen(sizes[i].modifiers) == length && !memcmp(modifiers, sizes[i].modifiers, length))
            return sizes[i].size;
    return 0;
}

static size_t size_of_floating(const char *modifiers, size_t length) {
    if (!length)
        return sizeof(float);
    if (length > 1)
        return 0;
    return *modifiers == 'l' ? sizeof(double) : *modifiers == 'L' ? sizeof(long double) : 0;
}

/* The end of a set of characters that begins at `at`, behind its [; NULL: it has none. */
static const char *end_of_set(const char *at) {
    at += *at == '^';
    const char *end = *at ? strchr(at + 1, ']') : NULL; /* the first one may be ] */
    return end ? end + 1 : NULL;
}

/* The conversion at `at`, behind its %. Returns what comes after it; NULL: not known. */
static const char *plan_conversion(const char *at, size_t text_size, struct target *target,
                                   bool *assigns) {
    *assigns = *at != '*';
    at += !*assigns;
    size_t width = 0, digits = strspn(at, "0123456789");
    if (digits > 6)
        return NULL;
    for (; digits; digits--)
        width = width * 10 + (size_t)(*at++ - '0');
    size_t modifiers = strspn(at, "hlqjztL");
    const char *letter = at + modifiers;
    *target = (struct target){.kind = NUMBER};
    switch (*letter) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        target->size = size_of_integer(at, modifiers);
        break;
    case 'n':
        target->kind = COUNT;
        target->size = size_of_integer(at, modifiers);
        if (target->size < sizeof(int))
            return NULL; /* see is_untouched */
        break;
    case 'a': /* it may be a modifier in old C */
        target->size = letter[1] && strchr("sS[", letter[1]) ? 0 : size_of_floating(at, modifiers);
        break;
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        target->size = size_of_floating(at, modifiers);
        break;
    case 'p':
        target->size = modifiers ? 0 : sizeof(void *);
        break;
    case 'c':
        target->size = modifiers || width ? 0 : 1;
        break;
    case 's':
    case '[':
        target->kind = TEXT;
        target->size = modifiers ? 0 : width && width < text_size ? width + 1 : text_size;
        if (*letter == '[')
            return target->size ? end_of_set(letter + 1) : NULL;
        break;
    default:
        return NULL;
    }
    return target->size ? letter + 1 : NULL;
}

/* False: this is for the C library alone. */
static bool make_plan(struct plan *plan, const char *format, size_t text_size) {
    plan->count = 0;
    plan->room = 0;
    while ((format = strchr(format, '%'))) {
        struct target target;
        bool assigns = false;
        if (*++format == '%') {
            format++;
            continue;
        }
        if (!(format = plan_conversion(format, text_size, &target, &assigns)))
            return false;
        if (!assigns)
            continue;
        if (plan->count == MOST_TARGETS)
            return false;
        target.offset = plan->room;
        plan->targets[plan->count++] = target;
        plan->room += (target.size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return true;
}

/* ---- a call ---- */

struct call {
    const char *name, *text, *format;
    scan_function *scan;
    scan_list_function *scan_list;
    va_list arguments;
    const void *place;
};

static int scan_copy(const char *text, const char *format, scan_function *scan,
                     const struct plan *plan, char *memory) {
    char *to[MOST_TARGETS];
    for (unsigned i = 0; i < MOST_TARGETS; i++)
        to[i] = i < plan->count ? memory + plan->targets[i].offset : NULL;
    return scan(text, format, to[0], to[1], to[2], to[3], to[4], to[5], to[6], to[7], to[8], to[9],
                to[10], to[11]);
}

/* No count has all bits set: %n has not been reached. */
static bool is_untouched(const char *count, size_t size) {
    while (size && count[size - 1] == (char)-1)
        size--;
    return !size;
}

/* To their places, the first `assigned` ones; counts are not among them. */
static void write_targets(struct call *call, const struct plan *plan, const char *memory,
                          int assigned) {
    for (unsigned i = 0; i < plan->count; i++) {
        const struct target *target = &plan->targets[i];
        const char *from = memory + target->offset;
        void *to = va_arg(call->arguments, void *);
        if (target->kind == COUNT ? is_untouched(from, target->size) : assigned-- <= 0)
            continue;
        size_t size = target->kind == TEXT ? strlen(from) + 1 : target->size;
        ame__stm_write(ame__self, to, from, size, call->place);
    }
}

static int run(struct call *call) {
    struct ame__scratch text, format, memory;
    struct plan plan;
    ame__scratch_text(&text, call->text, call->place);
    ame__scratch_text(&format, call->format, call->place);
    ame__scratch_start(&memory);
    int assigned = 0;
    bool known = make_plan(&plan, format.bytes, text.size);
    if (known) {
        char *bytes = ame__scratch_reserve(&memory, plan.room);
        memset(bytes, -1, plan.room);
        int before = errno;
        errno = 0;
        assigned = scan_copy(text.bytes, format.bytes, call->scan, &plan, bytes);
        ame__errno_after(before, call->place);
        write_targets(call, &plan, bytes, assigned);
    }
    ame__scratch_end(&memory);
    ame__scratch_end(&format);
    ame__scratch_end(&text);
    if (known)
        return assigned;
    ame__tx_need_serial(ame__self, call->name, call->place);
    return call->scan_list(call->text, call->format, call->arguments);
}

/* ---- the twins ---- */

#define SCAN(function, list_function)                                                              \
    int ame__twin_##function(const char *, const char *, ...) AME__TWIN(#function);                \
    int ame__twin_##function(const char *text, const char *format, ...) {                          \
        struct call call = {.name = "sscanf",                                                      \
                            .text = text,                                                          \
                            .format = format,                                                      \
                            .scan = ame__library_##function,                                       \
                            .scan_list = ame__library_##list_function,                             \
                            .place = AME__PLACE};                                                  \
        va_start(call.arguments, format);                                                          \
        int assigned = run(&call);                                                                 \
        va_end(call.arguments);                                                                    \
        return assigned;                                                                           \
    }                                                                                              \
    int ame__twin_##list_function(const char *, const char *, va_list) AME__TWIN(#list_function);  \
    int ame__twin_##list_function(const char *text, const char *format, va_list list) {            \
        struct call call = {.name = "vsscanf",                                                     \
                            .text = text,                                                          \
                            .format = format,                                                      \
                            .scan = ame__library_##function,                                       \
                            .scan_list = ame__library_##list_function,                             \
                            .place = AME__PLACE};                                                  \
        va_copy(call.arguments, list);                                                             \
        int assigned = run(&call);                                                                 \
        va_end(call.arguments);                                                                    \
        return assigned;                                                                           \
    }
SCAN(sscanf, vsscanf)
SCAN(__isoc99_sscanf, __isoc99_vsscanf)
SCAN(__isoc23_sscanf, __isoc23_vsscanf)
