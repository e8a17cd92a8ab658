/* queue.h - ame_queue: a first-in first-out queue of pointers that threads share.
 *
 * In a block pushes and pops are part of the block, and undone with it: what a block pops and
 * pushes elsewhere is in one of both at every moment. Outside each is a block of its own. A
 * block that pops and one that pushes do not conflict while the queue has entries; two that
 * push conflict, as do two that pop. Waiting is atomic_retry(): the block is undone, and
 * runs again when something was pushed.
 *
 * All functions: any thread; constant time. A queue that is NULL or was freed ends the program
 * with a message, as far as it is noticed. */
#ifndef AME_QUEUE_H
#define AME_QUEUE_H

#include <ame/atomic.h>

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(default)

typedef struct ame_queue ame_queue;

/* NULL when out of memory. */
ame_safe ame_queue *ame_queue_new(void);

/* Frees the queue, which no other thread may use any more, and not what is in it. NULL is
 * allowed. */
ame_safe void ame_queue_free(ame_queue *queue);

/* AME_OK; AME_ENOMEM; AME_EINVAL: the queue is closed. */
ame_safe int ame_queue_push(ame_queue *queue, void *value);

/* Takes the oldest value, once there is one, and returns true; false if the queue is closed
 * and empty. In a block after what can't be undone it ends the program with a message if it
 * has to wait. */
bool ame_queue_pop(ame_queue *queue, void **value);

/* The same without waiting: false if the queue is empty. */
ame_safe bool ame_queue_try_pop(ame_queue *queue, void **value);

/* Nothing more can be pushed; who waits, and finds it empty, goes on. */
ame_safe void ame_queue_close(ame_queue *queue);

/* How many values there are: a real read, like that of an ame_counter. */
ame_safe size_t ame_queue_size(ame_queue *queue);

#pragma GCC visibility pop
#endif
