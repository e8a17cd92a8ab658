// Diagnostics.h - what the user is told: errors, and remarks of -Rpass-missed=ame and
// -Rpass-analysis=ame.
#ifndef AME_PASS_DIAGNOSTICS_H
#define AME_PASS_DIAGNOSTICS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

namespace llvm {
class DebugLoc;
class Function;
class Instruction;
class Module;
} // namespace llvm

namespace ame {

// A compile error at `Where` in `F`; compilation goes on to find more of them.
void error(llvm::Function &F, const llvm::DebugLoc &Where, const llvm::Twine &Message);

// What makes a block run alone: `I` is the access or call.
void remarkSerial(const llvm::Instruction &I, const llvm::Twine &Message);

// What was done to the body of a block.
void remarkBody(const llvm::Function &Body, const llvm::Twine &Message);

// Ends the compilation with an internal error if the module is broken. Only with AME_VERIFY in the
// environment, as in the tests: it would be a thirtieth of the time.
void checkModule(const llvm::Module &M, llvm::StringRef Stage);

} // namespace ame

#endif
