// Region.h - the atomic regions of a function: finding them and checking their shape.
#ifndef AME_PASS_REGION_H
#define AME_PASS_REGION_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Instructions.h"

namespace ame {

// One `atomic { }`: the call that marks its begin and those that mark its end. clang
// leads every way out through one end; a region that can't be left has none.
struct Region {
    llvm::CallInst *Begin;
    llvm::SmallVector<llvm::CallInst *, 1> Ends = {};
    llvm::SmallVector<llvm::CallInst *, 1> Cancels = {}; // what undoes it

    uint32_t kind() const; // AME_ABI_BLOCK_* bits
    // Whether it may be undone without the block around it.
    bool isClosed() const { return kind() != 0; }
};

// The marker calls that are left in `F`.
bool isRegionBegin(const llvm::Instruction &I);
bool hasMarks(const llvm::Function &F);

// Pairs the markers of `F` by the scope variable that each end is given. Afterwards the
// markers no longer touch that variable, so that it and all other locals can become
// SSA values. Reports an error and returns false where markers don't pair.
bool pairMarkers(llvm::Function &F, llvm::SmallVectorImpl<Region> &Regions);

// Gives each cancel to the innermost region around it; false, with an error, where there is none.
// The markers start blocks of their own by now.
bool pairCancels(llvm::Function &F, llvm::MutableArrayRef<Region> Regions);

// Gives the begin's result and the cancels their meaning: in regions that may be undone alone calls
// of the runtime; another region is entered once.
void lowerMarks(const Region &R);

// Calls of setjmp and its kin: they may return twice, to where longjmp wants.
bool isSetjmp(const llvm::CallBase &Call);

// The blocks from `Header`, which starts with the region's begin, up to its ends, which
// start their blocks too.
void collectBlocks(const Region &R, llvm::SmallVectorImpl<llvm::BasicBlock *> &Blocks);

// Whether the blocks can become a function of their own; reports an error if not.
bool checkBlocks(const Region &R, llvm::ArrayRef<llvm::BasicBlock *> Blocks);

} // namespace ame

#endif
