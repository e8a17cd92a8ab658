// CheckedCopy.cpp - the body of a small block that runs in a hardware transaction in line beside a
// block in software (AME_ABI_PHASE_SHOWN of include/ame/abi.h).
//
// All looks join the transaction, so they hold up to its end, whenever in it they are made. A read
// whose place is written further on in the same basic block needs none of its own: if it was of a
// place that another has locked, then the look before the write gives up, or the lock was released
// since and the value is what that block has left. So it ends with what was true at one moment.
#include "CheckedCopy.h"
#include "Abi.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

namespace {
struct Access {
    Instruction *At;
    Value *Address;
    uint64_t Size;
    Align Alignment;
    bool Writes;
};

class Checks {
  public:
    explicit Checks(Function &F);
    void write(const Access &A);

  private:
    void writeFor(Instruction *Before, Value *Address, bool Writes);
    Value *load(IRBuilder<> &Builder, Value *Address);

    Module &M;
    Value *Reader; // *ame_abi_reads of the block in software
};
} // namespace

// ---- which accesses ----

enum { StripeSize = 1 << AME_ABI_STRIPE_BITS };

// The block's record of inputs and results, and what never changes.
static bool isPrivate(const Value *Address) {
    const Value *Object = getUnderlyingObject(Address);
    auto *Global = dyn_cast<GlobalVariable>(Object);
    return isa<Argument>(Object) || (Global && Global->isConstant());
}

// False if there is one for which there is no check, as in the allocator.
static bool findAccesses(Function &F, SmallVectorImpl<Access> &Accesses) {
    const DataLayout &Layout = F.getParent()->getDataLayout();
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (Call && !isa<IntrinsicInst>(Call) && !Call->isInlineAsm())
            return false;
        if (!I.mayReadOrWriteMemory() || Call)
            continue;
        Value *Address = getLoadStorePointerOperand(&I);
        if (!Address)
            return false;
        TypeSize Size = Layout.getTypeStoreSize(getLoadStoreType(&I));
        if (Size.isScalable() || Size > StripeSize)
            return false;
        if (!isPrivate(Address))
            Accesses.push_back({&I, Address, Size, getLoadStoreAlignment(&I), isa<StoreInst>(I)});
    }
    return true;
}

// By the check of another access to the same place. Of several writes the first one has it.
static bool isChecked(const Access &A, ArrayRef<Access> All) {
    return any_of(All, [&](const Access &Other) {
        if (&Other == &A || Other.Address != A.Address || Other.Size < A.Size ||
            Other.At->getParent() != A.At->getParent())
            return false;
        return A.Writes ? Other.Writes && Other.At->comesBefore(A.At)
                        : Other.Writes || Other.At->comesBefore(A.At);
    });
}

// ---- the checks ----

Checks::Checks(Function &F) : M(*F.getParent()) {
    BasicBlock &Entry = F.getEntryBlock();
    IRBuilder<> Builder(&Entry, Entry.getFirstInsertionPt());
    Value *Phase = load(Builder, phase(M));
    Reader = Builder.CreateIntToPtr(Builder.CreateAnd(Phase, ~uint64_t{AME_ABI_PHASES - 1}),
                                    Builder.getPtrTy());
}

Value *Checks::load(IRBuilder<> &Builder, Value *Address) {
    LoadInst *Load = Builder.CreateLoad(Builder.getInt64Ty(), Address);
    Load->setAtomic(AtomicOrdering::Monotonic);
    Load->setAlignment(Align(8));
    return Load;
}

void Checks::writeFor(Instruction *Before, Value *Address, bool Writes) {
    IRBuilder<> Builder(Before);
    Type *Word = Builder.getInt64Ty();
    Value *Index = orecIndex(Builder, Address);
    Value *Bad = Builder.CreateICmpSLT(load(Builder, Builder.CreateGEP(Word, orecTable(M), Index)),
                                       Builder.getInt64(0));
    if (Writes) {
        Value *Bits = Builder.CreateConstGEP1_64(Builder.getInt8Ty(), Reader, AME_ABI_READ_BITS);
        Value *Read = load(Builder, Builder.CreateGEP(Word, Bits, Builder.CreateLShr(Index, 6)));
        Value *Shifted = Builder.CreateLShr(Read, Builder.CreateAnd(Index, 63));
        Bad = Builder.CreateOr(Bad, Builder.CreateTrunc(Shifted, Builder.getInt1Ty()));
    }
    MDNode *Unlikely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
    giveUpTransaction(SplitBlockAndInsertIfThen(Bad, Before, /*Unreachable=*/true, Unlikely));
}

void Checks::write(const Access &A) {
    writeFor(A.At, A.Address, A.Writes);
    if (A.Alignment.value() >= A.Size)
        return;
    IRBuilder<> Builder(A.At); // it may lie in two stripes
    Value *Last = Builder.CreateConstGEP1_64(Builder.getInt8Ty(), A.Address, A.Size - 1);
    writeFor(A.At, Last, A.Writes);
}

void giveUpTransaction(Instruction *Before) {
    IRBuilder<> Builder(Before);
    auto *Type = FunctionType::get(Builder.getVoidTy(), false);
    Builder.CreateCall(InlineAsm::get(Type, ".byte 0xc6, 0xf8, 1", "~{memory}", true)); // xabort 1
}

Function *checkedCopy(Function &Body) {
    ValueToValueMapTy Map;
    Function *Copy = CloneFunction(&Body, Map);
    SmallVector<Access, 16> All, Unchecked;
    if (!findAccesses(*Copy, All)) {
        Copy->eraseFromParent();
        return nullptr;
    }
    copy_if(All, std::back_inserter(Unchecked),
            [&](const Access &A) { return !isChecked(A, All); });
    Checks C(*Copy);
    for (const Access &A : Unchecked)
        C.write(A);
    return Copy;
}

} // namespace ame
