/* strings.c - transactional twins of functions that read bytes and strings, and cut them in pieces:
 *   memcmp bcmp memchr memrchr rawmemchr memmem
 *   strlen strnlen strcmp strncmp strcasecmp strncasecmp strcoll
 *   strchr strchrnul strrchr strstr strcasestr strspn strcspn strpbrk
 *   strtok_r strsep, and getenv
 * llvm-pass/LibraryTable.def lists the same names for the plugin. */
#include "libc/twin.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* ---- what they have in common ---- */

static int as_it_is(int byte) {
    return byte;
}

/* The difference of the first bytes that differ; of strings also ends at a NUL. */
static inline int compare(const void *a, const void *b, size_t limit, int (*fold)(int),
                          bool strings, const void *place) {
    struct ame__reader left, right;
    ame__reader_start(&left, a, limit, place);
    ame__reader_start(&right, b, limit, place);
    for (size_t i = 0; i < limit; i++) {
        int x = fold(ame__reader_next(&left)), y = fold(ame__reader_next(&right));
        if (x != y || (strings && !x))
            return x - y;
    }
    return 0;
}

/* The first place where the `wanted_size` bytes are, or NULL. */
static inline char *find(const char *bytes, size_t size, const char *wanted, size_t wanted_size,
                         int (*fold)(int), const void *place) {
    for (; size >= wanted_size; bytes++, size--)
        if (!compare(bytes, wanted, wanted_size, fold, false, place))
            return (char *)bytes;
    return NULL;
}

/* ---- bytes ---- */

int ame__twin_memcmp(const void *, const void *, size_t) AME__TWIN("memcmp");
int ame__twin_memcmp(const void *a, const void *b, size_t size) {
    return compare(a, b, size, as_it_is, false, AME__PLACE);
}

int ame__twin_bcmp(const void *, const void *, size_t) AME__TWIN("bcmp");
int ame__twin_bcmp(const void *a, const void *b, size_t size) {
    return compare(a, b, size, as_it_is, false, AME__PLACE);
}

void *ame__twin_memchr(const void *, int, size_t) AME__TWIN("memchr");
void *ame__twin_memchr(const void *bytes, int byte, size_t size) {
    size_t before = ame__bytes_before(bytes, byte, size, AME__PLACE);
    return before < size ? (char *)bytes + before : NULL;
}

void *ame__twin_memrchr(const void *, int, size_t) AME__TWIN("memrchr");
void *ame__twin_memrchr(const void *bytes, int byte, size_t size) {
    struct ame__reader reader;
    const char *found = NULL, *at = bytes;
    ame__reader_start(&reader, bytes, size, AME__PLACE);
    for (size_t i = 0; i < size; i++)
        if (ame__reader_next(&reader) == (unsigned char)byte)
            found = at + i;
    return (char *)found;
}

void *ame__twin_rawmemchr(const void *, int) AME__TWIN("rawmemchr");
void *ame__twin_rawmemchr(const void *bytes, int byte) {
    return (char *)bytes + ame__bytes_before(bytes, byte, SIZE_MAX, AME__PLACE);
}

void *ame__twin_memmem(const void *, size_t, const void *, size_t) AME__TWIN("memmem");
void *ame__twin_memmem(const void *bytes, size_t size, const void *wanted, size_t wanted_size) {
    return find(bytes, size, wanted, wanted_size, as_it_is, AME__PLACE);
}

/* ---- strings ---- */

size_t ame__twin_strlen(const char *) AME__TWIN("strlen");
size_t ame__twin_strlen(const char *text) {
    return ame__text_length(text, AME__PLACE);
}

size_t ame__twin_strnlen(const char *, size_t) AME__TWIN("strnlen");
size_t ame__twin_strnlen(const char *text, size_t limit) {
    return ame__bytes_before(text, '\0', limit, AME__PLACE);
}

int ame__twin_strcmp(const char *, const char *) AME__TWIN("strcmp");
int ame__twin_strcmp(const char *a, const char *b) {
    return compare(a, b, SIZE_MAX, as_it_is, true, AME__PLACE);
}

int ame__twin_strncmp(const char *, const char *, size_t) AME__TWIN("strncmp");
int ame__twin_strncmp(const char *a, const char *b, size_t limit) {
    return compare(a, b, limit, as_it_is, true, AME__PLACE);
}

int ame__twin_strcasecmp(const char *, const char *) AME__TWIN("strcasecmp");
int ame__twin_strcasecmp(const char *a, const char *b) {
    return compare(a, b, SIZE_MAX, tolower, true, AME__PLACE);
}

int ame__twin_strncasecmp(const char *, const char *, size_t) AME__TWIN("strncasecmp");
int ame__twin_strncasecmp(const char *a, const char *b, size_t limit) {
    return compare(a, b, limit, tolower, true, AME__PLACE);
}

char *ame__twin_strchr(const char *, int) AME__TWIN("strchr");
char *ame__twin_strchr(const char *text, int byte) {
    struct ame__reader reader;
    ame__reader_start(&reader, text, SIZE_MAX, AME__PLACE);
    for (;; text++) {
        unsigned char here = ame__reader_next(&reader);
        if (here == (unsigned char)byte)
            return (char *)text;
        if (!here)
            return NULL;
    }
}

char *ame__twin_strrchr(const char *, int) AME__TWIN("strrchr");
char *ame__twin_strrchr(const char *text, int byte) {
    struct ame__reader reader;
    const char *found = NULL;
    ame__reader_start(&reader, text, SIZE_MAX, AME__PLACE);
    for (;; text++) {
        unsigned char here = ame__reader_next(&reader);
        if (here == (unsigned char)byte)
            found = text;
        if (!here)
            return (char *)found;
    }
}

char *ame__twin_strstr(const char *, const char *) AME__TWIN("strstr");
char *ame__twin_strstr(const char *text, const char *wanted) {
    const void *place = AME__PLACE;
    size_t size = ame__text_length(text, place);
    return find(text, size, wanted, ame__text_length(wanted, place), as_it_is, place);
}

char *ame__twin_strcasestr(const char *, const char *) AME__TWIN("strcasestr");
char *ame__twin_strcasestr(const char *text, const char *wanted) {
    const void *place = AME__PLACE;
    size_t size = ame__text_length(text, place);
    return find(text, size, wanted, ame__text_length(wanted, place), tolower, place);
}

char *ame__twin_strchrnul(const char *, int) AME__TWIN("strchrnul");
char *ame__twin_strchrnul(const char *text, int byte) {
    struct ame__reader reader;
    ame__reader_start(&reader, text, SIZE_MAX, AME__PLACE);
    for (;; text++) {
        unsigned char here = ame__reader_next(&reader);
        if (here == (unsigned char)byte || !here)
            return (char *)text;
    }
}

/* In the order of the locale, which only the C library knows. */
int ame__twin_strcoll(const char *, const char *) AME__TWIN("strcoll");
int ame__twin_strcoll(const char *a, const char *b) {
    const void *place = AME__PLACE;
    struct ame__scratch left, right;
    const char *x = ame__scratch_text(&left, a, place), *y = ame__scratch_text(&right, b, place);
    int before = errno;
    errno = 0;
    int result = strcoll(x, y);
    ame__errno_after(before, place);
    ame__scratch_end(&left);
    ame__scratch_end(&right);
    return result;
}

/* ---- sets of bytes ---- */

struct set {
    uint64_t bits[4];
};

static inline bool in_set(const struct set *set, unsigned char byte) {
    return set->bits[byte / 64] >> byte % 64 & 1;
}

static inline void add_to_set(struct set *set, unsigned char byte) {
    set->bits[byte / 64] |= UINT64_C(1) << byte % 64;
}

/* Those of the text. */
static struct set set_of(const char *text, const void *place) {
    struct set set = {{0}};
    struct ame__reader reader;
    ame__reader_start(&reader, text, SIZE_MAX, place);
    for (unsigned char byte; (byte = ame__reader_next(&reader));)
        add_to_set(&set, byte);
    return set;
}

/* How many bytes at the start of the text are in the set; NUL is not. */
static size_t span(const char *text, const struct set *set, const void *place) {
    struct ame__reader reader;
    ame__reader_start(&reader, text, SIZE_MAX, place);
    size_t count = 0;
    while (in_set(set, ame__reader_next(&reader)))
        count++;
    return count;
}

/* How many are not in it. `*ends`: the text ends there. */
static size_t span_until(const char *text, struct set set, bool *ends, const void *place) {
    struct ame__reader reader;
    ame__reader_start(&reader, text, SIZE_MAX, place);
    add_to_set(&set, '\0');
    for (size_t count = 0;; count++) {
        unsigned char byte = ame__reader_next(&reader);
        if (in_set(&set, byte)) {
            *ends = !byte;
            return count;
        }
    }
}

size_t ame__twin_strspn(const char *, const char *) AME__TWIN("strspn");
size_t ame__twin_strspn(const char *text, const char *accepted) {
    struct set set = set_of(accepted, AME__PLACE);
    return span(text, &set, AME__PLACE);
}

size_t ame__twin_strcspn(const char *, const char *) AME__TWIN("strcspn");
size_t ame__twin_strcspn(const char *text, const char *rejected) {
    bool ends;
    return span_until(text, set_of(rejected, AME__PLACE), &ends, AME__PLACE);
}

char *ame__twin_strpbrk(const char *, const char *) AME__TWIN("strpbrk");
char *ame__twin_strpbrk(const char *text, const char *wanted) {
    bool ends;
    size_t before = span_until(text, set_of(wanted, AME__PLACE), &ends, AME__PLACE);
    return ends ? NULL : (char *)text + before;
}

/* ---- pieces of a string ---- */

/* Puts a NUL behind the piece that begins at `piece`, if one of the delimiters is there. Returns
 * what comes after it, or NULL if the text has ended; `*end` is the piece's end. */
static char *cut(char *piece, const struct set *delimiters, char **end, const void *place) {
    bool ends;
    *end = piece + span_until(piece, *delimiters, &ends, place);
    if (ends)
        return NULL;
    ame__stm_write(ame__self, *end, "", 1, place);
    return *end + 1;
}

char *ame__twin_strsep(char **, const char *) AME__TWIN("strsep");
char *ame__twin_strsep(char **rest, const char *delimiters) {
    const void *place = AME__PLACE;
    char *piece, *end;
    ame__stm_read(ame__self, &piece, rest, sizeof piece, place);
    if (!piece)
        return NULL;
    struct set set = set_of(delimiters, place);
    char *next = cut(piece, &set, &end, place);
    ame__stm_write(ame__self, rest, &next, sizeof next, place);
    return piece;
}

/* The rest of a text that has ended is its NUL, as in the C library. */
char *ame__twin_strtok_r(char *, const char *, char **) AME__TWIN("strtok_r");
char *ame__twin_strtok_r(char *text, const char *delimiters, char **rest) {
    const void *place = AME__PLACE;
    char *piece = text, *end, *next;
    if (!piece)
        ame__stm_read(ame__self, &piece, rest, sizeof piece, place);
    struct set set = set_of(delimiters, place);
    piece += span(piece, &set, place);
    next = cut(piece, &set, &end, place);
    if (!next)
        next = end;
    ame__stm_write(ame__self, rest, &next, sizeof next, place);
    return piece == end ? NULL : piece;
}

/* ---- the environment ---- */

extern char **environ;

/* Blocks that change it run alone; but who has put a string there may change that. */
char *ame__twin_getenv(const char *) AME__TWIN("getenv");
char *ame__twin_getenv(const char *name) {
    const void *place = AME__PLACE;
    size_t length = ame__text_length(name, place);
    char **entries, *entry, after;
    ame__stm_read(ame__self, &entries, &environ, sizeof entries, place);
    for (; entries && length; entries++) {
        ame__stm_read(ame__self, &entry, entries, sizeof entry, place);
        if (!entry)
            break;
        if (compare(entry, name, length, as_it_is, true, place))
            continue;
        ame__stm_read(ame__self, &after, entry + length, 1, place);
        if (after == '=')
            return entry + length + 1;
    }
    return NULL;
}
