#include "base/heap.h"

#include <stdlib.h>

void *(*const volatile ame__malloc)(size_t) = malloc;
void *(*const volatile ame__calloc)(size_t, size_t) = calloc;
void *(*const volatile ame__realloc)(void *, size_t) = realloc;
