/* progress.h - one line on standard error while work takes long. */
#ifndef AME_TOOLS_PROGRESS_H
#define AME_TOOLS_PROGRESS_H

#include <stdint.h>

/* So much of `what` is done; `all` is 0 where that is not known. Shown, a few times a second, after
 * half a second of work, and only on a terminal. */
void progress(const char *what, uint64_t done, uint64_t all);

/* Takes the line away. */
void progress_end(void);

#endif
