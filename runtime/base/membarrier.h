/* membarrier.h - a fence in other threads, paid for by who needs it. */
#ifndef AME_BASE_MEMBARRIER_H
#define AME_BASE_MEMBARRIER_H

#include <stdbool.h>

/* Each other thread of the process executes a full fence between two of its instructions, before
 * this returns; so does the caller. It interrupts the processors on which they run: ten
 * microseconds with one, more with many, and what they do in hardware transactions aborts. False
 * if the system has no such call (Linux before 4.14, or a sandbox). Leaves errno alone.
 *
 * membarrier(2); what it is used for: Dice, Huang, Yang, "Asymmetric Dekker Synchronization", 2001.
 */
bool ame__fence_all_threads(void);

/* Says to the system that this will be called. Before there are threads it takes no time; later,
 * or if the first call has to do it, tens of milliseconds (a grace period of RCU in Linux), while
 * others may be waiting for this thread. A child of fork() has said it, too. */
void ame__fence_all_threads_later(void);

#endif
