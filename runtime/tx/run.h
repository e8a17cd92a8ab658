/* run.h - what the ways to run a block share. */
#ifndef AME_TX_RUN_H
#define AME_TX_RUN_H

#include "core/tx.h"

struct ame__twin_call {
    struct ame_tx *tx;
    struct ame_abi_block *block;
    void *args;
};

/* For ame__checkpoint_call, with an ame__twin_call: runs the block's twin and commits it. */
void ame__run_twin(void *call);
void ame__run_twin_watched(void *call); /* for the profiler, too */

#endif
