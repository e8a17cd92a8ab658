// Twins.h - which function is whose twin.
#ifndef AME_PASS_TWINS_H
#define AME_PASS_TWINS_H

#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"

namespace ame {

bool isTwin(const llvm::Function &F);

// The name of a symbol as the source has it: without the \1 that keeps LLVM from
// mangling names given by asm labels.
llvm::StringRef sourceName(const llvm::Function &F);

// The twin of `F` in this module, or NULL.
llvm::Function *twinOf(const llvm::Function &F);

// Whether calls through pointers may look for the twin of `F`, within this file or, if the
// symbol can be seen there, in others. Bodies are called by the runtime alone.
bool mayBePointee(const llvm::Function &F);

// The function that a call surely calls, or NULL: calls through pointers, and
// through aliases that the linker may replace.
llvm::Function *calledFunction(const llvm::CallBase &Call);

// What blocks call instead of `F` (ame_replaces), or NULL. Once twins are made, it is the twin of
// the replacement, if this file has one.
llvm::Function *replacementOf(const llvm::Function &F);

// The attributes of a function or a call that are still true of its twin, which calls the
// runtime, may not return, and lets the runtime keep addresses.
llvm::AttributeList attributesOfTwin(llvm::LLVMContext &Context, llvm::AttributeList Attributes,
                                     unsigned Parameters);

} // namespace ame

#endif
