// Lower.h - constructs that are tied to their function's frame or labels, rewritten so that they
// can move to another function: the body of a block, or a twin.
#ifndef AME_PASS_LOWER_H
#define AME_PASS_LOWER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/PassManager.h"

namespace ame {

// Locals become values, where their address does not escape.
void promoteLocals(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

// In a function with regions: computed goto becomes a switch over the numbers of its labels.
void lowerComputedGoto(llvm::Function &F);

// In a region, before it is outlined: alloca gets memory that the function frees when it returns,
// and va_start copies a list that was started when the function was entered.
void lowerFrameUses(llvm::Function &F, llvm::ArrayRef<llvm::BasicBlock *> Blocks);

// In a twin, a fresh copy of `Original`: labels are told by the addresses that they have in the
// original, since tables of labels hold those; lists of arguments are copied like other memory.
void lowerLabelsOfTwin(llvm::Function &Twin, llvm::Function &Original);
void lowerListsOfTwin(llvm::Function &Twin);

} // namespace ame

#endif
