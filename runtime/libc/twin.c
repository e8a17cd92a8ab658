#include "libc/twin.h"
#include "memory/memory.h"

#include <errno.h>
#include <string.h>

/* ---- reading ---- */

AME__NOINLINE void ame__reader_fill(struct ame__reader *reader) {
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

size_t ame__bytes_before(const void *from, int byte, size_t limit, const void *place) {
    struct ame__reader reader;
    ame__reader_start(&reader, from, limit, place);
    for (size_t i = 0; i < limit; i++)
        if (ame__reader_next(&reader) == (unsigned char)byte)
            return i;
    return limit;
}

size_t ame__text_length(const char *text, const void *place) {
    return ame__bytes_before(text, '\0', SIZE_MAX, place);
}

/* ---- private copies ---- */

static AME__NOINLINE void grow(struct ame__scratch *scratch, size_t more) {
    struct ame_tx *tx = ame__self;
    size_t room = scratch->room * 2;
    if (more > SIZE_MAX / 2 - scratch->size)
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    if (room < scratch->size + more)
        room = scratch->size + more;
    char *larger = ame__memory_take(tx, room);
    memcpy(larger, scratch->bytes, scratch->size);
    ame__scratch_end(scratch);
    scratch->bytes = larger;
    scratch->room = room;
}

char *ame__scratch_reserve(struct ame__scratch *scratch, size_t more) {
    if (more > scratch->room - scratch->size)
        grow(scratch, more);
    return scratch->bytes + scratch->size;
}

void ame__scratch_end(struct ame__scratch *scratch) {
    if (scratch->bytes != scratch->first)
        ame__memory_give_back(ame__self, scratch->bytes);
}

char *ame__scratch_text(struct ame__scratch *scratch, const char *text, const void *place) {
    size_t length = ame__text_length(text, place);
    ame__scratch_start(scratch);
    char *copy = ame__scratch_reserve(scratch, length + 1);
    ame__stm_read(ame__self, copy, text, length, place);
    copy[length] = '\0';
    scratch->size = length + 1;
    return copy;
}

/* ---- errno ---- */

void ame__set_errno(int error, const void *place) {
    ame__stm_write(ame__self, &errno, &error, sizeof error, place);
}

void ame__errno_after(int before, const void *place) {
    int error = errno;
    errno = before;
    if (error)
        ame__set_errno(error, place);
}
