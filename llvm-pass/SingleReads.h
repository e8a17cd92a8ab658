// SingleReads.h - blocks that are but a read.
#ifndef AME_PASS_SINGLEREADS_H
#define AME_PASS_SINGLEREADS_H

#include "llvm/IR/Instructions.h"

namespace ame {

// True for the body of a block, as written, that calls nothing, writes no shared memory, and reads
// of it at most one aligned word, once: `Read`, or NULL. What it writes to its record of inputs and
// results comes after that.
bool isOnlyRead(llvm::Function &Body, llvm::LoadInst *&Read);

} // namespace ame

#endif
