// MaskedAccess.h - vector accesses of which a mask chooses the lanes.
#ifndef AME_PASS_MASKEDACCESS_H
#define AME_PASS_MASKEDACCESS_H

#include "llvm/IR/Function.h"

namespace ame {

// Turns masked loads and stores, gathers and scatters of shared memory into a load or store for
// each lane, under a condition: the barriers know no masks.
void expandMaskedAccesses(llvm::Function &Twin);

} // namespace ame

#endif
