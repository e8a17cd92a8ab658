/* Each twin against the C library's own function, for random times in several zones. */
#define _GNU_SOURCE
#include "texts.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

TestSuite(time, .init = software_only);

TWIN(struct tm *, gmtime_r, const time_t *, struct tm *);
TWIN(struct tm *, localtime_r, const time_t *, struct tm *);
TWIN(time_t, mktime, struct tm *);
TWIN(time_t, timegm, struct tm *);
TWIN(size_t, strftime, char *, size_t, const char *, const struct tm *);

enum { ROUNDS = 3000, ROOM = 2000 };

static time_t given;
static size_t room;
static const char *format;
static char expected[ROOM], actual[ROOM];

static void check_same(const struct tm *a, const struct tm *b) {
    cr_assert_eq(memcmp(a, b, offsetof(struct tm, tm_isdst) + sizeof a->tm_isdst), 0);
    cr_assert_eq(a->tm_gmtoff, b->tm_gmtoff);
    cr_assert_eq(a->tm_zone, b->tm_zone);
}

static void convert(void *unused) {
    (void)unused;
    struct tm utc, twin_utc, local, twin_local;
    cr_assert_eq(twin_gmtime_r(&given, &twin_utc), &twin_utc);
    cr_assert_eq(twin_localtime_r(&given, &twin_local), &twin_local);
    gmtime_r(&given, &utc);
    localtime_r(&given, &local);
    check_same(&utc, &twin_utc);
    check_same(&local, &twin_local);
    size_t length = strftime(expected, room, format, &local);
    cr_assert_eq(twin_strftime(actual, room, format, &twin_local), length, "%s", format);
    if (length)
        cr_assert_str_eq(actual, expected);
    local.tm_mday += (int)any(1000) - 500;
    twin_local.tm_mday = local.tm_mday;
    utc = twin_utc = local;
    cr_assert_eq(twin_mktime(&twin_local), mktime(&local));
    cr_assert_eq(twin_timegm(&twin_utc), timegm(&utc));
    check_same(&utc, &twin_utc);
    check_same(&local, &twin_local);
}

Test(time, converted_as_the_c_library_does) {
    static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT"};
    static const char *const formats[] = {
        "%F %T",        "%c %Z %z", "",      "no conversion", "%A %B %j %U %p %s",
        "%_5Z|%-d|%^a", "%%Z %Ey",  "%300d", "%400Z"};
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 100 == 0) {
            setenv("TZ", zones[any(3)], 1);
            tzset();
        }
        given = (time_t)(state % (UINT64_C(1) << 33));
        room = any(3) ? 1 + any(ROOM - 1) : any(30);
        format = formats[any(sizeof formats / sizeof *formats)];
        run_block(convert, NULL);
    }
}

/* Such a time needs no zone that can be read, unless it is asked for. */
static void print_incomplete(void *unused) {
    (void)unused;
    struct tm parts = {.tm_year = 100, .tm_mday = 1, .tm_zone = (const char *)1};
    cr_assert_eq(twin_strftime(actual, ROOM, "%FT%TZ", &parts), 20);
    cr_assert_str_eq(actual, "2000-01-01T00:00:00Z");
}

Test(time, without_a_zone) {
    run_block(print_incomplete, NULL);
}

/* ---- undone ---- */

static struct tm broken_down;

static void fail_and_abort(void *unused) {
    (void)unused;
    time_t beyond = (time_t)(UINT64_MAX >> 1);
    cr_assert_null(twin_gmtime_r(&beyond, &broken_down));
    cr_assert_eq(errno, EOVERFLOW);
    given = 86400;
    twin_gmtime_r(&given, &broken_down);
    twin_strftime(actual, ROOM, "%F", &broken_down);
    cr_assert_str_eq(actual, "1970-01-02");
    ame_abi_serial("test");
}

static void look_whether_undone(void *unused) {
    (void)unused;
    cr_assert_eq(errno, ENOENT);
    cr_assert_eq(broken_down.tm_mday, 0);
    cr_assert_str_eq(actual, "as it was");
}

Test(time, undone_by_an_abort) {
    struct ame_abi_block block = {
        .plain = look_whether_undone, .twin = fail_and_abort, .function = "test"};
    errno = ENOENT;
    strcpy(actual, "as it was");
    ame_abi_run(&block, NULL);
}
