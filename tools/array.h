/* array.h - growing arrays. Out of memory ends the tool with a message. */
#ifndef AME_TOOLS_ARRAY_H
#define AME_TOOLS_ARRAY_H

#include "util.h"

#include <stddef.h>

#define ARRAY(T)                                                                                   \
    struct {                                                                                       \
        T *items;                                                                                  \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

#define ARRAY_PUSH(array, item)                                                                    \
    do {                                                                                           \
        if ((array)->count == (array)->capacity) {                                                 \
            (array)->capacity = (array)->capacity ? 2 * (array)->capacity : 16;                    \
            (array)->items =                                                                       \
                must_resize((array)->items, (array)->capacity, sizeof *(array)->items);            \
        }                                                                                          \
        (array)->items[(array)->count++] = (item);                                                 \
    } while (0)

#endif
