// Barriers.h - rewrites the memory accesses of one twin.
#ifndef AME_PASS_BARRIERS_H
#define AME_PASS_BARRIERS_H

#include "Abi.h"
#include "Elide.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"

namespace ame {

class BarrierWriter {
  public:
    BarrierWriter(llvm::Function &F, Counts &C);

    // Decide by reasonOfRead and reasonOfWrite, and replace the instruction if need be.
    void rewrite(llvm::LoadInst &Load);
    void rewrite(llvm::StoreInst &Store);
    void rewrite(llvm::MemTransferInst &Copy);
    void rewrite(llvm::MemSetInst &Fill);

    // A local of the twin, for this use alone, into which `Size` bytes at `From` are read before
    // `Before`.
    llvm::Value *readToLocal(llvm::Instruction &Before, llvm::Value *From, llvm::Type *Type,
                             llvm::Align Alignment);

  private:
    llvm::Value *reads();
    bool standsInLine(const llvm::LoadInst &Load, const llvm::Type &Integer) const;
    llvm::Value *readInLine(llvm::LoadInst &Load, Barrier Slow, llvm::Type *Integer);
    llvm::CallInst *call(llvm::IRBuilder<> &Builder, Barrier B,
                         llvm::ArrayRef<llvm::Value *> Arguments);
    void checkAddress(llvm::IRBuilder<> &Builder, bool Writes, llvm::Value *Address,
                      llvm::Value *Size);
    llvm::AllocaInst *newLocal(llvm::Type *Type, llvm::Align Alignment);
    llvm::AllocaInst *sharedLocal(llvm::Type *Type);
    llvm::Value *sizeOf(llvm::Type *Type);

    llvm::Function &Twin;
    llvm::Module &M;
    Counts &Tally;
    llvm::Value *Reads = nullptr;
    llvm::SmallPtrSet<const llvm::BasicBlock *, 16> InLoops; // of the twin before it is rewritten
    llvm::DenseMap<llvm::Type *, llvm::AllocaInst *> SharedLocals;
};

} // namespace ame

#endif
