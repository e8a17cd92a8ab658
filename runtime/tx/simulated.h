/* simulated.h - hardware transactions for machines that have none: AME_MODE=simulated.
 *
 * An attempt ends as the dice say: it aborts for one of the reasons that real hardware has, or it
 * commits. Then the block has run as its twin, with a log, while nobody else was in a block. So
 * whatever follows from an attempt in hardware can be tried anywhere: the policy, the phases, the
 * ways back. What only real hardware shows is how blocks run side by side in it. */
#ifndef AME_TX_SIMULATED_H
#define AME_TX_SIMULATED_H

#include "core/tx.h"

/* Reads AME_SIMULATED; ends the program if that makes no sense. */
void ame__simulation_starts(void);

/* Of the descriptor's block. */
enum ame__abort_reason ame__simulated_attempt(struct ame_tx *tx, void *args);

#endif
