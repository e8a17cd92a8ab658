/* threads.h - what core calls in the layers above it when threads come and go. */
#ifndef AME_CORE_THREADS_H
#define AME_CORE_THREADS_H

struct ame_tx;

/* Once, before the first block of the process: reads AME_MODE. */
void ame__process_starts(void);

/* A thread ends; if it does so inside a block, the block ends with it. */
void ame__thread_leaves_block(struct ame_tx *tx);

#endif
