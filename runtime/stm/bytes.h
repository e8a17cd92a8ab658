/* bytes.h - copies of what lies in one stripe. */
#ifndef AME_STM_BYTES_H
#define AME_STM_BYTES_H

#include <string.h>

/* 1 to 64 bytes, without the call that memcpy makes where the size is not constant: the first and
 * the last ones, which may overlap. */
static inline void ame__copy_part(char *to, const char *from, size_t size) {
#define COPY_ENDS(piece)                                                                           \
    do {                                                                                           \
        memcpy(to, from, piece);                                                                   \
        memcpy(to + size - (piece), from + size - (piece), piece);                                 \
    } while (0)
    if (size >= 32)
        COPY_ENDS(32);
    else if (size >= 16)
        COPY_ENDS(16);
    else if (size >= 8)
        COPY_ENDS(8);
    else if (size >= 4)
        COPY_ENDS(4);
    else {
        to[0] = from[0];
        if (size > 1)
            COPY_ENDS(2);
    }
#undef COPY_ENDS
}

#endif
