/* runner.h - runs a program with a recording on. */
#ifndef AME_TOOLS_RUNNER_H
#define AME_TOOLS_RUNNER_H

#include <stdbool.h>

/* Takes an older recording at `path` away and makes sure that the file can be written.
 * Returns its absolute path, the caller's to free, or NULL after a message. */
char *runner_prepare(const char *path);

/* Runs the program to its end with AME_RECORD set to `file`, and with `software` AME_MODE to stm;
 * the program's output and input are this process's. Returns what the tool should exit with: the
 * program's status, or 128 and the signal that ended it, after a message. `*ran` is false if it
 * could not be started. */
int runner_run(char **arguments, const char *file, bool software, bool *ran);

#endif
