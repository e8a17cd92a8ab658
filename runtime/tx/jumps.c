/* jumps.c - setjmp and longjmp inside one block. A jump needs no undo: what the block wrote
 * before it stays written, as without blocks. A jump out of a software block would leave it
 * neither committed nor undone, so only buffers that the block itself has set can be jumped to. */
#include "base/diag.h"
#include "htm/htm.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <setjmp.h>

_Noreturn void ame__twin_longjmp(jmp_buf, int) AME__TWIN("longjmp");
_Noreturn void ame__twin__longjmp(jmp_buf, int) AME__TWIN("_longjmp");
_Noreturn void ame__twin_siglongjmp(jmp_buf, int) AME__TWIN("siglongjmp");
_Noreturn void ame__twin___longjmp_chk(jmp_buf, int) AME__TWIN("__longjmp_chk");

void ame_abi_setjmp(void *buffer) {
    struct ame_tx *tx = ame__self;
    if (!tx || (tx->way != AME__STM && tx->way != AME__HYBRID))
        return;
    /* Written with what is there already: the stripes are the block's own then, and an abort
     * brings the old contents back. */
    ame__stm_copy(tx, buffer, buffer, sizeof(jmp_buf), __builtin_return_address(0));
    for (size_t i = 0; i < tx->jumps.count; i++)
        if (tx->jumps.entries[i] == buffer)
            return;
    if (!AME__LOG_RESERVE(&tx->jumps))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    tx->jumps.entries[tx->jumps.count++] = buffer;
}

void ame__twin_longjmp(jmp_buf buffer, int value) {
    const struct ame_tx *tx = ame__self;
    for (size_t i = 0; i < tx->jumps.count; i++)
        if (tx->jumps.entries[i] == (void *)buffer)
            longjmp(buffer, value);
    if (tx->way == AME__HYBRID)
        ame__htm_abort_now(); /* the message could not be seen */
    ame__die(
        "longjmp out of the atomic block in %s; jump only to what the block itself has set with "
        "setjmp, and leave a block with goto or return",
        tx->block->function);
}

void ame__twin__longjmp(jmp_buf buffer, int value) {
    ame__twin_longjmp(buffer, value);
}

void ame__twin_siglongjmp(jmp_buf buffer, int value) {
    ame__twin_longjmp(buffer, value);
}

void ame__twin___longjmp_chk(jmp_buf buffer, int value) {
    ame__twin_longjmp(buffer, value);
}
