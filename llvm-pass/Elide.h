// Elide.h - which accesses of a twin need no barrier, and why.
#ifndef AME_PASS_ELIDE_H
#define AME_PASS_ELIDE_H

#include "llvm/IR/Function.h"
#include "llvm/IR/Instruction.h"

#include <array>
#include <string>
#include <vector>

namespace ame {

enum class Reason {
    Shared,          // it needs a barrier
    Local,           // a variable of the twin's own frame, or an argument passed by value
    Record,          // the record of a body's inputs and results
    Constant,        // memory that nobody writes
    Fresh,           // allocated in this function
    Immutable,       // a field marked ame_immutable
    Instrumentation, // not the program's: sanitizers, coverage counters
    Merged,          // a neighbour's barrier does it
};
constexpr unsigned Reasons = 8;

const char *describe(Reason R);

// Why memory at `Address`, used in `Twin`, is private to the block; Shared if it may not be.
Reason reasonOfAddress(const llvm::Function &Twin, const llvm::Value *Address);

// The same for what the instruction `Access` reads at `Address`: marks on it count too.
Reason reasonOfRead(const llvm::Instruction &Access, const llvm::Value *Address);
Reason reasonOfWrite(const llvm::Instruction &Access, const llvm::Value *Address);

// The figures of one twin.
struct Counts {
    unsigned Reads = 0, Writes = 0, Copies = 0;
    std::array<unsigned, Reasons> LeftOut = {};
    // Calls and constructs, with their places, from which the block runs alone: surely, and if the
    // linker finds no twin.
    std::vector<std::string> Serial, Unknown;

    void leaveOut(Reason R) { LeftOut[static_cast<unsigned>(R)]++; }
    void add(const Counts &Other);
    std::string describe() const;
};

} // namespace ame

#endif
