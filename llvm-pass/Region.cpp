#include "Region.h"
#include "Diagnostics.h"
#include "Names.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace ame {

static bool calls(const Instruction &I, StringRef Name) {
    auto *Call = dyn_cast<CallInst>(&I);
    auto *Callee =
        Call ? dyn_cast<Function>(Call->getCalledOperand()->stripPointerCasts()) : nullptr;
    return Callee && Callee->getName() == Name;
}

bool isRegionBegin(const Instruction &I) {
    return calls(I, RegionBegin);
}
bool isRegionEnd(const Instruction &I) {
    return calls(I, RegionEnd);
}

bool hasRegions(const Function &F) {
    return any_of(instructions(F), [](const Instruction &I) { return isRegionBegin(I); });
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
        } else if (isRegionEnd(I)) {
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
        // The loop that `atomic` is runs once.
        R.Begin->replaceAllUsesWith(ConstantInt::get(R.Begin->getType(), 1));
        Regions.push_back(R);
    }
    return true;
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

static bool leavesFrames(const CallBase &Call) {
    auto *Callee = dyn_cast<Function>(Call.getCalledOperand()->stripPointerCasts());
    return Callee &&
           is_contained({"longjmp", "_longjmp", "siglongjmp", "__longjmp_chk"}, Callee->getName());
}

// Why a block with this instruction can't become a function, or NULL.
static const char *obstacle(const Instruction &I) {
    if (isa<ReturnInst>(I))
        return "this atomic block is left without passing its end";
    if (isa<IndirectBrInst>(I) || isa<CallBrInst>(I))
        return "a computed goto or asm goto in an atomic block is not supported; move it to a "
               "function that the block calls";
    if (isa<InvokeInst>(I) || I.isEHPad() || isa<ResumeInst>(I))
        return "exceptions in an atomic block are not supported; compile without -fexceptions";
    if (isa<VAStartInst>(I))
        return "va_start in an atomic block is not supported; call it before the block";
    auto *Call = dyn_cast<CallBase>(&I);
    if (Call && Call->hasFnAttr(Attribute::ReturnsTwice))
        return "setjmp or another function that returns twice can't be called in an atomic "
               "block; call it before the block";
    if (Call && (Call->getIntrinsicID() == Intrinsic::eh_sjlj_setjmp ||
                 Call->getIntrinsicID() == Intrinsic::eh_sjlj_longjmp))
        return "__builtin_setjmp and __builtin_longjmp can't be used in an atomic block";
    if (Call && leavesFrames(*Call))
        return "longjmp can't leave an atomic block; use goto or return";
    if (Call && Call->isMustTailCall())
        return "a musttail call can't leave an atomic block";
    return nullptr;
}

// Memory of alloca() lives as long as its function, which would be the body, and may be used
// after the block. A variable-length array ends in the block: it is between the saving and the
// restoring of the stack pointer.
static const Instruction *findAlloca(ArrayRef<BasicBlock *> Blocks) {
    SmallVector<const Instruction *, 4> Allocas, Saves;
    for (BasicBlock *Block : Blocks)
        for (Instruction &I : *Block) {
            if (isa<AllocaInst>(I))
                Allocas.push_back(&I);
            else if (auto *Call = dyn_cast<IntrinsicInst>(&I);
                     Call && Call->getIntrinsicID() == Intrinsic::stacksave)
                Saves.push_back(&I);
        }
    if (Allocas.empty())
        return nullptr;
    DominatorTree DT(*Blocks.front()->getParent());
    for (const Instruction *Alloca : Allocas)
        if (none_of(Saves, [&](const Instruction *Save) { return DT.dominates(Save, Alloca); }))
            return Alloca;
    return nullptr;
}

static DebugLoc placeOf(const Instruction &I, const Region &R) {
    return I.getDebugLoc() ? I.getDebugLoc() : R.Begin->getDebugLoc();
}

bool checkBlocks(const Region &R, ArrayRef<BasicBlock *> Blocks) {
    Function &F = *R.Begin->getFunction();
    SmallPtrSet<BasicBlock *, 32> Inside(Blocks.begin(), Blocks.end());
    if (const Instruction *Alloca = findAlloca(Blocks)) {
        error(F, placeOf(*Alloca, R),
              "alloca in an atomic block is not supported; call it before the block, or use a "
              "variable-length array");
        return false;
    }
    for (BasicBlock *Block : Blocks) {
        for (Instruction &I : *Block)
            if (const char *Why = obstacle(I)) {
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
