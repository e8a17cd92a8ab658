/* sources.h - what each source line costs. */
#ifndef AME_TOOLS_SOURCES_H
#define AME_TOOLS_SOURCES_H

#include "report.h"

/* In ticks: lost at the line, lost by others for it, and committed in the block that begins there.
 */
struct line_cost {
    unsigned line;
    double lost, caused, committed;
};

/* A file, and the lines of it that cost something, in order. */
struct source {
    const char *file;
    double lost;
    ARRAY(struct line_cost) lines;
};

struct sources {
    ARRAY(struct source) files;
};

/* The costliest file first. */
void sources_find(struct sources *sources, const struct report *report);
void sources_free(struct sources *sources);

#endif
