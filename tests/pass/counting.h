/* counting.h - for programs that run on the counting runtime.
 *
 * The runtime runs every outermost block twice from the same state, first as
 * plain code and then as twin, and fails unless both leave the same shared data. While
 * the twin runs, the shared arena can't be accessed but through barriers: an access
 * that was left out by mistake is a segmentation fault. */
#ifndef COUNTING_H
#define COUNTING_H

#include "../checks.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* What the last outermost block's twin did. */
struct counts {
    unsigned blocks; /* ame_abi_run, nested ones included */
    unsigned reads, writes;
    unsigned reads_for_write; /* of the reads */
    unsigned copies, fills;
    unsigned read_bytes, written_bytes; /* by reads, writes, copies and fills together */
    unsigned twins_found;               /* calls through pointers */
    unsigned library;                   /* calls of the runtime's twins of library functions */
    unsigned serial;                    /* reasons to run alone */
    const char *serial_why;             /* the last one */
};
extern struct counts counts;

/* Memory that blocks share, zeroed; page-sized pieces that are never freed. */
void *shared(size_t size);

/* Off: blocks run as twins only. For blocks that can't run twice. */
extern bool compare_with_plain;

/* Of the block that ran last. */
extern const char *block_function;
extern unsigned block_line;

#endif
