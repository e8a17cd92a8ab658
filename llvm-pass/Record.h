// Record.h - how a body gets its inputs and gives back its results.
#ifndef AME_PASS_RECORD_H
#define AME_PASS_RECORD_H

#include "llvm/IR/Function.h"

namespace ame {

// `Extracted` has one call; its last `Results` parameters point to locals of the caller that
// take the results, those before are inputs by value. Makes of it a function with one
// parameter, the record: a local of the caller with a member for each input and each
// result. Returns the new function, which takes the place and the name of the old one.
//
// (LLVM's CodeExtractor can make such a record too, but in LLVM 19 goes wrong where there are
// both inputs and results.)
llvm::Function *passByRecord(llvm::Function *Extracted, unsigned Results);

} // namespace ame

#endif
