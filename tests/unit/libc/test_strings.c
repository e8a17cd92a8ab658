/* Each twin against the C library's own function: all lengths and alignments, and strings
 * that end with their page. */
#define _GNU_SOURCE
#include "texts.h"

#include <locale.h>
#include <stdio.h>

TestSuite(strings, .init = software_only);

TWIN(int, memcmp, const void *, const void *, size_t);
TWIN(int, bcmp, const void *, const void *, size_t);
TWIN(void *, memchr, const void *, int, size_t);
TWIN(void *, memrchr, const void *, int, size_t);
TWIN(void *, rawmemchr, const void *, int);
TWIN(void *, memmem, const void *, size_t, const void *, size_t);
TWIN(size_t, strlen, const char *);
TWIN(size_t, strnlen, const char *, size_t);
TWIN(int, strcmp, const char *, const char *);
TWIN(int, strncmp, const char *, const char *, size_t);
TWIN(int, strcasecmp, const char *, const char *);
TWIN(int, strncasecmp, const char *, const char *, size_t);
TWIN(int, strcoll, const char *, const char *);
TWIN(char *, strchr, const char *, int);
TWIN(char *, strchrnul, const char *, int);
TWIN(char *, strrchr, const char *, int);
TWIN(char *, strstr, const char *, const char *);
TWIN(char *, strcasestr, const char *, const char *);
TWIN(size_t, strspn, const char *, const char *);
TWIN(size_t, strcspn, const char *, const char *);
TWIN(char *, strpbrk, const char *, const char *);
TWIN(char *, strtok_r, char *, const char *, char **);
TWIN(char *, strsep, char **, const char *);
TWIN(char *, getenv, const char *);

enum { ROOM = 512, ROUNDS = 3000 };

/* ---- reading ---- */

static struct {
    const char *a, *b;
    size_t limit;
    int byte;
} given;

static void read_all(void *unused) {
    const char *a = given.a, *b = given.b;
    size_t n = given.limit, least = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    (void)unused;
    cr_assert_eq(twin_strlen(a), strlen(a));
    cr_assert_eq(twin_strnlen(a, n), strnlen(a, n));
    cr_assert_eq(twin_strnlen(a, SIZE_MAX), strlen(a));
    cr_assert_eq(sign(twin_strcmp(a, b)), sign(strcmp(a, b)));
    cr_assert_eq(sign(twin_strncmp(a, b, n)), sign(strncmp(a, b, n)));
    cr_assert_eq(sign(twin_strcasecmp(a, b)), sign(strcasecmp(a, b)));
    cr_assert_eq(sign(twin_strncasecmp(a, b, n)), sign(strncasecmp(a, b, n)));
    cr_assert_eq(twin_strchr(a, given.byte), strchr(a, given.byte));
    cr_assert_eq(twin_strchr(a, 0), strchr(a, 0));
    cr_assert_eq(twin_strrchr(a, given.byte), strrchr(a, given.byte));
    cr_assert_eq(twin_strrchr(a, 0), strrchr(a, 0));
    cr_assert_eq(twin_strstr(a, b), strstr(a, b));
    cr_assert_eq(twin_strstr(a, ""), a);
    cr_assert_eq(twin_strcasestr(a, b), strcasestr(a, b));
    cr_assert_eq(twin_strchrnul(a, given.byte), strchrnul(a, given.byte));
    cr_assert_eq(sign(twin_strcoll(a, b)), sign(strcoll(a, b)));
    cr_assert_eq(twin_strspn(a, b), strspn(a, b));
    cr_assert_eq(twin_strspn(a, "aAb"), strspn(a, "aAb"));
    cr_assert_eq(twin_strcspn(a, b), strcspn(a, b));
    cr_assert_eq(twin_strcspn(a, "\xe9"), strcspn(a, "\xe9"));
    cr_assert_eq(twin_strpbrk(a, b), strpbrk(a, b));
    cr_assert_eq(twin_strpbrk(a, ""), NULL);
    cr_assert_eq(sign(twin_memcmp(a, b, least)), sign(memcmp(a, b, least)));
    cr_assert_eq(!twin_bcmp(a, b, least), !memcmp(a, b, least));
    cr_assert_eq(twin_memchr(a, given.byte, least), memchr(a, given.byte, least));
    cr_assert_eq(twin_memchr(a, 0, strlen(a) + 1), a + strlen(a));
    cr_assert_eq(twin_memrchr(a, given.byte, least), memrchr(a, given.byte, least));
    cr_assert_eq(twin_rawmemchr(a, 0), a + strlen(a));
    cr_assert_eq(twin_memmem(a, strlen(a), b, strlen(b)), memmem(a, strlen(a), b, strlen(b)));
}

Test(strings, read_as_the_c_library_does) {
    static char one[ROOM], other[ROOM];
    for (int round = 0; round < ROUNDS; round++) {
        char *a = one + any(64), *b = other + any(64);
        any_text(a, any(round % 3 ? 8 : 200));
        any_text(b, any(round % 3 ? 4 : 200));
        if (round % 2) /* equal for long */
            memcpy(b, a, strlen(b) < strlen(a) ? strlen(b) : strlen(a));
        given.a = a;
        given.b = b;
        given.limit = any(210);
        given.byte = "aAb\xe9z"[any(5)];
        run_block(read_all, NULL);
    }
}

Test(strings, nothing_behind_the_end_is_read) {
    char *end_a = page_end(), *end_b = page_end();
    for (size_t length = 0; length < 140; length++) {
        char *a = end_a - length - 1, *b = end_b - length / 2 - 1;
        any_text(a, length);
        any_text(b, length / 2);
        given.a = a;
        given.b = b;
        given.limit = length;
        given.byte = 'b';
        run_block(read_all, NULL);
    }
}

/* ---- pieces ---- */

static char expected[ROOM], actual[ROOM];
static const char *delimiters;

/* A piece is its place in the text, or -1. */
static ptrdiff_t place_in(const char *text, const char *piece) {
    return piece ? piece - text : -1;
}

static void cut_by_strtok(void *unused) {
    (void)unused;
    char *rest, *twin_rest = NULL, *text = expected, *twin_text = actual;
    for (ptrdiff_t at = 0; at >= 0; text = twin_text = NULL) {
        at = place_in(expected, strtok_r(text, delimiters, &rest));
        cr_assert_eq(place_in(actual, twin_strtok_r(twin_text, delimiters, &twin_rest)), at);
        cr_assert_eq(twin_rest - actual, rest - expected);
    }
}

static void cut_by_strsep(void *unused) {
    (void)unused;
    char *rest = expected, *twin_rest = actual;
    for (ptrdiff_t at = 0; at >= 0;) {
        at = place_in(expected, strsep(&rest, delimiters));
        cr_assert_eq(place_in(actual, twin_strsep(&twin_rest, delimiters)), at);
        cr_assert_eq(place_in(actual, twin_rest), place_in(expected, rest));
    }
}

Test(strings, are_cut_as_the_c_library_does) {
    static const char *const sets[] = {"a", "bA", "", "aAb\xe9\x7f", "z"};
    for (int round = 0; round < ROUNDS; round++) {
        any_text(expected, any(round % 3 ? 10 : 200));
        memcpy(actual, expected, ROOM);
        delimiters = sets[any(5)];
        run_block(round % 2 ? cut_by_strtok : cut_by_strsep, NULL);
        cr_assert_eq(memcmp(actual, expected, ROOM), 0);
    }
}

/* ---- locale and environment ---- */

static void collate(void *unused) {
    (void)unused;
    cr_assert_eq(sign(twin_strcoll("a", "B")), sign(strcoll("a", "B")));
    cr_assert_eq(sign(twin_strcoll("\xc3\xa9", "z")), sign(strcoll("\xc3\xa9", "z")));
    cr_assert_eq(twin_strcoll("same", "same"), 0);
}

Test(strings, collate_as_the_locale_says) {
    run_block(collate, NULL);
    if (setlocale(LC_ALL, "en_US.UTF-8") || setlocale(LC_ALL, "C.UTF-8"))
        run_block(collate, NULL);
}

static void look_into_environment(void *unused) {
    (void)unused;
    cr_assert_str_eq(twin_getenv("AME_TEST"), "a value");
    cr_assert_eq(twin_getenv("AME_TEST"), getenv("AME_TEST"));
    cr_assert_null(twin_getenv("AME_TES"));
    cr_assert_null(twin_getenv("AME_TEST="));
    cr_assert_null(twin_getenv("AME_TEST_LONGER"));
    cr_assert_null(twin_getenv(""));
}

static void look_into_nothing(void *unused) {
    (void)unused;
    cr_assert_null(twin_getenv("AME_TEST"));
}

Test(strings, environment) {
    setenv("AME_TEST", "a value", 1);
    run_block(look_into_environment, NULL);
    clearenv();
    run_block(look_into_nothing, NULL);
}
