#include "MaskedAccess.h"
#include "Elide.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace ame {

namespace {
// The operands that the four intrinsics have in common.
struct Masked {
    Value *Address; // of the vector, or a vector of addresses
    Value *Mask;
    Value *Data; // stored, or the value of lanes that are not loaded
    FixedVectorType *Type;
    bool Loads;
};
} // namespace

static bool match(IntrinsicInst &I, Masked &Access) {
    switch (I.getIntrinsicID()) {
    case Intrinsic::masked_load:
    case Intrinsic::masked_gather:
        Access = {I.getArgOperand(0), I.getArgOperand(2), I.getArgOperand(3),
                  dyn_cast<FixedVectorType>(I.getType()), true};
        return Access.Type;
    case Intrinsic::masked_store:
    case Intrinsic::masked_scatter:
        Access = {I.getArgOperand(1), I.getArgOperand(3), I.getArgOperand(0),
                  dyn_cast<FixedVectorType>(I.getArgOperand(0)->getType()), false};
        return Access.Type;
    default:
        return false;
    }
}

static Value *addressOfLane(IRBuilder<> &Builder, const Masked &Access, unsigned Lane) {
    if (Access.Address->getType()->isVectorTy())
        return Builder.CreateExtractElement(Access.Address, Lane);
    return Builder.CreateConstInBoundsGEP1_32(Access.Type->getElementType(), Access.Address, Lane);
}

// The vector after this lane: with the lane loaded where the mask says so.
static Value *expandLane(IntrinsicInst &I, const Masked &Access, unsigned Lane, Value *Result) {
    IRBuilder<> Builder(&I);
    Type *Element = Access.Type->getElementType();
    Value *Chosen = Builder.CreateExtractElement(Access.Mask, Lane);
    BasicBlock *Before = I.getParent();
    Instruction *Then = SplitBlockAndInsertIfThen(Chosen, &I, /*Unreachable=*/false);
    Builder.SetInsertPoint(Then);
    Builder.SetCurrentDebugLocation(I.getDebugLoc());
    Value *Address = addressOfLane(Builder, Access, Lane);
    if (!Access.Loads) {
        Builder.CreateAlignedStore(Builder.CreateExtractElement(Access.Data, Lane), Address,
                                   Align(1));
        return nullptr;
    }
    Value *Loaded = Builder.CreateAlignedLoad(Element, Address, Align(1));
    Value *Inserted = Builder.CreateInsertElement(Result, Loaded, Lane);
    Builder.SetInsertPoint(&I);
    PHINode *Merged = Builder.CreatePHI(Access.Type, 2);
    Merged->addIncoming(Result, Before);
    Merged->addIncoming(Inserted, Then->getParent());
    return Merged;
}

void expandMaskedAccesses(Function &Twin) {
    SmallVector<IntrinsicInst *, 8> Found;
    Masked Access;
    for (Instruction &I : instructions(Twin))
        if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && match(*Call, Access))
            if (Access.Address->getType()->isVectorTy() ||
                reasonOfAddress(Twin, Access.Address) == Reason::Shared)
                Found.push_back(Call);
    for (IntrinsicInst *I : Found) {
        match(*I, Access);
        Value *Result = Access.Data;
        for (unsigned Lane = 0; Lane < Access.Type->getNumElements(); Lane++)
            Result = expandLane(*I, Access, Lane, Result);
        if (Access.Loads)
            I->replaceAllUsesWith(Result);
        I->eraseFromParent();
    }
}

} // namespace ame
