// Annotations.cpp - ame_immutable, ame_pure and ame_irrevocable_fn, from what clang makes of
// __attribute__((annotate(...))) to what the later stages look for.
//
// A field's annotation is a call of llvm.ptr.annotation between its address and its
// loads, which hides the address from the optimizer; it becomes metadata on the loads.
// An optimization that does not know the metadata drops it: the read is then recorded,
// slower but right. LLVM's own !invariant.load would be wrong: it lets the compiler ignore
// the stores that initialize the field.
#include "Names.h"
#include "Stages.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace ame {

static bool textIs(const Value *Text, StringRef Expected) {
    StringRef Found;
    return getConstantStringInfo(Text, Found) && Found == Expected;
}

// Marks what reads the field at `Address`, or a part of it.
static void markReads(Value *Address, MDNode *Mark) {
    for (User *U : Address->users()) {
        if (isa<GetElementPtrInst>(U))
            markReads(U, Mark);
        else if (auto *Load = dyn_cast<LoadInst>(U))
            Load->setMetadata(ImmutableMetadata, Mark);
        else if (auto *Copy = dyn_cast<MemTransferInst>(U))
            if (Copy->getRawSource() == Address && Copy->getRawDest() != Address)
                Copy->setMetadata(ImmutableMetadata, Mark);
    }
}

static void translateFields(Function &F) {
    SmallVector<IntrinsicInst *, 16> Fields;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<IntrinsicInst>(&I))
            if (Call->getIntrinsicID() == Intrinsic::ptr_annotation &&
                textIs(Call->getArgOperand(1), ImmutableAnnotation))
                Fields.push_back(Call);

    MDNode *Mark = MDNode::get(F.getContext(), {});
    for (IntrinsicInst *Field : Fields) {
        markReads(Field, Mark);
        Field->replaceAllUsesWith(Field->getArgOperand(0));
        Field->eraseFromParent();
    }
}

static void translateFunctions(Module &M) {
    auto *Annotations = M.getGlobalVariable("llvm.global.annotations");
    if (!Annotations || !Annotations->hasInitializer())
        return;
    for (Value *Entry : cast<Constant>(Annotations->getInitializer())->operands()) {
        auto *Fields = dyn_cast<ConstantStruct>(Entry);
        auto *F = Fields ? dyn_cast<Function>(Fields->getOperand(0)->stripPointerCasts()) : nullptr;
        if (!F)
            continue;
        if (textIs(Fields->getOperand(1), PureAnnotation))
            F->addFnAttr(PureAttribute);
        else if (textIs(Fields->getOperand(1), IrrevocableAnnotation))
            F->addFnAttr(IrrevocableAttribute);
    }
}

void translateAnnotations(Module &M) {
    translateFunctions(M);
    for (Function &F : M)
        translateFields(F);
}

} // namespace ame
