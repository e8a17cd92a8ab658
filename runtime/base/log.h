/* log.h - a growing array for one thread's logs.
 *
 * AME__LOG(T) is a struct with `entries`, `count` and `capacity`. Logs keep their
 * memory from block to block, up to AME__LOG_KEEPS bytes each. */
#ifndef AME_BASE_LOG_H
#define AME_BASE_LOG_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define AME__LOG(T)                                                                                \
    struct {                                                                                       \
        T *entries;                                                                                \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/* Makes room for one more entry; false when out of memory. */
#define AME__LOG_RESERVE(log)                                                                      \
    (AME__LIKELY((log)->count < (log)->capacity) ||                                                \
     ame__log_grow((void **)&(log)->entries, &(log)->capacity, sizeof *(log)->entries))

enum { AME__LOG_KEEPS = 1 << 21 };

/* Empties a log; gives back the memory of one that grew beyond what it may keep. */
#define AME__LOG_CLEAR(log)                                                                        \
    do {                                                                                           \
        (log)->count = 0;                                                                          \
        if (AME__UNLIKELY((log)->capacity > AME__LOG_KEEPS / sizeof *(log)->entries))              \
            ame__log_free((void **)&(log)->entries, &(log)->capacity);                             \
    } while (0)

/* Doubles the capacity (from 64 entries); false when out of memory, and then the
 * log is as it was. */
bool ame__log_grow(void **entries, size_t *capacity, size_t entry_size);
void ame__log_free(void **entries, size_t *capacity);

#endif
