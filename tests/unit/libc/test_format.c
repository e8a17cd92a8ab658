/* Each twin against the C library's own function, for random formats and values; what makes the
 * block run alone; overflows. */
#define _GNU_SOURCE
#include "texts.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

TestSuite(format, .init = software_only);

TWIN(int, snprintf, char *, size_t, const char *, ...);
TWIN(int, vsnprintf, char *, size_t, const char *, va_list);
TWIN(int, sprintf, char *, const char *, ...);
TWIN(int, vsprintf, char *, const char *, va_list);
TWIN(int, asprintf, char **, const char *, ...);
TWIN(int, vasprintf, char **, const char *, va_list);
TWIN(int, __snprintf_chk, char *, size_t, int, size_t, const char *, ...);
TWIN(int, __vsnprintf_chk, char *, size_t, int, size_t, const char *, va_list);
TWIN(int, __sprintf_chk, char *, int, size_t, const char *, ...);
TWIN(int, __vsprintf_chk, char *, int, size_t, const char *, va_list);
TWIN(int, __asprintf_chk, char **, int, const char *, ...);
TWIN(int, __vasprintf_chk, char **, int, const char *, va_list);

enum { ROOM = 12000, ROUNDS = 20000 };

static char actual[ROOM], expected[ROOM];
static char format[300], text[300];
static size_t size;

/* ---- random formats with one value between texts ---- */

static void append_conversion(const char *modifier, const char *letters) {
    char *end = format + strlen(format);
    *end++ = '%';
    for (unsigned flags = any(3); flags; flags--)
        *end++ = *letters == 's' ? '-' : "-+ #0'"[any(6)];
    switch (any(4)) {
    case 0:
        end += sprintf(end, "%u", 1 + any(any(10) ? 30 : 6000));
        break;
    case 1:
        end += sprintf(end, "*");
        break;
    }
    switch (any(4)) {
    case 0:
        end += sprintf(end, ".%u", any(any(10) ? 12 : 5000));
        break;
    case 1:
        end += sprintf(end, ".*");
        break;
    case 2:
        *end++ = '.';
        break;
    }
    sprintf(end, "%s%c", modifier, letters[any((unsigned)strlen(letters))]);
}

/* Calls both with the value, behind as many numbers as the format has stars. */
#define COMPARE(value)                                                                             \
    do {                                                                                           \
        __auto_type value_ = (value);                                                              \
        int first_ = (int)any(40) - 15, second_ = (int)any(20) - 3;                                \
        size_t stars_ = 0;                                                                         \
        for (const char *star_ = format; (star_ = strchr(star_, '*')); star_++)                    \
            stars_++;                                                                              \
        if (stars_ == 0)                                                                           \
            COMPARE_CALLS(value_, "another", 77L);                                                 \
        else if (stars_ == 1)                                                                      \
            COMPARE_CALLS(first_, value_, "another", 77L);                                         \
        else                                                                                       \
            COMPARE_CALLS(first_, second_, value_, "another", 77L);                                \
    } while (0)

#define COMPARE_CALLS(...)                                                                         \
    do {                                                                                           \
        memset(expected, '?', ROOM);                                                               \
        memset(actual, '?', ROOM);                                                                 \
        errno = ENOENT;                                                                            \
        int length_ = snprintf(expected, size, format, __VA_ARGS__);                               \
        int twin_length_ = twin_snprintf(actual, size, format, __VA_ARGS__);                       \
        cr_assert_eq(errno, ENOENT);                                                               \
        cr_assert_eq(twin_length_, length_, "'%s' has %d bytes", format, length_);                 \
        cr_assert_eq(memcmp(actual, expected, ROOM), 0, "'%s': '%.*s', not '%.*s'", format,        \
                     (int)size, actual, (int)size, expected);                                      \
    } while (0)

#define INTEGER(modifier, type)                                                                    \
    do {                                                                                           \
        append_conversion(modifier, "diouxX");                                                     \
        strcat(format, " and %s %ld");                                                             \
        COMPARE((type)(any(4) ? (uint64_t)any(3000) - 1500 : state));                              \
    } while (0)

static double any_double(void) {
    static const double rare[] = {0, -0.0, 1e300, 5e-324, HUGE_VAL, -HUGE_VAL, 0.1, 123456789};
    return any(3) ? (double)any(100000) / 64 - 500 : any(9) ? rare[any(8)] : (double)NAN;
}

static void compare_one(void *unused) {
    (void)unused;
    switch (any(16)) {
    case 0:
        INTEGER("hh", int);
        break;
    case 1:
        INTEGER("h", int);
        break;
    case 2:
        INTEGER("", int);
        break;
    case 3:
        INTEGER("l", long);
        break;
    case 4:
        INTEGER("ll", long long);
        break;
    case 5:
        INTEGER("j", intmax_t);
        break;
    case 6:
        INTEGER("z", size_t);
        break;
    case 7:
        INTEGER("t", ptrdiff_t);
        break;
    case 8:
        append_conversion("", "aAeEfFgG");
        strcat(format, "%% %.3s %li");
        COMPARE(any_double());
        break;
    case 9:
        append_conversion(any(2) ? "l" : "", "fg");
        strcat(format, "%10s%05ld");
        COMPARE(any_double());
        break;
    case 10:
        append_conversion("L", "aAeEfFgG");
        strcat(format, "%-10s|%lx");
        COMPARE((long double)any_double() * 3);
        break;
    case 11:
        append_conversion("", "c");
        strcat(format, "%s%ld");
        COMPARE((int)any(256));
        break;
    case 12:
        append_conversion("", "p");
        strcat(format, "%s%ld");
        COMPARE(any(5) ? (void *)format : NULL);
        break;
    default:
        append_conversion("", "s");
        strcat(format, "%s%ld");
        COMPARE(any(20) ? text : NULL);
    }
}

Test(format, prints_as_the_c_library_does) {
    for (int round = 0; round < ROUNDS; round++) {
        any_text(text, any(any(10) ? 20 : 290));
        sprintf(format, "%s", any(2) ? "" : any(2) ? "value: " : "100%% ");
        size = any(3) ? ROOM / 2 + any(ROOM / 2) : any(60);
        run_block(compare_one, NULL);
    }
}

/* ---- every function, in all its forms ---- */

#define WITH_LIST(name, parameters, call)                                                          \
    static int name parameters {                                                                   \
        va_list list;                                                                              \
        va_start(list, with);                                                                      \
        int length = call;                                                                         \
        va_end(list);                                                                              \
        return length;                                                                             \
    }
WITH_LIST(print_n, (char *to, size_t n, const char *with, ...), twin_vsnprintf(to, n, with, list))
WITH_LIST(print, (char *to, const char *with, ...), twin_vsprintf(to, with, list))
WITH_LIST(print_new, (char **to, const char *with, ...), twin_vasprintf(to, with, list))
WITH_LIST(print_n_checked, (char *to, size_t n, const char *with, ...),
          twin___vsnprintf_chk(to, n, 1, n, with, list))
WITH_LIST(print_checked, (char *to, size_t room, const char *with, ...),
          twin___vsprintf_chk(to, 1, room, with, list))
WITH_LIST(print_new_checked, (char **to, const char *with, ...),
          twin___vasprintf_chk(to, 1, with, list))

static void check_printed(int length, const char *printed) {
    cr_assert_eq(length, 13);
    cr_assert_str_eq(printed, "7, 2.5, a, 07");
}

static void use_each(void *unused) {
#define WITH "%d, %.1f, %s, %02Lg"
#define VALUES 7, 2.5, text, 7.0L
    (void)unused;
    char *new;
    check_printed(twin_sprintf(actual, WITH, VALUES), actual);
    check_printed(print(actual, WITH, VALUES), actual);
    check_printed(print_n(actual, 14, WITH, VALUES), actual);
    check_printed(twin___sprintf_chk(actual, 1, 14, WITH, VALUES), actual);
    check_printed(twin___snprintf_chk(actual, 14, 1, 14, WITH, VALUES), actual);
    check_printed(print_checked(actual, 14, WITH, VALUES), actual);
    check_printed(print_n_checked(actual, 14, WITH, VALUES), actual);
    check_printed(twin_asprintf(&new, WITH, VALUES), new);
    check_printed(print_new(&new, WITH, VALUES), new);
    check_printed(twin___asprintf_chk(&new, 1, WITH, VALUES), new);
    check_printed(print_new_checked(&new, WITH, VALUES), new);
    cr_assert_eq(twin_snprintf(NULL, 0, WITH, VALUES), 13);
    cr_assert_eq(twin_snprintf(actual, 5, WITH, VALUES), 13);
    cr_assert_str_eq(actual, "7, 2");
    /* More arguments than there are registers. */
    twin_snprintf(actual, ROOM, "%d%d%d%d%d%d%d%d%g%g%g%g%g%g%g%g%g%g%d", 1, 2, 3, 4, 5, 6, 7, 8,
                  1., 2., 3., 4., 5., 6., 7., 8., 9., 0., 1);
    cr_assert_str_eq(actual, "1234567812345678901");
    ame_abi_serial("test"); /* undone: leak checkers see what was allocated */
}

static void check_undone(void *unused) {
    (void)unused;
    cr_assert_str_eq(actual, "as it was");
}

Test(format, each_function) {
    struct ame_abi_block block = {.plain = check_undone, .twin = use_each, .function = "test"};
    strcpy(text, "a");
    strcpy(actual, "as it was");
    ame_abi_run(&block, NULL);
}

/* ---- left to the C library ---- */

static const char *odd_format;
static int printed_in_software;

static void print_odd(void *unused) {
    (void)unused;
    twin_snprintf(actual, ROOM, odd_format, 1L, 2L, 3L);
    printed_in_software++;
}

static void print_alone(void *unused) {
    (void)unused;
    snprintf(actual, ROOM, odd_format, 1L, 2L, 3L);
}

Test(format, runs_alone_for_what_it_does_not_know) {
    static const char *const formats[] = {"%2$ld %1$ld", "%1$*2$ld", "%lc",   "%C",           "%k",
                                          "%m",          "%5%",      "%",     "%Id",          "%Ld",
                                          "%lhd",        "%-",       "%.-1d", "%99999999999d"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct ame_abi_block block = {.plain = print_alone, .twin = print_odd, .function = "test"};
        odd_format = formats[i];
        ame_abi_run(&block, NULL);
        cr_assert_eq(printed_in_software, 0, "%s", odd_format);
    }
}

static void print_too_much(void *unused) {
    (void)unused;
    twin_snprintf(actual, ROOM, "%*s%s", INT_MAX, "", "x");
    cr_assert_fail("an int can't say how long it is");
}

static void nothing(void *unused) {
    (void)unused;
}

Test(format, runs_alone_for_a_result_that_is_too_long) {
    struct ame_abi_block block = {.plain = nothing, .twin = print_too_much, .function = "test"};
    ame_abi_run(&block, NULL);
}

/* ---- out of memory ---- */

#if !AME__ASAN
static int needs;

static void print_much(void *unused) {
    (void)unused;
    needs++;
    twin_snprintf(actual, SIZE_MAX, "%*s", INT_MAX / 2, "");
    cr_assert_fail("there was memory for it");
}

static void print_little(void *unused) {
    (void)unused;
    cr_assert_eq(needs, 1);
    cr_assert_eq(errno, ENOENT);
}

Test(format, runs_alone_without_memory_for_the_result) {
    struct ame_abi_block block = {.plain = print_little, .twin = print_much, .function = "test"};
    struct ame_statistics statistics;
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = 1 << 29;
    setrlimit(RLIMIT_AS, &limit);
    errno = ENOENT;
    ame_abi_run(&block, NULL);
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.aborts_memory, 1);
    cr_assert_eq(statistics.commits_serial, 1);
}
#endif

/* ---- overflows end the program, as outside blocks ---- */

static void overflow(void *unused) {
    (void)unused;
    twin___sprintf_chk(actual, 1, 4, "%d", 1234);
}

static void overflow_n(void *unused) {
    (void)unused;
    twin___snprintf_chk(actual, 5, 1, 4, "%d", 1);
}

Test(format, ends_the_program_when_the_room_is_too_small) {
    static void (*const blocks[])(void *) = {overflow, overflow_n};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        assert_block_aborts(blocks[i], i);
}
