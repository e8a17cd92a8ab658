/* strings.c - transactional twins of the C library's functions on bytes and strings:
 *   memcpy memmove memset memcmp bcmp memchr
 *   strlen strnlen strcmp strncmp strcasecmp strncasecmp strchr strrchr strstr
 *   strcpy stpcpy strncpy strcat strncat
 * llvm-pass/LibraryTable.def lists the same names for the plugin. A conflict is
 * reported at the place that calls the twin. */
#include "stm/stm.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* ---- reading byte by byte ---- */

/* The bytes from `at` on, fetched a stripe at a time: a stripe lies in one page, so
 * what follows a string's end in its stripe can be read. */
struct reader {
    const char *at; /* what comes after the buffer */
    const void *place;
    size_t limit; /* bytes that may be fetched yet */
    unsigned next, filled;
    unsigned char buffer[AME__STRIPE_SIZE];
};

static inline void reader_start(struct reader *reader, const void *from, size_t limit,
                                const void *place) {
    reader->at = from;
    reader->place = place;
    reader->limit = limit;
    reader->next = reader->filled = 0;
}

static AME__NOINLINE void reader_fill(struct reader *reader) {
    /* AddressSanitizer knows where a string ends, and would object. */
    size_t part = AME__ASAN ? 1 : ame__stripe_rest(reader->at);
    if (part > reader->limit)
        part = reader->limit;
    ame__stm_read(ame__self, reader->buffer, reader->at, part, reader->place);
    reader->at += part;
    reader->limit -= part;
    reader->next = 0;
    reader->filled = (unsigned)part;
}

/* The next byte; the caller keeps count of the limit. */
static inline unsigned char reader_next(struct reader *reader) {
    if (reader->next == reader->filled)
        reader_fill(reader);
    return reader->buffer[reader->next++];
}

/* ---- what the twins have in common ---- */

/* Bytes before the first `byte`, at most `limit`. */
static size_t length_before(const void *from, int byte, size_t limit, const void *place) {
    struct reader reader;
    reader_start(&reader, from, limit, place);
    for (size_t i = 0; i < limit; i++)
        if (reader_next(&reader) == (unsigned char)byte)
            return i;
    return limit;
}

static size_t length(const char *text, const void *place) {
    return length_before(text, '\0', SIZE_MAX, place);
}

static int as_it_is(int byte) {
    return byte;
}

/* The difference of the first bytes that differ; of strings also ends at a NUL. */
static inline int compare(const void *a, const void *b, size_t limit, int (*fold)(int),
                          bool strings, const void *place) {
    struct reader left, right;
    reader_start(&left, a, limit, place);
    reader_start(&right, b, limit, place);
    for (size_t i = 0; i < limit; i++) {
        int x = fold(reader_next(&left)), y = fold(reader_next(&right));
        if (x != y || (strings && !x))
            return x - y;
    }
    return 0;
}

#define PLACE __builtin_return_address(0)

/* ---- bytes ---- */

void *ame__twin_memcpy(void *, const void *, size_t) AME__TWIN("memcpy");
void *ame__twin_memcpy(void *to, const void *from, size_t size) {
    ame__stm_copy(ame__self, to, from, size, PLACE);
    return to;
}

void *ame__twin_memmove(void *, const void *, size_t) AME__TWIN("memmove");
void *ame__twin_memmove(void *to, const void *from, size_t size) {
    ame__stm_copy(ame__self, to, from, size, PLACE);
    return to;
}

void *ame__twin_memset(void *, int, size_t) AME__TWIN("memset");
void *ame__twin_memset(void *to, int byte, size_t size) {
    ame__stm_fill(ame__self, to, byte, size, PLACE);
    return to;
}

int ame__twin_memcmp(const void *, const void *, size_t) AME__TWIN("memcmp");
int ame__twin_memcmp(const void *a, const void *b, size_t size) {
    return compare(a, b, size, as_it_is, false, PLACE);
}

int ame__twin_bcmp(const void *, const void *, size_t) AME__TWIN("bcmp");
int ame__twin_bcmp(const void *a, const void *b, size_t size) {
    return compare(a, b, size, as_it_is, false, PLACE);
}

void *ame__twin_memchr(const void *, int, size_t) AME__TWIN("memchr");
void *ame__twin_memchr(const void *bytes, int byte, size_t size) {
    size_t before = length_before(bytes, byte, size, PLACE);
    return before < size ? (char *)bytes + before : NULL;
}

/* ---- strings, read ---- */

size_t ame__twin_strlen(const char *) AME__TWIN("strlen");
size_t ame__twin_strlen(const char *text) {
    return length(text, PLACE);
}

size_t ame__twin_strnlen(const char *, size_t) AME__TWIN("strnlen");
size_t ame__twin_strnlen(const char *text, size_t limit) {
    return length_before(text, '\0', limit, PLACE);
}

int ame__twin_strcmp(const char *, const char *) AME__TWIN("strcmp");
int ame__twin_strcmp(const char *a, const char *b) {
    return compare(a, b, SIZE_MAX, as_it_is, true, PLACE);
}

int ame__twin_strncmp(const char *, const char *, size_t) AME__TWIN("strncmp");
int ame__twin_strncmp(const char *a, const char *b, size_t limit) {
    return compare(a, b, limit, as_it_is, true, PLACE);
}

int ame__twin_strcasecmp(const char *, const char *) AME__TWIN("strcasecmp");
int ame__twin_strcasecmp(const char *a, const char *b) {
    return compare(a, b, SIZE_MAX, tolower, true, PLACE);
}

int ame__twin_strncasecmp(const char *, const char *, size_t) AME__TWIN("strncasecmp");
int ame__twin_strncasecmp(const char *a, const char *b, size_t limit) {
    return compare(a, b, limit, tolower, true, PLACE);
}

char *ame__twin_strchr(const char *, int) AME__TWIN("strchr");
char *ame__twin_strchr(const char *text, int byte) {
    struct reader reader;
    reader_start(&reader, text, SIZE_MAX, PLACE);
    for (;; text++) {
        unsigned char here = reader_next(&reader);
        if (here == (unsigned char)byte)
            return (char *)text;
        if (!here)
            return NULL;
    }
}

char *ame__twin_strrchr(const char *, int) AME__TWIN("strrchr");
char *ame__twin_strrchr(const char *text, int byte) {
    struct reader reader;
    const char *found = NULL;
    reader_start(&reader, text, SIZE_MAX, PLACE);
    for (;; text++) {
        unsigned char here = reader_next(&reader);
        if (here == (unsigned char)byte)
            found = text;
        if (!here)
            return (char *)found;
    }
}

char *ame__twin_strstr(const char *, const char *) AME__TWIN("strstr");
char *ame__twin_strstr(const char *text, const char *wanted) {
    const void *place = PLACE;
    size_t size = length(wanted, place);
    size_t last = length(text, place);
    for (size_t i = 0; i + size <= last; i++)
        if (!compare(text + i, wanted, size, as_it_is, false, place))
            return (char *)text + i;
    return NULL;
}

/* ---- strings, written ---- */

char *ame__twin_strcpy(char *, const char *) AME__TWIN("strcpy");
char *ame__twin_strcpy(char *to, const char *from) {
    const void *place = PLACE;
    ame__stm_copy(ame__self, to, from, length(from, place) + 1, place);
    return to;
}

char *ame__twin_stpcpy(char *, const char *) AME__TWIN("stpcpy");
char *ame__twin_stpcpy(char *to, const char *from) {
    const void *place = PLACE;
    size_t size = length(from, place);
    ame__stm_copy(ame__self, to, from, size + 1, place);
    return to + size;
}

char *ame__twin_strncpy(char *, const char *, size_t) AME__TWIN("strncpy");
char *ame__twin_strncpy(char *to, const char *from, size_t limit) {
    const void *place = PLACE;
    size_t size = length_before(from, '\0', limit, place);
    ame__stm_copy(ame__self, to, from, size, place);
    ame__stm_fill(ame__self, to + size, '\0', limit - size, place);
    return to;
}

char *ame__twin_strcat(char *, const char *) AME__TWIN("strcat");
char *ame__twin_strcat(char *to, const char *from) {
    const void *place = PLACE;
    ame__stm_copy(ame__self, to + length(to, place), from, length(from, place) + 1, place);
    return to;
}

char *ame__twin_strncat(char *, const char *, size_t) AME__TWIN("strncat");
char *ame__twin_strncat(char *to, const char *from, size_t limit) {
    const void *place = PLACE;
    char *end = to + length(to, place);
    size_t size = length_before(from, '\0', limit, place);
    ame__stm_copy(ame__self, end, from, size, place);
    ame__stm_write(ame__self, end + size, "", 1, place);
    return to;
}
