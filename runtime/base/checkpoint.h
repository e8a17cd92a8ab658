/* checkpoint.h - leaving a call early, without setjmp.
 *
 * ame__checkpoint_call calls function(argument) and returns 0 when that returns.
 * While it runs, ame__checkpoint_resume(*checkpoint, value) makes the very call
 * return `value` (not 0) instead, from however deep. To the compiler it is a
 * plain call that returns once, so no function around it needs `returns_twice`
 * and loses optimizations or meets its bugs. Registers that a callee must keep
 * are restored; memory is not. */
#ifndef AME_BASE_CHECKPOINT_H
#define AME_BASE_CHECKPOINT_H

int ame__checkpoint_call(void (*function)(void *argument), void *argument, void **checkpoint);
_Noreturn void ame__checkpoint_resume(void *checkpoint, int value);

#endif
