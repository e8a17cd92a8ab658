/* writers.h - the table of who wrote where: recorder.h says what it is for. */
#ifndef AME_EVENTS_WRITERS_H
#define AME_EVENTS_WRITERS_H

#include <stdbool.h>

/* Makes the table, or empties it. False: out of memory. */
bool ame__writers_forget(void);

#endif
