// Stages.h - the stages of the pipeline, in the order in which Plugin.cpp runs them.
#ifndef AME_PASS_STAGES_H
#define AME_PASS_STAGES_H

#include "llvm/IR/PassManager.h"

namespace ame {

// Early, before any optimization.
void translateAnnotations(llvm::Module &M);
void outlineBlocks(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);
void makeTwins(llvm::Module &M);

// Between the two: after what makes code simpler, before vectors and unrolled loops.
void walkInChunks(llvm::Function &Twin, llvm::FunctionAnalysisManager &FAM, bool Vectorize);

// Late, after all optimization.
bool isInstrumented(const llvm::Module &M);
void instrumentTwins(llvm::Module &M);
void markReads(llvm::Module &M);
void runInLine(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);
void emitTwinTable(llvm::Module &M);

} // namespace ame

#endif
