/* print.h - what twins print to a stream is kept until the commit (output/output.h). */
#ifndef AME_LIBC_PRINT_H
#define AME_LIBC_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* False: the C library has to do it, alone (L3). A block in hardware ends here: where its barriers
 * run, so do software blocks, whose order it would have to keep. */
bool ame__may_print(FILE *stream);

/* `bytes` are private. Out of memory, the block is aborted, to run as written. */
void ame__print(FILE *stream, const void *bytes, size_t size, const void *place);

#endif
