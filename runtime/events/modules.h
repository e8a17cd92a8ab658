/* modules.h - the segments of code and data that the process has loaded. */
#ifndef AME_EVENTS_MODULES_H
#define AME_EVENTS_MODULES_H

#include "events/format.h"

#include <stddef.h>

struct ame__module {
    struct ame__module_chunk chunk;
    char *path;
};

struct ame__modules {
    struct ame__module *entries;
    size_t count;
    size_t capacity;
};

/* Fills `modules` with what is loaded now. Without memory for all of them, with
 * as many as there was memory for. Call it with no lock held: it takes the
 * dynamic loader's. */
void ame__modules_list(struct ame__modules *modules);
void ame__modules_free(struct ame__modules *modules);

#endif
