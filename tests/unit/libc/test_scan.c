/* Each twin against the C library's own function, for random formats and texts; what makes the
 * block run alone. */
#include "texts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

TestSuite(scan, .init = software_only);

TWIN(int, sscanf, const char *, const char *, ...);
TWIN(int, vsscanf, const char *, const char *, va_list);
TWIN(int, __isoc99_sscanf, const char *, const char *, ...);
TWIN(int, __isoc99_vsscanf, const char *, const char *, va_list);

enum { ROUNDS = 40000, TARGETS = 6, ROOM = 128 };

static _Alignas(16) char expected[TARGETS][ROOM], actual[TARGETS][ROOM];
static char text[ROOM], format[200];

static const char *const words[] = {
    "12", "-7", "0x1f", "2.5", "1e3", "abc", "a]b", ",", " ",   "  ",
    "\t", "%",  "x",    "nan", "+",   "é",   "",    "z", "010", "99999999999999999999"};
static const char *const parts[] = {
    "%d",  "%i",  "%u",    "%x",    "%o",    "%hhd",   "%hu",     "%ld",  "%lli", "%jd",
    "%zu", "%tx", "%3d",   "%2lx",  "%f",    "%lf",    "%Lg",     "%4le", "%a",   "%c",
    "%s",  "%3s", "%[a]",  "%[^,]", "%[]a]", "%[^]x]", "%4[a-z]", "%p",   "%n",   "%ln",
    "%*d", "%*s", "%*[a]", "%%",    " ",     ",",      "x",       "12"};

#define ANY_OF(list) list[any(sizeof list / sizeof *list)]

static void make_up(void) {
    *text = *format = '\0';
    for (unsigned left = any(8); left; left--)
        strcat(text, ANY_OF(words));
    unsigned targets = 0;
    for (unsigned left = any(9); left; left--) {
        const char *part = ANY_OF(parts);
        targets += *part == '%' && part[1] != '*' && part[1] != '%';
        if (targets > TARGETS)
            break;
        strcat(format, part);
        strcat(format, any(2) ? " " : "");
    }
}

#define PLACES(array) array[0], array[1], array[2], array[3], array[4], array[5]

static void compare(void *unused) {
    (void)unused;
    errno = 0;
    int count = sscanf(text, format, PLACES(expected));
    int error = errno;
    errno = 0;
    int twin_count = twin___isoc99_sscanf(text, format, PLACES(actual));
    cr_assert_eq(errno, error, "'%s' by '%s'", text, format);
    cr_assert_eq(twin_count, count, "'%s' by '%s': %d, not %d", text, format, twin_count, count);
}

Test(scan, as_the_c_library_does) {
    for (int round = 0; round < ROUNDS; round++) {
        make_up();
        memset(expected, -1, sizeof expected);
        memset(actual, -1, sizeof actual);
        run_block(compare, NULL);
        for (int i = 0; i < TARGETS; i++)
            cr_assert_eq(memcmp(expected[i], actual[i], ROOM), 0, "'%s' by '%s': %d", text, format,
                         i);
    }
}

/* ---- every function; undone ---- */

#define WITH_LIST(name, function)                                                                  \
    static int name(const char *from, const char *with, ...) {                                     \
        va_list list;                                                                              \
        va_start(list, with);                                                                      \
        int count = function(from, with, list);                                                    \
        va_end(list);                                                                              \
        return count;                                                                              \
    }
WITH_LIST(scan, twin_vsscanf)
WITH_LIST(scan_c99, twin___isoc99_vsscanf)

static int number, length;
static char word[10];

static void use_each(void *unused) {
    (void)unused;
    cr_assert_eq(twin_sscanf("1 one", "%d %9s%n", &number, word, &length), 2);
    cr_assert(number == 1 && !strcmp(word, "one") && length == 5);
    cr_assert_eq(scan("2 two?", "%d %9s%n", &number, word, &length), 2);
    cr_assert(number == 2 && !strcmp(word, "two?") && length == 6);
    cr_assert_eq(scan_c99("3", "%d %9s%n", &number, word, &length), 1);
    cr_assert(number == 3 && !strcmp(word, "two?") && length == 6);
    cr_assert_eq(twin_sscanf("", "%n%d", &length, &number), -1);
    cr_assert(number == 3 && length == 0);
    cr_assert_eq(twin_sscanf("99999999999999999999", "%d", &number), 1);
    cr_assert_eq(errno, ERANGE);
    ame_abi_serial("test");
}

static void look_whether_undone(void *unused) {
    (void)unused;
    cr_assert(number == 17 && length == 17 && !*word && errno == ENOENT);
}

Test(scan, each_function) {
    struct ame_abi_block block = {
        .plain = look_whether_undone, .twin = use_each, .function = "test"};
    number = length = 17;
    errno = ENOENT;
    ame_abi_run(&block, NULL);
}

/* ---- left to the C library ---- */

static const char *odd_format;

static void scan_oddly(void *unused) {
    (void)unused;
    twin_sscanf("text", odd_format, PLACES(actual));
    cr_assert_fail("'%s'", odd_format);
}

static void scanned_alone(void *unused) {
    (void)unused;
}

Test(scan, runs_alone_for_what_it_does_not_know) {
    static const char *const formats[] = {"%ms",
                                          "%as",
                                          "%a[x]",
                                          "%ls",
                                          "%lc",
                                          "%S",
                                          "%2$d",
                                          "%hhn",
                                          "%3c",
                                          "%Ld",
                                          "%5%",
                                          "%k",
                                          "%",
                                          "%[abc",
                                          "%'d",
                                          "%hf",
                                          "%lp",
                                          "%9999999s",
                                          "%d%d%d%d%d%d%d%d%d%d%d%d%d"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct ame_abi_block block = {
            .plain = scanned_alone, .twin = scan_oddly, .function = "test"};
        odd_format = formats[i];
        ame_abi_run(&block, NULL);
    }
}
