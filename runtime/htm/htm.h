/* htm.h - hardware transactions (Intel RTM) around the uninstrumented body. */
#ifndef AME_HTM_HTM_H
#define AME_HTM_HTM_H

#include "core/tx.h"
#include "count/count.h"
#include "htm/instructions.h"
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

/* Why, by the code that the processor gave, which the thread's last transaction left. */
enum ame__abort_reason ame__htm_aborted(struct ame_tx *tx, uint32_t code);

/* Inside a hardware transaction: gives it up. */
_Noreturn void ame__htm_abort_now(void);

/* The same, but it may be tried again: something else was in the way. */
_Noreturn void ame__htm_abort_for_now(void);

/* Of a transaction that has changed counts: before its end, and after it. */
void ame__htm_begin_to_merge(struct ame_tx *tx);
void ame__htm_merge(struct ame_tx *tx);

/* ame__htm_attempt, where a call would take as long as much of the rest. */
AME__ALWAYS_INLINE enum ame__abort_reason ame__htm_attempt_in_line(struct ame_tx *tx,
                                                                   void (*body)(void *), void *args,
                                                                   enum ame__phase phase) {
    tx->way = AME__HTM;
    uint32_t code = ame__xbegin();
    if (AME__UNLIKELY(code != AME__XBEGIN_STARTED))
        return ame__htm_aborted(tx, code);
    /* The phase joins the read set: whoever changes it aborts this block (G1). */
    if (AME__UNLIKELY(ame__load_relaxed(&ame__phase) != phase))
        ame__htm_abort_for_now();
    body(args);
    if (AME__UNLIKELY(ame__count_changes(tx)))
        ame__htm_begin_to_merge(tx);
    bool counts = ame__load_relaxed(&ame__counts_in_hardware);
    ame__xend();
    tx->way = AME__OUTSIDE;
    if (AME__UNLIKELY(counts))
        ame__htm_merge(tx);
    return AME__ABORT_NONE;
}

#endif
