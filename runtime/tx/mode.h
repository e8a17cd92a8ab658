/* mode.h - AME_MODE, and what the machine can do. Set before the first block. */
#ifndef AME_TX_MODE_H
#define AME_TX_MODE_H

#include "policy/policy.h"

extern enum ame__mode ame__mode;
extern bool ame__hardware_in_use; /* it works and the mode allows it, or it is simulated */

#endif
