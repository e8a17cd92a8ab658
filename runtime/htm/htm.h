/* htm.h - hardware transactions (Intel RTM) around the uninstrumented body. */
#ifndef AME_HTM_HTM_H
#define AME_HTM_HTM_H

#include "core/tx.h"
#include "serial/gate.h"

/* Tests RTM by running it; the result is kept. `why` is a static phrase. */
bool ame__htm_works(const char **why);

/* One attempt to run body(args) in hardware, in that phase: HARDWARE, or CLOSED if this thread has
 * closed the gate. AME__ABORT_NONE: it committed. Otherwise the hardware has undone it. */
enum ame__abort_reason ame__htm_attempt(struct ame_tx *tx, void (*body)(void *), void *args,
                                        enum ame__phase phase);

/* The same for the body's twin, beside software blocks. When it has committed, the records of what
 * it wrote are locked: ame__stm_finish_hardware. */
enum ame__abort_reason ame__htm_attempt_twin(struct ame_tx *tx, void (*twin)(void *), void *args);

/* Why, by the code that the processor gave. */
enum ame__abort_reason ame__htm_aborted(struct ame_tx *tx, uint32_t code);

/* Inside a hardware transaction: gives it up. */
_Noreturn void ame__htm_abort_now(void);

/* The same, but it may be tried again: something else was in the way. */
_Noreturn void ame__htm_abort_for_now(void);

#endif
