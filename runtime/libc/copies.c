/* copies.c - transactional twins of functions that write bytes and strings:
 *   memcpy memmove mempcpy memccpy memset bzero
 *   strcpy stpcpy strncpy stpncpy strlcpy strcat strncat strlcat
 * and of what -D_FORTIFY_SOURCE makes of them: __memcpy_chk and so on, which know how much `room`
 * there is. llvm-pass/LibraryTable.def lists the same names for the plugin. */
#include "libc/twin.h"

#include <string.h>

/* The C library's: says so, and ends the program. */
_Noreturn void __chk_fail(void);

static inline void check_room(size_t needed, size_t room) {
    if (AME__UNLIKELY(needed > room))
        __chk_fail();
}

/* ---- bytes ---- */

static inline void *copy(void *to, const void *from, size_t size, const void *place) {
    ame__stm_copy(ame__self, to, from, size, place);
    return to;
}

static inline void *fill(void *to, int byte, size_t size, const void *place) {
    ame__stm_fill(ame__self, to, byte, size, place);
    return to;
}

void *ame__twin_memcpy(void *, const void *, size_t) AME__TWIN("memcpy");
void *ame__twin_memcpy(void *to, const void *from, size_t size) {
    return copy(to, from, size, AME__PLACE);
}

void *ame__twin___memcpy_chk(void *, const void *, size_t, size_t) AME__TWIN("__memcpy_chk");
void *ame__twin___memcpy_chk(void *to, const void *from, size_t size, size_t room) {
    check_room(size, room);
    return copy(to, from, size, AME__PLACE);
}

void *ame__twin_memmove(void *, const void *, size_t) AME__TWIN("memmove");
void *ame__twin_memmove(void *to, const void *from, size_t size) {
    return copy(to, from, size, AME__PLACE);
}

void *ame__twin___memmove_chk(void *, const void *, size_t, size_t) AME__TWIN("__memmove_chk");
void *ame__twin___memmove_chk(void *to, const void *from, size_t size, size_t room) {
    check_room(size, room);
    return copy(to, from, size, AME__PLACE);
}

void *ame__twin_mempcpy(void *, const void *, size_t) AME__TWIN("mempcpy");
void *ame__twin_mempcpy(void *to, const void *from, size_t size) {
    return (char *)copy(to, from, size, AME__PLACE) + size;
}

void *ame__twin___mempcpy_chk(void *, const void *, size_t, size_t) AME__TWIN("__mempcpy_chk");
void *ame__twin___mempcpy_chk(void *to, const void *from, size_t size, size_t room) {
    check_room(size, room);
    return (char *)copy(to, from, size, AME__PLACE) + size;
}

void *ame__twin_memccpy(void *, const void *, int, size_t) AME__TWIN("memccpy");
void *ame__twin_memccpy(void *to, const void *from, int last, size_t limit) {
    const void *place = AME__PLACE;
    size_t before = ame__bytes_before(from, last, limit, place);
    bool found = before < limit;
    copy(to, from, before + found, place);
    return found ? (char *)to + before + 1 : NULL;
}

void *ame__twin_memset(void *, int, size_t) AME__TWIN("memset");
void *ame__twin_memset(void *to, int byte, size_t size) {
    return fill(to, byte, size, AME__PLACE);
}

void *ame__twin___memset_chk(void *, int, size_t, size_t) AME__TWIN("__memset_chk");
void *ame__twin___memset_chk(void *to, int byte, size_t size, size_t room) {
    check_room(size, room);
    return fill(to, byte, size, AME__PLACE);
}

void ame__twin_bzero(void *, size_t) AME__TWIN("bzero");
void ame__twin_bzero(void *to, size_t size) {
    fill(to, 0, size, AME__PLACE);
}

/* ---- strings; the last parameter is the room at `to` ---- */

/* Returns the end of the copy. */
static inline char *copy_text(char *to, const char *from, size_t room, const void *place) {
    size_t length = ame__text_length(from, place);
    check_room(length + 1, room);
    copy(to, from, length + 1, place);
    return to + length;
}

/* Returns the end of the copy. */
static inline char *copy_part(char *to, const char *from, size_t size, size_t room,
                              const void *place) {
    check_room(size, room);
    size_t length = ame__bytes_before(from, '\0', size, place);
    copy(to, from, length, place);
    fill(to + length, '\0', size - length, place);
    return to + length;
}

static inline char *append(char *to, const char *from, size_t limit, size_t room,
                           const void *place) {
    size_t before = ame__text_length(to, place);
    size_t length = ame__bytes_before(from, '\0', limit, place);
    check_room(before + length + 1, room);
    copy(to + before, from, length, place);
    fill(to + before + length, '\0', 1, place);
    return to;
}

char *ame__twin_strcpy(char *, const char *) AME__TWIN("strcpy");
char *ame__twin_strcpy(char *to, const char *from) {
    copy_text(to, from, SIZE_MAX, AME__PLACE);
    return to;
}

char *ame__twin___strcpy_chk(char *, const char *, size_t) AME__TWIN("__strcpy_chk");
char *ame__twin___strcpy_chk(char *to, const char *from, size_t room) {
    copy_text(to, from, room, AME__PLACE);
    return to;
}

char *ame__twin_stpcpy(char *, const char *) AME__TWIN("stpcpy");
char *ame__twin_stpcpy(char *to, const char *from) {
    return copy_text(to, from, SIZE_MAX, AME__PLACE);
}

char *ame__twin___stpcpy_chk(char *, const char *, size_t) AME__TWIN("__stpcpy_chk");
char *ame__twin___stpcpy_chk(char *to, const char *from, size_t room) {
    return copy_text(to, from, room, AME__PLACE);
}

char *ame__twin_strncpy(char *, const char *, size_t) AME__TWIN("strncpy");
char *ame__twin_strncpy(char *to, const char *from, size_t size) {
    copy_part(to, from, size, SIZE_MAX, AME__PLACE);
    return to;
}

char *ame__twin___strncpy_chk(char *, const char *, size_t, size_t) AME__TWIN("__strncpy_chk");
char *ame__twin___strncpy_chk(char *to, const char *from, size_t size, size_t room) {
    copy_part(to, from, size, room, AME__PLACE);
    return to;
}

char *ame__twin_stpncpy(char *, const char *, size_t) AME__TWIN("stpncpy");
char *ame__twin_stpncpy(char *to, const char *from, size_t size) {
    return copy_part(to, from, size, SIZE_MAX, AME__PLACE);
}

char *ame__twin___stpncpy_chk(char *, const char *, size_t, size_t) AME__TWIN("__stpncpy_chk");
char *ame__twin___stpncpy_chk(char *to, const char *from, size_t size, size_t room) {
    return copy_part(to, from, size, room, AME__PLACE);
}

char *ame__twin_strcat(char *, const char *) AME__TWIN("strcat");
char *ame__twin_strcat(char *to, const char *from) {
    return append(to, from, SIZE_MAX, SIZE_MAX, AME__PLACE);
}

char *ame__twin___strcat_chk(char *, const char *, size_t) AME__TWIN("__strcat_chk");
char *ame__twin___strcat_chk(char *to, const char *from, size_t room) {
    return append(to, from, SIZE_MAX, room, AME__PLACE);
}

char *ame__twin_strncat(char *, const char *, size_t) AME__TWIN("strncat");
char *ame__twin_strncat(char *to, const char *from, size_t limit) {
    return append(to, from, limit, SIZE_MAX, AME__PLACE);
}

char *ame__twin___strncat_chk(char *, const char *, size_t, size_t) AME__TWIN("__strncat_chk");
char *ame__twin___strncat_chk(char *to, const char *from, size_t limit, size_t room) {
    return append(to, from, limit, room, AME__PLACE);
}

/* ---- strings that are cut to fit ---- */

/* Returns the length that it would have had. */
static inline size_t copy_to_fit(char *to, const char *from, size_t size, const void *place) {
    size_t length = ame__text_length(from, place);
    size_t kept = length < size ? length : size - 1;
    if (size) {
        copy(to, from, kept, place);
        fill(to + kept, '\0', 1, place);
    }
    return length;
}

static inline size_t append_to_fit(char *to, const char *from, size_t size, const void *place) {
    size_t before = ame__bytes_before(to, '\0', size, place);
    return before + copy_to_fit(to + before, from, size - before, place);
}

size_t ame__twin_strlcpy(char *, const char *, size_t) AME__TWIN("strlcpy");
size_t ame__twin_strlcpy(char *to, const char *from, size_t size) {
    return copy_to_fit(to, from, size, AME__PLACE);
}

size_t ame__twin___strlcpy_chk(char *, const char *, size_t, size_t) AME__TWIN("__strlcpy_chk");
size_t ame__twin___strlcpy_chk(char *to, const char *from, size_t size, size_t room) {
    check_room(size, room);
    return copy_to_fit(to, from, size, AME__PLACE);
}

size_t ame__twin_strlcat(char *, const char *, size_t) AME__TWIN("strlcat");
size_t ame__twin_strlcat(char *to, const char *from, size_t size) {
    return append_to_fit(to, from, size, AME__PLACE);
}

size_t ame__twin___strlcat_chk(char *, const char *, size_t, size_t) AME__TWIN("__strlcat_chk");
size_t ame__twin___strlcat_chk(char *to, const char *from, size_t size, size_t room) {
    check_room(size, room);
    return append_to_fit(to, from, size, AME__PLACE);
}
