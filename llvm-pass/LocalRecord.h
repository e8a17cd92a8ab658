// LocalRecord.h - the record of a block that runs in line, which turns into values.
#ifndef AME_PASS_LOCALRECORD_H
#define AME_PASS_LOCALRECORD_H

#include "llvm/IR/IRBuilder.h"

namespace ame {

// Code in line reads its inputs from a local that nobody else can name, and leaves its results
// there, so SROA makes values of them. In a hardware transaction a load of what was stored just
// before it began takes some two nanoseconds more.
class LocalRecord {
  public:
    // For `Run`, a call of ame_abi_run, whose block has that body.
    LocalRecord(llvm::CallInst &Run, const llvm::Function &Body);
    // What the body is to be called with.
    llvm::Value *get() const { return Local; }
    // Before the block.
    void copyInputs(llvm::IRBuilder<> &Builder);
    // After the block has run in line.
    void giveResults(llvm::IRBuilder<> &Builder) { copyResults(Builder, Local, Record); }
    // The loads of results from here to the next write read from here, if the results are put here
    // where the block has run elsewhere, too.
    void redirectLoads(llvm::Instruction *First);
    void takeResults(llvm::IRBuilder<> &Builder) { copyResults(Builder, Record, Local); }

  private:
    llvm::Value *Record, *Local;
    llvm::StructType *Members = nullptr;
    unsigned Results = 0; // the first of them

    void copyResults(llvm::IRBuilder<> &Builder, llvm::Value *From, llvm::Value *To);
    void copy(llvm::IRBuilder<> &Builder, llvm::Value *From, llvm::Value *To, unsigned Index);
};

} // namespace ame

#endif
