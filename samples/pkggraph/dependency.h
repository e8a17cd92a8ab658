/* dependency.h - takes the value of a dependency field apart. */
#ifndef PKGGRAPH_DEPENDENCY_H
#define PKGGRAPH_DEPENDENCY_H

#include <stdbool.h>

/* Cuts the text at `*rest` up to `separator` off, ends it with a NUL, and moves
 * `*rest` behind it. Returns the piece, or NULL when nothing is left. */
char *dependency_next(char **rest, char separator);

/* The name in one alternative such as " libc6:any (>= 2.36) [amd64]": ended with a
 * NUL in place. Empty if there is none. */
char *dependency_name(char *alternative);

#endif
