#include "base/heap.h"

#include <stdlib.h>

void *(*const volatile ame__malloc)(size_t) = malloc;
void *(*const volatile ame__realloc)(void *, size_t) = realloc;
