/* record.h - recordings of what blocks do, for `ame report`, begun and ended by the program.
 *
 * `ame record PROGRAM`, or AME_RECORD=FILE in the environment, records a whole run. With these
 * functions a program records the part of it that matters, marks moments, and names its threads.
 * What is recorded, and how much of it is kept, is as with `ame record` (AME_RECORD_MAX).
 *
 * All functions: any thread, at any time, though not in blocks (there they make the block run
 * alone). Without a recording, marks cost a test and are forgotten. */
#ifndef AME_RECORD_H
#define AME_RECORD_H

#include <ame/error.h>

#pragma GCC visibility push(default)

/* Begins a recording into a new file at `path`; if there is a file already, into "<path>.<pid>"
 * (and if that is there too, "<path>.<pid>.2" and so on). Attempts that run now in other threads
 * are not in it, their next ones are. Takes a millisecond, to measure the clock. AME_OK;
 * AME_EINVAL when `path` is NULL or empty, or a recording is on; AME_EIO, after a message, when the
 * file can't be written; AME_ENOMEM. */
int ame_record_start(const char *path);

/* Ends the recording: what all threads have gathered is written, and the file is whole. A new one
 * may begin. AME_OK, or AME_EINVAL when none is on. The end of the process does the same. */
int ame_record_stop(void);

/* Writes a mark with this text and the time: reports and timelines show it. At most 255 bytes of
 * the text are kept. */
void ame_record_mark(const char *text);

/* Names the calling thread in recordings: in that which is on, and in later ones. At most 63 bytes
 * are kept. Without it the name that pthread_setname_np() gave is used, if it had one at its
 * first block. */
void ame_record_name_thread(const char *name);

#pragma GCC visibility pop
#endif
