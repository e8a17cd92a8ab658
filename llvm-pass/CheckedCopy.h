// CheckedCopy.h - small blocks in hardware, beside a block in software.
#ifndef AME_PASS_CHECKEDCOPY_H
#define AME_PASS_CHECKEDCOPY_H

#include "llvm/IR/Function.h"

namespace ame {

// A copy of the body of a small block that looks at the record of each place before it reads or
// writes there, and gives the hardware transaction up where another block has it. NULL if the body
// has accesses for which that is not known how.
llvm::Function *checkedCopy(llvm::Function &Body);

// Before `Before`: ends the transaction, for a reason that may pass. The code behind is not
// reached.
void giveUpTransaction(llvm::Instruction *Before);

} // namespace ame

#endif
