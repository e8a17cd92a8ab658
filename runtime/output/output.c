#include "output/output.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

AME__ALIGNED_LINE ame__word ame__output_order;

/* Before each piece. One without bytes flushes the stream. */
struct piece {
    FILE *stream;
    size_t size;
};

enum { ALIGNMENT = _Alignof(struct piece) };

static size_t room_for(size_t size) {
    return (sizeof(struct piece) + size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

bool ame__output_may_wait(FILE *stream) {
    int before = errno;
    bool may = fileno(stream) >= 0 && fwide(stream, 0) <= 0;
    errno = before;
    return may;
}

static bool reserve(struct ame__output *output, size_t more) {
    enum { AT_FIRST = 1024 };
    size_t room = output->room ? output->room : AT_FIRST;
    while (room - output->size < more)
        if (__builtin_mul_overflow(room, 2, &room))
            return false;
    char *bytes = room == output->room ? output->bytes : realloc(output->bytes, room);
    if (!bytes)
        return false;
    output->bytes = bytes;
    output->room = room;
    return true;
}

static bool keep(struct ame_tx *tx, FILE *stream, const void *bytes, size_t size,
                 const void *place) {
    struct ame__output *output = &tx->output;
    if (size > SIZE_MAX / 2 || !reserve(output, room_for(size)))
        return false;
    if (!output->size)
        output->place = place;
    memcpy(output->bytes + output->size, &(struct piece){stream, size}, sizeof(struct piece));
    if (size)
        memcpy(output->bytes + output->size + sizeof(struct piece), bytes, size);
    output->size += room_for(size);
    return true;
}

bool ame__output_keep(struct ame_tx *tx, FILE *stream, const void *bytes, size_t size,
                      const void *place) {
    return !size || keep(tx, stream, bytes, size, place);
}

bool ame__output_keep_flush(struct ame_tx *tx, FILE *stream, const void *place) {
    return keep(tx, stream, NULL, 0, place);
}

void ame__output_forget(struct ame_tx *tx, size_t size) {
    enum { KEEPS = 1 << 16 }; /* for the next block */
    tx->output.size = size;
    if (!size && tx->output.room > KEEPS) {
        free(tx->output.bytes);
        tx->output.bytes = NULL;
        tx->output.room = 0;
    }
}

/* The thread may not be cancelled halfway. What a stream can't take it remembers (ferror). */
void ame__output_print(struct ame_tx *tx) {
    int before = errno, cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    for (size_t at = 0; at < tx->output.size;) {
        const struct piece *piece = (const void *)(tx->output.bytes + at);
        if (piece->size)
            fwrite(piece + 1, 1, piece->size, piece->stream);
        else
            fflush(piece->stream);
        at += room_for(piece->size);
    }
    ame__output_forget(tx, 0);
    pthread_setcancelstate(cancel, NULL);
    errno = before;
}
