/* slot.c - the public functions. Compiled with the plugin: in a block a put becomes a call on
 * commit. */
#include "slot/wait.h"
#include <ame/error.h>
#include <ame/runtime.h>

#include <stdlib.h>

struct put {
    ame_slot *slot;
    void *value;
};

static void put_after_commit(void *argument) {
    struct put *put = argument;
    ame__slot_put_now(put->slot, put->value);
    free(put);
}

int ame_slot_put(ame_slot *slot, void *value) {
    if (!ame_in_block()) {
        ame__slot_put_now(slot, value);
        return AME_OK;
    }
    struct put *put = malloc(sizeof *put);
    if (!put)
        return AME_ENOMEM;
    put->slot = slot;
    put->value = value;
    ame_on_commit(put_after_commit, put);
    return AME_OK;
}

void *ame_slot_take(ame_slot *slot) {
    if (ame_in_block()) {
        ame_irrevocable(); /* in hardware the message could not be seen */
        ame__slot_in_block("ame_slot_take");
    }
    return ame__slot_take_now(slot);
}

bool ame_slot_try_put(ame_slot *slot, void *value) {
    if (ame_in_block())
        ame_irrevocable();
    return ame__slot_try_put_now(slot, value);
}

bool ame_slot_try_take(ame_slot *slot, void **value) {
    if (ame_in_block())
        ame_irrevocable();
    return ame__slot_try_take_now(slot, value);
}
