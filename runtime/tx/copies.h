/* copies.h - one runtime in a process. */
#ifndef AME_TX_COPIES_H
#define AME_TX_COPIES_H

/* Ends the process with a message if the objects loaded now hold copies of the runtime that run
 * blocks apart from each other, or have another ABI. Blocks of one copy know nothing of those of
 * the other, so they would not be isolated. Call it before the object's first block. */
void ame__refuse_second_runtime(void);

#endif
