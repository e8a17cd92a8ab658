/* Each twin against the C library's own function: all lengths and alignments, strings
 * that end with their page, and writes that are undone. */
#include "../stm/block.h"
#include "base/compiler.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

TestSuite(strings, .init = software_only);

#define TWIN(result, name, ...) result twin_##name(__VA_ARGS__) __asm__("ame_twin." #name)
TWIN(void *, memcpy, void *, const void *, size_t);
TWIN(void *, memmove, void *, const void *, size_t);
TWIN(void *, memset, void *, int, size_t);
TWIN(int, memcmp, const void *, const void *, size_t);
TWIN(int, bcmp, const void *, const void *, size_t);
TWIN(void *, memchr, const void *, int, size_t);
TWIN(size_t, strlen, const char *);
TWIN(size_t, strnlen, const char *, size_t);
TWIN(int, strcmp, const char *, const char *);
TWIN(int, strncmp, const char *, const char *, size_t);
TWIN(int, strcasecmp, const char *, const char *);
TWIN(int, strncasecmp, const char *, const char *, size_t);
TWIN(char *, strchr, const char *, int);
TWIN(char *, strrchr, const char *, int);
TWIN(char *, strstr, const char *, const char *);
TWIN(char *, strcpy, char *, const char *);
TWIN(char *, stpcpy, char *, const char *);
TWIN(char *, strncpy, char *, const char *, size_t);
TWIN(char *, strcat, char *, const char *);
TWIN(char *, strncat, char *, const char *, size_t);

enum { ROOM = 512, ROUNDS = 3000 };

static uint64_t state = 88172645463325252u;

static unsigned any(unsigned below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state % below);
}

static int sign(int x) {
    return (x > 0) - (x < 0);
}

/* Few letters, so that strings often agree; bytes beyond 127 among them. */
static void any_text(char *text, size_t length) {
    static const char letters[] = "aAb\xe9\x7f";
    for (size_t i = 0; i < length; i++)
        text[i] = letters[any(sizeof letters - 1)];
    text[length] = '\0';
}

/* The end of a page, after which nothing can be read. */
static char *page_end(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(two, MAP_FAILED);
    cr_assert_eq(mprotect(two + page, page, PROT_NONE), 0);
    return two + page;
}

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
    cr_assert_eq(sign(twin_memcmp(a, b, least)), sign(memcmp(a, b, least)));
    cr_assert_eq(!twin_bcmp(a, b, least), !memcmp(a, b, least));
    cr_assert_eq(twin_memchr(a, given.byte, least), memchr(a, given.byte, least));
    cr_assert_eq(twin_memchr(a, 0, strlen(a) + 1), a + strlen(a));
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

static void (*const writers[])(void *) = {copy_twin, move_up_twin, move_down_twin,
                                          set_twin,  string_twin,  string_end_twin,
                                          part_twin, append_twin,  append_part_twin};

Test(strings, write_as_the_c_library_does) {
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

Test(strings, writes_of_an_aborted_block_are_undone) {
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

Test(strings, what_was_read_is_validated) {
    strcpy(shared, "was");
    run_block(copy_text, NULL);
    pthread_join(changer, NULL);
    if (strcmp(copy_of_shared, "was"))
        cr_assert_str_eq(copy_of_shared, "changed");
}
