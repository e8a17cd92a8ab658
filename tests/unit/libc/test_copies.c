/* Each twin against the C library's own function, all lengths and alignments; writes that are
 * undone, reads that are validated. */
#define _GNU_SOURCE
#include "texts.h"

#include <stdio.h>
#include <strings.h>

TestSuite(copies, .init = software_only);

TWIN(void *, memcpy, void *, const void *, size_t);
TWIN(void *, memmove, void *, const void *, size_t);
TWIN(void *, mempcpy, void *, const void *, size_t);
TWIN(void *, memccpy, void *, const void *, int, size_t);
TWIN(void *, memset, void *, int, size_t);
TWIN(void, bzero, void *, size_t);
TWIN(size_t, strlen, const char *);
TWIN(char *, strcpy, char *, const char *);
TWIN(char *, stpcpy, char *, const char *);
TWIN(char *, strncpy, char *, const char *, size_t);
TWIN(char *, stpncpy, char *, const char *, size_t);
TWIN(char *, strcat, char *, const char *);
TWIN(char *, strncat, char *, const char *, size_t);
TWIN(size_t, strlcpy, char *, const char *, size_t);
TWIN(size_t, strlcat, char *, const char *, size_t);
TWIN(size_t, __strlcpy_chk, char *, const char *, size_t, size_t);
TWIN(size_t, __strlcat_chk, char *, const char *, size_t, size_t);
TWIN(void *, __memcpy_chk, void *, const void *, size_t, size_t);
TWIN(void *, __memmove_chk, void *, const void *, size_t, size_t);
TWIN(void *, __mempcpy_chk, void *, const void *, size_t, size_t);
TWIN(void *, __memset_chk, void *, int, size_t, size_t);
TWIN(char *, __strcpy_chk, char *, const char *, size_t);
TWIN(char *, __stpcpy_chk, char *, const char *, size_t);
TWIN(char *, __strncpy_chk, char *, const char *, size_t, size_t);
TWIN(char *, __stpncpy_chk, char *, const char *, size_t, size_t);
TWIN(char *, __strcat_chk, char *, const char *, size_t);
TWIN(char *, __strncat_chk, char *, const char *, size_t, size_t);

enum { ROOM = 512, ROUNDS = 6000 };

/* ---- writing ---- */

static char expected[ROOM], actual[ROOM], source[ROOM];
static size_t at, from, size;

/* Runs a statement on both buffers: F is the library's function or its twin. */
#define BOTH(name, call_library, call_twin)                                                        \
    static void name##_twin(void *unused) {                                                        \
        (void)unused;                                                                              \
        char *to = actual + at;                                                                    \
        ptrdiff_t result = (char *)(call_twin) - to;                                               \
        to = expected + at;                                                                        \
        cr_assert_eq(result, (char *)(call_library) - to, #name " returns otherwise");             \
    }
BOTH(copy, memcpy(to, source + from, size), twin_memcpy(to, source + from, size))
BOTH(move_up, memmove(to, to - from, size), twin_memmove(to, to - from, size))
BOTH(move_down, memmove(to, to + from, size), twin_memmove(to, to + from, size))
BOTH(set, memset(to, (int)size, size), twin_memset(to, (int)size, size))
BOTH(string, strcpy(to, source + from), twin_strcpy(to, source + from))
BOTH(string_end, stpcpy(to, source + from), twin_stpcpy(to, source + from))
BOTH(part, strncpy(to, source + from, size), twin_strncpy(to, source + from, size))
BOTH(append, strcat(to, source + from), twin_strcat(to, source + from))
BOTH(append_part, strncat(to, source + from, size), twin_strncat(to, source + from, size))

BOTH(copy_on, mempcpy(to, source + from, size), twin_mempcpy(to, source + from, size))
BOTH(part_end, stpncpy(to, source + from, size), twin_stpncpy(to, source + from, size))
/* Those that know the room: what they return is what the same function returns. */
BOTH(copy_checked, memcpy(to, source + from, size),
     twin___memcpy_chk(to, source + from, size, size))
BOTH(move_checked, memmove(to, to - from, size), twin___memmove_chk(to, to - from, size, 400))
BOTH(copy_on_checked, mempcpy(to, source + from, size),
     twin___mempcpy_chk(to, source + from, size, 400))
BOTH(set_checked, memset(to, 'x', size), twin___memset_chk(to, 'x', size, size))
BOTH(string_checked, strcpy(to, source + from),
     twin___strcpy_chk(to, source + from, strlen(source + from) + 1))
BOTH(string_end_checked, stpcpy(to, source + from), twin___stpcpy_chk(to, source + from, 400))
BOTH(part_checked, strncpy(to, source + from, size),
     twin___strncpy_chk(to, source + from, size, size))
BOTH(part_end_checked, stpncpy(to, source + from, size),
     twin___stpncpy_chk(to, source + from, size, 400))
BOTH(append_checked, strcat(to, source + from),
     twin___strcat_chk(to, source + from, strlen(to) + strlen(source + from) + 1))
BOTH(append_part_checked, strncat(to, source + from, size),
     twin___strncat_chk(to, source + from, size, 400))

static void copy_to_byte(void *unused) {
    (void)unused;
    char *end = memccpy(expected + at, source + from, 'b', size);
    char *twin_end = twin_memccpy(actual + at, source + from, 'b', size);
    cr_assert_eq(end ? end - expected : -1, twin_end ? twin_end - actual : -1);
}

static void clear(void *unused) {
    (void)unused;
    bzero(expected + at, size);
    twin_bzero(actual + at, size);
}

static void (*const writers[])(void *) = {copy_twin,
                                          move_up_twin,
                                          move_down_twin,
                                          set_twin,
                                          string_twin,
                                          string_end_twin,
                                          part_twin,
                                          append_twin,
                                          append_part_twin,
                                          copy_on_twin,
                                          part_end_twin,
                                          copy_checked_twin,
                                          move_checked_twin,
                                          copy_on_checked_twin,
                                          set_checked_twin,
                                          string_checked_twin,
                                          string_end_checked_twin,
                                          part_checked_twin,
                                          part_end_checked_twin,
                                          append_checked_twin,
                                          append_part_checked_twin,
                                          copy_to_byte,
                                          clear};

Test(copies, write_as_the_c_library_does) {
    for (int round = 0; round < ROUNDS; round++) {
        any_text(actual, ROOM - 1);
        actual[any(ROOM / 4) + ROOM / 4] = '\0'; /* for those that append */
        memcpy(expected, actual, ROOM);
        at = 64 + any(64);
        from = any(64);
        size = any(140);
        any_text(source + from, any(100));
        run_block(writers[round % (int)(sizeof writers / sizeof *writers)], NULL);
        cr_assert_eq(memcmp(actual, expected, ROOM), 0, "writer %d",
                     round % (int)(sizeof writers / sizeof *writers));
    }
}

/* ---- cut to fit: this C library need not have these ---- */

static void cut_to_fit(void *unused) {
    (void)unused;
    strcpy(actual, "????????");
    cr_assert_eq(twin_strlcpy(actual, "long", 0), 4);
    cr_assert_eq(twin_strlcat(actual, "long", 0), 4);
    cr_assert_str_eq(actual, "????????");
    cr_assert_eq(twin_strlcpy(actual, "long", 3), 4);
    cr_assert_str_eq(actual, "lo");
    cr_assert_eq(actual[3], '?');
    cr_assert_eq(twin_strlcpy(actual, "long", 5), 4);
    cr_assert_str_eq(actual, "long");
    cr_assert_eq(twin_strlcat(actual, "er", 8), 6);
    cr_assert_str_eq(actual, "longer");
    cr_assert_eq(twin_strlcat(actual, "text", 8), 10);
    cr_assert_str_eq(actual, "longert");
    cr_assert_eq(twin_strlcat(actual, "text", 3), 3 + 4); /* which have no NUL */
    cr_assert_str_eq(actual, "longert");
    cr_assert_eq(twin___strlcpy_chk(actual, "a", 2, 2), 1);
    cr_assert_eq(twin___strlcat_chk(actual, "b", 3, 3), 2);
    cr_assert_str_eq(actual, "ab");
}

Test(copies, cut_to_fit) {
    run_block(cut_to_fit, NULL);
}

/* ---- overflows ---- */

static void overflow_copy(void *unused) {
    (void)unused;
    twin___memcpy_chk(actual, source, 9, 8);
}
static void overflow_fill(void *unused) {
    (void)unused;
    twin___memset_chk(actual, 0, 9, 8);
}
static void overflow_string(void *unused) {
    (void)unused;
    twin___strcpy_chk(actual, "12345678", 8);
}
static void overflow_part(void *unused) {
    (void)unused;
    twin___strncpy_chk(actual, "1", 9, 8);
}
static void overflow_by_appending(void *unused) {
    (void)unused;
    twin_strcpy(actual, "1234");
    twin___strncat_chk(actual, "5678", 9, 8);
}

Test(copies, end_the_program_when_the_room_is_too_small) {
    static void (*const blocks[])(void *) = {overflow_copy, overflow_fill, overflow_string,
                                             overflow_part, overflow_by_appending};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        assert_block_aborts(blocks[i], i);
}

/* ---- undone, and in the read set ---- */

static _Alignas(64) char shared[256];
static int attempts;

/* Ends its first attempt as a conflict would. */
static void write_twice(void *unused) {
    (void)unused;
    twin_strcpy(shared + 3, "new");
    twin_memset(shared + 100, 'x', 100);
    if (!attempts++)
        ame_abi_serial("test");
}

static void look_at_shared(void *unused) {
    (void)unused;
    cr_assert_str_eq(shared, "as it was");
    cr_assert_eq(shared[100], 0);
    cr_assert_eq(shared[199], 0);
}

Test(copies, writes_of_an_aborted_block_are_undone) {
    struct ame_abi_block block = {.plain = look_at_shared, .twin = write_twice, .function = "test"};
    strcpy(shared, "as it was");
    ame_abi_run(&block, NULL);
    cr_assert_eq(attempts, 1);
}

static void change(void *unused) {
    (void)unused;
    twin_strcpy(shared, "changed");
}

static void *change_in_thread(void *unused) {
    run_block(change, NULL);
    return unused;
}

static _Alignas(64) char copy_of_shared[64];
static pthread_t changer;

/* The other thread's change comes between the read and the write. */
static void copy_text(void *unused) {
    (void)unused;
    size_t length = twin_strlen(shared);
    if (!attempts++) {
        cr_assert_eq(pthread_create(&changer, NULL, change_in_thread, NULL), 0);
        usleep(20 * 1000);
    }
    twin_memcpy(copy_of_shared, shared, length + 1);
}

Test(copies, what_was_read_is_validated) {
    strcpy(shared, "was");
    run_block(copy_text, NULL);
    pthread_join(changer, NULL);
    if (strcmp(copy_of_shared, "was"))
        cr_assert_str_eq(copy_of_shared, "changed");
}
