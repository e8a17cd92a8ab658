/* mode.h - AME_MODE, and what the machine can do. Set before the first block. */
#ifndef AME_TX_MODE_H
#define AME_TX_MODE_H

#include "policy/policy.h"

extern enum ame__mode ame__mode;
extern bool ame__hardware_in_use; /* it works and the mode allows it, or it is simulated */

/* Where first attempts are made, and so need no policy. */
extern bool ame__hardware_at_once AME__ABI_NAME("ame_abi_hardware_at_once");
extern bool ame__software_at_once;

/* Either, for blocks that are but a read. */
extern bool ame__reads_at_once AME__ABI_NAME("ame_abi_reads_at_once");

#endif
