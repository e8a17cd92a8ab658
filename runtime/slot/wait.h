/* wait.h - the waiting inside of slots, as pure code.
 *
 * The state is EMPTY or FULL, and beside that whether threads sleep:
 *   H1  State and value change together, by one operation on both, and a full fence: so who
 *       finds the slot FULL has the value, and what was done before it was put. One operation,
 *       because the line moves to this processor for the first and, as others look at it all the
 *       time, back and forth again for each further one.
 *   H2  A thread sleeps on the state as it was with SLEEPERS set, so not if it has changed
 *       since. Who changes a state with SLEEPERS clears that, and wakes all. */
#ifndef AME_SLOT_WAIT_H
#define AME_SLOT_WAIT_H

#include <ame/slot.h>

ame_pure void ame__slot_put_now(ame_slot *slot, void *value);
ame_pure void *ame__slot_take_now(ame_slot *slot);
ame_pure bool ame__slot_try_put_now(ame_slot *slot, void *value);
ame_pure bool ame__slot_try_take_now(ame_slot *slot, void **value);
ame_pure _Noreturn void ame__slot_in_block(const char *function);

#endif
