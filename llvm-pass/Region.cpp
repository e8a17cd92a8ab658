#include "Region.h"
#include "Abi.h"
#include "Diagnostics.h"
#include "Names.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

static bool calls(const Instruction &I, StringRef Name) {
    auto *Call = dyn_cast<CallInst>(&I);
    auto *Callee =
        Call ? dyn_cast<Function>(Call->getCalledOperand()->stripPointerCasts()) : nullptr;
    return Callee && Callee->getName() == Name;
}

bool isRegionBegin(const Instruction &I) {
    return calls(I, RegionBegin) || calls(I, RegionBeginOuter) || calls(I, RegionBeginEither);
}

uint32_t Region::kind() const {
    return (Cancels.empty() ? 0 : AME_ABI_BLOCK_CANCELS) |
           (calls(*Begin, RegionBeginOuter) ? AME_ABI_BLOCK_OUTER : 0) |
           (calls(*Begin, RegionBeginEither) ? AME_ABI_BLOCK_EITHER : 0);
}

bool hasMarks(const Function &F) {
    return any_of(instructions(F),
                  [](const Instruction &I) { return isRegionBegin(I) || calls(I, RegionCancel); });
}

// The variable that the begin's result initializes.
static Value *scopeOf(CallInst *Begin) {
    for (User *U : Begin->users())
        if (auto *Store = dyn_cast<StoreInst>(U))
            if (Store->getValueOperand() == Begin)
                return Store->getPointerOperand()->stripPointerCasts();
    return nullptr;
}

bool pairMarkers(Function &F, SmallVectorImpl<Region> &Regions) {
    MapVector<Value *, Region> ByScope;
    SmallVector<CallInst *, 8> Ends;
    for (Instruction &I : instructions(F)) {
        if (isRegionBegin(I)) {
            auto *Begin = cast<CallInst>(&I);
            Value *Scope = scopeOf(Begin);
            if (!Scope || !ByScope.insert({Scope, {Begin, {}}}).second) {
                error(F, Begin->getDebugLoc(),
                      "the start of an atomic block is not where the word `atomic` puts it; write "
                      "atomic { ... } and do not call " +
                          RegionBegin);
                return false;
            }
        } else if (calls(I, RegionEnd)) {
            Ends.push_back(cast<CallInst>(&I));
        }
    }
    for (CallInst *End : Ends) {
        auto Found = ByScope.find(End->getArgOperand(0)->stripPointerCasts());
        if (Found == ByScope.end()) {
            error(F, End->getDebugLoc(), "the end of an atomic block has no start");
            return false;
        }
        Found->second.Ends.push_back(End);
        End->setArgOperand(
            0, ConstantPointerNull::get(cast<PointerType>(End->getArgOperand(0)->getType())));
    }
    for (auto &[Scope, R] : ByScope) {
        if (R.Ends.size() > 1) {
            error(F, R.Begin->getDebugLoc(),
                  "this atomic block has several ends; compile without -fexceptions");
            return false;
        }
        Regions.push_back(R);
    }
    return true;
}

bool pairCancels(Function &F, MutableArrayRef<Region> Regions) {
    DenseMap<BasicBlock *, std::pair<size_t, Region *>> Innermost; // the region with fewest blocks
    for (Region &R : Regions) {
        SmallVector<BasicBlock *, 32> Blocks;
        collectBlocks(R, Blocks);
        for (BasicBlock *Block : Blocks)
            if (auto &Known = Innermost[Block]; !Known.second || Blocks.size() < Known.first)
                Known = {Blocks.size(), &R};
    }
    for (Instruction &I : instructions(F)) {
        if (!calls(I, RegionCancel))
            continue;
        Region *Around = Innermost.lookup(I.getParent()).second;
        if (!Around) {
            error(F, I.getDebugLoc(),
                  "atomic_cancel() outside an atomic block; write it in the block that it undoes");
            return false;
        }
        Around->Cancels.push_back(cast<CallInst>(&I));
    }
    return true;
}

void lowerMarks(const Region &R) {
    Module &M = *R.Begin->getModule();
    Value *Entrance = ConstantInt::get(R.Begin->getType(), 1);
    if (R.isClosed())
        Entrance = IRBuilder<>(R.Begin->getNextNode()).CreateCall(entranceFunction(M));
    R.Begin->replaceAllUsesWith(Entrance);
    for (CallInst *Cancel : R.Cancels) {
        IRBuilder<>(Cancel).CreateCall(cancelFunction(M))->setDoesNotReturn();
        Cancel->eraseFromParent();
    }
}

void collectBlocks(const Region &R, SmallVectorImpl<BasicBlock *> &Blocks) {
    SmallPtrSet<BasicBlock *, 32> Seen;
    for (CallInst *End : R.Ends)
        Seen.insert(End->getParent());
    Blocks.push_back(R.Begin->getParent());
    Seen.insert(R.Begin->getParent());
    for (size_t Next = 0; Next < Blocks.size(); Next++)
        for (BasicBlock *Successor : successors(Blocks[Next]))
            if (Seen.insert(Successor).second)
                Blocks.push_back(Successor);
}

bool isSetjmp(const CallBase &Call) {
    auto *Callee = dyn_cast<Function>(Call.getCalledOperand()->stripPointerCasts());
    return Callee &&
           is_contained({"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp"}, Callee->getName());
}

static bool leavesFrames(const CallBase &Call) {
    auto *Callee = dyn_cast<Function>(Call.getCalledOperand()->stripPointerCasts());
    return Callee &&
           is_contained({"longjmp", "_longjmp", "siglongjmp", "__longjmp_chk"}, Callee->getName());
}

// Why a block with this instruction can't become a function, or NULL.
static const char *obstacle(const Instruction &I, bool SetsJump) {
    if (isa<ReturnInst>(I))
        return "this atomic block is left without passing its end";
    if (isa<CallBrInst>(I))
        return "asm goto in an atomic block is not supported; move it to a function that the block "
               "calls";
    if (isa<InvokeInst>(I) || I.isEHPad() || isa<ResumeInst>(I))
        return "exceptions in an atomic block are not supported; compile without -fexceptions";
    auto *Call = dyn_cast<CallBase>(&I);
    if (Call && Call->hasFnAttr(Attribute::ReturnsTwice) && !isSetjmp(*Call))
        return "a function that returns twice can't be called in an atomic block; call it before "
               "the block";
    if (Call && (Call->getIntrinsicID() == Intrinsic::eh_sjlj_setjmp ||
                 Call->getIntrinsicID() == Intrinsic::eh_sjlj_longjmp))
        return "__builtin_setjmp and __builtin_longjmp can't be used in an atomic block";
    if (Call && leavesFrames(*Call) && !SetsJump)
        return "longjmp can't leave an atomic block; use goto or return";
    if (Call && Call->isMustTailCall())
        return "a musttail call can't leave an atomic block";
    return nullptr;
}

static DebugLoc placeOf(const Instruction &I, const Region &R) {
    return I.getDebugLoc() ? I.getDebugLoc() : R.Begin->getDebugLoc();
}

bool checkBlocks(const Region &R, ArrayRef<BasicBlock *> Blocks) {
    Function &F = *R.Begin->getFunction();
    SmallPtrSet<BasicBlock *, 32> Inside(Blocks.begin(), Blocks.end());
    bool SetsJump = any_of(Blocks, [](const BasicBlock *Block) {
        return any_of(*Block, [](const Instruction &I) {
            return isa<CallBase>(I) && isSetjmp(cast<CallBase>(I));
        });
    });
    for (BasicBlock *Block : Blocks) {
        for (Instruction &I : *Block)
            if (const char *Why = obstacle(I, SetsJump)) {
                error(F, placeOf(I, R), Why);
                return false;
            }
        bool Entered = Block != Blocks.front() &&
                       any_of(predecessors(Block), [&](BasicBlock *P) { return !Inside.count(P); });
        if (Entered || Block->hasAddressTaken()) {
            error(F, R.Begin->getDebugLoc(),
                  "control enters this atomic block other than through its start");
            return false;
        }
    }
    return true;
}

} // namespace ame
