// Calls.h - rewrites the calls of one twin, and what only the serial path can do.
#ifndef AME_PASS_CALLS_H
#define AME_PASS_CALLS_H

#include "Barriers.h"

namespace ame {

class CallWriter {
  public:
    CallWriter(llvm::Function &F, BarrierWriter &B, Counts &C)
        : Twin(F), M(*F.getParent()), Barriers(B), Tally(C) {}

    void rewrite(llvm::CallBase &Call);

    // Before `I` the block asks to run alone; the user and the runtime are told of the construct.
    void makeSerial(llvm::Instruction &I, llvm::StringRef Construct);

  private:
    void makeSerialCall(llvm::CallBase &Call, const llvm::Function &Callee);
    void callUnknown(llvm::CallBase &Call, llvm::Function &Callee);
    void callThroughPointer(llvm::CallBase &Call);
    void callTwin(llvm::CallBase &Call, llvm::Value *Callee);
    void passCopies(llvm::CallBase &Call);
    void askForSerial(llvm::Instruction &Before, llvm::StringRef Why);

    llvm::Function &Twin;
    llvm::Module &M;
    BarrierWriter &Barriers;
    Counts &Tally;
};

// The twin that the runtime or another file defines, as a declaration in this module.
llvm::Function *declareTwin(llvm::Function &Original, llvm::GlobalValue::LinkageTypes Linkage);

} // namespace ame

#endif
