/* wait.h - the waiting inside of slots, as pure code.
 *
 * The state is EMPTY, FULL, or BUSY while a thread moves the value, and beside that whether
 * threads sleep:
 *   H1  Who changes EMPTY or FULL to BUSY has the value for itself, until it stores the
 *       other state with release; who takes hold of that, with a full fence, sees the value.
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
