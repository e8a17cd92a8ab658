/* heap.h - memory for the runtime itself: the C library's functions, but not by way of the global
 * offset table, so that what is recorded of the program's allocations (events/hooks.h) leaves these
 * out. Freed by free(). */
#ifndef AME_BASE_HEAP_H
#define AME_BASE_HEAP_H

#include <stddef.h>

extern void *(*const volatile ame__malloc)(size_t size);
extern void *(*const volatile ame__calloc)(size_t count, size_t size);
extern void *(*const volatile ame__realloc)(void *old, size_t size);

#endif
