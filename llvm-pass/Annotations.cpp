// Annotations.cpp - ame_immutable, ame_pure, ame_irrevocable_fn and ame_replaces, from what clang
// makes of
// __attribute__((annotate(...))) to what the later stages look for.
//
// A field's annotation is a call of llvm.ptr.annotation between its address and its
// loads, which hides the address from the optimizer; it becomes metadata on the loads.
// An optimization that does not know the metadata drops it: the read is then recorded,
// slower but right. Other words of ours on fields and variables are for the plugin for clang, and
// their calls only removed. LLVM's own !invariant.load would be wrong: it lets the compiler ignore
// the stores that initialize the field.
#include "Names.h"
#include "Stages.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

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

// Of a field or a local variable.
static bool isOurs(const IntrinsicInst &Call) {
    StringRef Text;
    return (Call.getIntrinsicID() == Intrinsic::ptr_annotation ||
            Call.getIntrinsicID() == Intrinsic::var_annotation) &&
           getConstantStringInfo(Call.getArgOperand(1), Text) && Text.starts_with("ame_");
}

static void translateVariables(Function &F) {
    SmallVector<IntrinsicInst *, 16> Marked;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && isOurs(*Call))
            Marked.push_back(Call);

    MDNode *Mark = MDNode::get(F.getContext(), {});
    // The last first: of two words on one field, the second is about the result of the first.
    for (IntrinsicInst *Call : reverse(Marked)) {
        if (textIs(Call->getArgOperand(1), ImmutableAnnotation))
            markReads(Call, Mark);
        if (!Call->getType()->isVoidTy())
            Call->replaceAllUsesWith(Call->getArgOperand(0));
        Call->eraseFromParent();
    }
}

static void translateFunction(Function &F, const Value *Text) {
    if (textIs(Text, PureAnnotation))
        F.addFnAttr(PureAttribute);
    else if (textIs(Text, IrrevocableAnnotation))
        F.addFnAttr(IrrevocableAttribute);
    else if (textIs(Text, SafeAnnotation))
        F.addFnAttr(SafeAttribute);
}

// A pair of functions, as the macro ame_replaces writes it. The pair itself goes, or the program
// would have to be linked with both functions even if it calls neither.
static bool translatePair(GlobalVariable &Pair, const Value *Text) {
    if (!textIs(Text, ReplacesAnnotation) || !Pair.hasInitializer() ||
        Pair.getInitializer()->getNumOperands() != 2)
        return false;
    auto functionAt = [&](unsigned Index) {
        return dyn_cast<Function>(
            Pair.getInitializer()->getAggregateElement(Index)->stripPointerCasts());
    };
    if (functionAt(0) && functionAt(1))
        functionAt(0)->addFnAttr(ReplacedAttribute, functionAt(1)->getName());
    return true;
}

static void removeAnnotations(Module &M, GlobalVariable *Annotations, ArrayRef<Constant *> Kept,
                              ArrayRef<GlobalVariable *> Pairs) {
    if (Pairs.empty())
        return;
    if (!Kept.empty()) {
        auto *Type = ArrayType::get(Kept.front()->getType(), Kept.size());
        auto *New = new GlobalVariable(M, Type, false, Annotations->getLinkage(),
                                       ConstantArray::get(Type, Kept));
        New->takeName(Annotations);
        New->setSection(Annotations->getSection());
    }
    Annotations->eraseFromParent();
    removeFromUsedLists(M,
                        [&](Constant *C) { return is_contained(Pairs, C->stripPointerCasts()); });
    for (GlobalVariable *Pair : Pairs) {
        Pair->removeDeadConstantUsers();
        Pair->eraseFromParent();
    }
}

static void translateGlobals(Module &M) {
    auto *Annotations = M.getGlobalVariable("llvm.global.annotations");
    if (!Annotations || !Annotations->hasInitializer())
        return;
    SmallVector<Constant *, 16> Kept;
    SmallVector<GlobalVariable *, 4> Pairs;
    for (Value *Entry : cast<Constant>(Annotations->getInitializer())->operands()) {
        auto *Fields = cast<ConstantStruct>(Entry);
        Value *Subject = Fields->getOperand(0)->stripPointerCasts();
        if (auto *F = dyn_cast<Function>(Subject))
            translateFunction(*F, Fields->getOperand(1));
        auto *Variable = dyn_cast<GlobalVariable>(Subject);
        if (Variable && translatePair(*Variable, Fields->getOperand(1)))
            Pairs.push_back(Variable);
        else
            Kept.push_back(Fields);
    }
    removeAnnotations(M, Annotations, Kept, Pairs);
}

void translateAnnotations(Module &M) {
    translateGlobals(M);
    for (Function &F : M)
        translateVariables(F);
}

} // namespace ame
