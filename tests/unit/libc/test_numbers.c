/* Each twin against the C library's own function: value, end and errno, for texts made of parts of
 * numbers. */
#include "texts.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>

TestSuite(numbers, .init = software_only);

TWIN(long, strtol, const char *, char **, int);
TWIN(long long, strtoll, const char *, char **, int);
TWIN(intmax_t, strtoimax, const char *, char **, int);
TWIN(unsigned long, strtoul, const char *, char **, int);
TWIN(unsigned long long, strtoull, const char *, char **, int);
TWIN(uintmax_t, strtoumax, const char *, char **, int);
TWIN(long, __isoc23_strtol, const char *, char **, int);
TWIN(unsigned long, __isoc23_strtoul, const char *, char **, int);
TWIN(double, strtod, const char *, char **);
TWIN(float, strtof, const char *, char **);
TWIN(long double, strtold, const char *, char **);
TWIN(int, atoi, const char *);
TWIN(long, atol, const char *);
TWIN(long long, atoll, const char *);
TWIN(double, atof, const char *);

enum { ROOM = 800, ROUNDS = 40000 };

static char room[ROOM];

static const char *const parts[] = {
    "0",   "1",  "9",   "7f",   "z",    ".",        "e",   "E+",       "p-",
    "x",   "0x", "0X",  "b",    "0b1",  "+",        "-",   " ",        "\t\n",
    "inf", "na", "nan", "(1_)", "init", "Infinity", "fff", "99999999", "000000000000",
    "_",   ",",  "12",  "e400", "e-420"};

/* Spaces, perhaps a sign, and some parts. */
static void any_number(char *text) {
    size_t count = sizeof parts / sizeof *parts;
    strcpy(text, any(4) ? "" : " \f");
    if (!any(3))
        strcat(text, any(2) ? "-" : "+");
    for (unsigned left = any(any(20) ? 6 : 60); left; left--)
        strcat(text, parts[any((unsigned)count)]);
}

static struct {
    const char *text;
    int base;
} given;

/* Twin and function leave the same value, end and errno, which may be one from before. */
#define SAME(type, is_same, name, ...)                                                             \
    do {                                                                                           \
        char *end = room, *twin_end = room;                                                        \
        char **at = &end;                                                                          \
        int before = (int)any(2) * ENOENT;                                                         \
        errno = before;                                                                            \
        type expected = name(given.text, at __VA_ARGS__);                                          \
        int error = errno;                                                                         \
        at = &twin_end;                                                                            \
        errno = before;                                                                            \
        type value = twin_##name(given.text, at __VA_ARGS__);                                      \
        int twin_error = errno;                                                                    \
        cr_assert(is_same(expected, value), #name " of '%s' in base %d", given.text, given.base);  \
        cr_assert_eq(end, twin_end, #name ": end of '%s'", given.text);                            \
        cr_assert_eq(error, twin_error, #name ": errno after '%s'", given.text);                   \
    } while (0)

#define EQUAL(a, b) ((a) == (b))
#define EQUAL_BITS(a, b)                                                                           \
    ((a) == (b) ? signbit(a) == signbit(b) : isnan(a) && isnan(b) && signbit(a) == signbit(b))
#define COMMA ,

static void read_integers(void *unused) {
    (void)unused;
    SAME(long, EQUAL, strtol, COMMA given.base);
    SAME(long long, EQUAL, strtoll, COMMA given.base);
    SAME(intmax_t, EQUAL, strtoimax, COMMA given.base);
    SAME(unsigned long, EQUAL, strtoul, COMMA given.base);
    SAME(unsigned long long, EQUAL, strtoull, COMMA given.base);
    SAME(uintmax_t, EQUAL, strtoumax, COMMA given.base);
    cr_assert_eq(twin_strtol(given.text, NULL, given.base), strtol(given.text, NULL, given.base));
    cr_assert_eq(twin_atoi(given.text), atoi(given.text));
    cr_assert_eq(twin_atol(given.text), atol(given.text));
    cr_assert_eq(twin_atoll(given.text), atoll(given.text));
}

static void read_floating(void *unused) {
    (void)unused;
    SAME(double, EQUAL_BITS, strtod, );
    SAME(float, EQUAL_BITS, strtof, );
    SAME(long double, EQUAL_BITS, strtold, );
    double expected = atof(given.text), value = twin_atof(given.text);
    cr_assert(EQUAL_BITS(expected, value));
}

Test(numbers, are_read_as_the_c_library_does) {
    for (int round = 0; round < ROUNDS; round++) {
        char *text = room + any(70);
        any_number(text);
        given.text = text;
        given.base = (int)(any(3) ? any(2) * 16 : any(40) - 1);
        if (AME__ASAN && (given.base == 1 || given.base < 0 || given.base > 36))
            given.base = 10; /* its strtol leaves another end then */
        run_block(round % 2 ? read_integers : read_floating, NULL);
    }
}

Test(numbers, at_their_limits) {
    static const char *const texts[] = {"9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "-18446744073709551615",
                                        "-18446744073709551616",
                                        "2147483648",
                                        "-2147483649",
                                        "0x1.fffffffffffffp1023",
                                        "1.8e308",
                                        "4.9e-324",
                                        "1e-4000",
                                        "3.4028236e38"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        given.text = texts[i];
        given.base = 10;
        run_block(read_integers, NULL);
        run_block(read_floating, NULL);
    }
}

Test(numbers, of_any_length_to_the_end_of_a_page) {
    char *end = page_end();
    for (unsigned length = 1; length < 700; length += 1 + any(9)) {
        char *text = end - length - 1;
        memset(text, '0', length);
        text[any(length)] = "123."[any(4)];
        text[length] = '\0';
        given.text = text;
        given.base = 10;
        run_block(read_integers, NULL);
        run_block(read_floating, NULL);
    }
}

/* ---- C23's, which this C library need not have ---- */

static void read_binary(void *unused) {
    static const struct {
        const char *text;
        int base;
        long value;
        ptrdiff_t length;
    } cases[] = {{"0b101", 0, 5, 5},      {"-0B11", 2, -3, 5},  {" 0b", 0, 0, 2},
                 {"0b2", 2, 0, 1},        {"0b1", 16, 0xb1, 3}, {"0b1", 10, 0, 1},
                 {"0x1f", 0, 0x1f, 4},    {"017", 0, 15, 3},    {"12", 0, 12, 2},
                 {"0b111", 36, 514549, 5}};
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *end;
        long value = twin___isoc23_strtol(cases[i].text, &end, cases[i].base);
        cr_assert_eq(end - cases[i].text, cases[i].length, "%s", cases[i].text);
        cr_assert_eq(value, cases[i].value, "%s", cases[i].text);
        cr_assert_eq(twin___isoc23_strtoul(cases[i].text, &end, cases[i].base),
                     (unsigned long)value);
    }
}

Test(numbers, in_binary) {
    run_block(read_binary, NULL);
}

/* ---- undone ---- */

static char *end_of_number;

static void fail_and_abort(void *unused) {
    (void)unused;
    twin_strtol("99999999999999999999", &end_of_number, 10);
    cr_assert_eq(errno, ERANGE);
    twin_strtod("1e999", &end_of_number);
    ame_abi_serial("test");
}

static void look_at_errno(void *unused) {
    (void)unused;
    cr_assert_eq(errno, ENOENT);
    cr_assert_eq(end_of_number, room);
}

Test(numbers, errno_and_end_of_an_aborted_block_are_undone) {
    struct ame_abi_block block = {
        .plain = look_at_errno, .twin = fail_and_abort, .function = "test"};
    errno = ENOENT;
    end_of_number = room;
    ame_abi_run(&block, NULL);
}
