/* twin.h - what the twins of the C library's functions have in common.
 *
 *   L1  The caller's memory is read and written by the barriers of stm/stm.h, errno too: what
 *       others change meanwhile is a conflict, and an abort undoes all.
 *   L2  The C library's own functions see only private copies.
 *   L3  What a twin can't do it leaves to the function itself, alone: ame__tx_need_serial. */
#ifndef AME_LIBC_TWIN_H
#define AME_LIBC_TWIN_H

#include "core/tx.h"
#include "stm/stm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In a twin: what called it, to which conflicts are reported. */
#define AME__PLACE __builtin_return_address(0)

/* ---- reading byte by byte ---- */

/* The bytes from `at` on, fetched a stripe at a time: a stripe lies in one page, so
 * what follows a string's end in its stripe can be read. */
struct ame__reader {
    const char *at; /* what comes after the buffer */
    const void *place;
    size_t limit; /* bytes that may be fetched yet */
    unsigned next, filled;
    unsigned char buffer[AME__STRIPE_SIZE];
};

static inline void ame__reader_start(struct ame__reader *reader, const void *from, size_t limit,
                                     const void *place) {
    reader->at = from;
    reader->place = place;
    reader->limit = limit;
    reader->next = reader->filled = 0;
}

void ame__reader_fill(struct ame__reader *reader);

/* The next byte; the caller keeps count of the limit. */
static inline unsigned char ame__reader_next(struct ame__reader *reader) {
    if (reader->next == reader->filled)
        ame__reader_fill(reader);
    return reader->buffer[reader->next++];
}

/* Bytes before the first `byte`, at most `limit`. */
size_t ame__bytes_before(const void *from, int byte, size_t limit, const void *place);

size_t ame__text_length(const char *text, const void *place);

/* ---- private copies ---- */

/* A buffer that grows. Whoever starts one ends it; if the block is undone, that frees it. */
struct ame__scratch {
    char *bytes;
    size_t size, room; /* in use; there */
    _Alignas(max_align_t) char first[256];
};

static inline void ame__scratch_start(struct ame__scratch *scratch) {
    scratch->bytes = scratch->first;
    scratch->size = 0;
    scratch->room = sizeof scratch->first;
}

/* Where `more` bytes may be put behind those in use. Aborts the block when out of memory. */
char *ame__scratch_reserve(struct ame__scratch *scratch, size_t more);

void ame__scratch_end(struct ame__scratch *scratch);

/* A private copy of the text, in a buffer that it starts. */
char *ame__scratch_text(struct ame__scratch *scratch, const char *text, const void *place);

/* ---- errno ---- */

/* After a call of the C library's own function, which began with errno = 0: what it left there is
 * undone with the block. `before`: errno as it was; it stays if that function had no error. */
void ame__errno_after(int before, const void *place);

void ame__set_errno(int error, const void *place);

#endif
