#include "Barriers.h"
#include "Diagnostics.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

// ---- calls of barriers ----

// Their return address is the place in the source that the profiler shows, so they are never
// tail calls.
CallInst *BarrierWriter::call(IRBuilder<> &Builder, Barrier B, ArrayRef<Value *> Arguments) {
    CallInst *Call = Builder.CreateCall(barrierFunction(M, B), Arguments);
    Call->setAttributes(cast<Function>(Call->getCalledOperand())->getAttributes());
    Call->setTailCallKind(CallInst::TCK_NoTail);
    return Call;
}

// AddressSanitizer checks loads and stores, but not what happens behind a barrier.
void BarrierWriter::checkAddress(IRBuilder<> &Builder, bool Writes, Value *Address, Value *Size) {
    if (!Twin.hasFnAttribute(Attribute::SanitizeAddress))
        return;
    Type *Word = Builder.getInt64Ty();
    FunctionCallee Check = M.getOrInsertFunction(Writes ? "__asan_storeN" : "__asan_loadN",
                                                 Builder.getVoidTy(), Word, Word);
    Builder.CreateCall(Check, {Builder.CreatePtrToInt(Address, Word), Size});
}

namespace {
struct Sized {
    Barrier Read, Write;
};
} // namespace

// The barriers for values that travel in an integer register of their own size.
static const Sized *sizedBarriers(Type *T, const DataLayout &Layout) {
    static const Sized BySize[] = {{Barrier::ame_abi_read_u8, Barrier::ame_abi_write_u8},
                                   {Barrier::ame_abi_read_u16, Barrier::ame_abi_write_u16},
                                   {Barrier::ame_abi_read_u32, Barrier::ame_abi_write_u32},
                                   {Barrier::ame_abi_read_u64, Barrier::ame_abi_write_u64}};
    bool Small = T->isIntegerTy() || T->isPointerTy() || T->isFloatTy() || T->isDoubleTy();
    // Two fields that LLVM has made a vector of.
    if (auto *Vector = dyn_cast<FixedVectorType>(T))
        Small = isPowerOf2_64(Vector->getScalarSizeInBits()) &&
                Vector->getScalarSizeInBits() >= 8 && !Vector->getElementType()->isPointerTy();
    if (!Small)
        return nullptr;
    switch (Layout.getTypeSizeInBits(T)) {
    case 8:
        return &BySize[0];
    case 16:
        return &BySize[1];
    case 32:
        return &BySize[2];
    case 64:
        return &BySize[3];
    default:
        return nullptr;
    }
}

static Type *integerOf(Type *T, const DataLayout &Layout) {
    return IntegerType::get(T->getContext(), Layout.getTypeSizeInBits(T));
}

// ---- reads in line ----

BarrierWriter::BarrierWriter(Function &F, Counts &C) : Twin(F), M(*F.getParent()), Tally(C) {
    if (F.hasOptNone() || F.hasOptSize())
        return;
    DominatorTree DT(F);
    LoopInfo Loops(DT);
    for (const BasicBlock &Block : F)
        if (Loops.getLoopFor(&Block))
            InLoops.insert(&Block);
}

namespace {
// The fast path of a read, instruction for instruction that of READ_BARRIER in runtime/stm/read.c.
// Volatile: the code generator must leave the loads in this order. The processor does.
struct FastRead {
    IRBuilder<> &Builder;
    Module &M;
    Value *Address;
    Value *Self = nullptr, *Index = nullptr, *Orec = nullptr, *Before = nullptr;

    Value *loadWord(Value *From) {
        return Builder.CreateAlignedLoad(Builder.getInt64Ty(), From, Align(8), /*isVolatile=*/true);
    }
    Value *field(unsigned Offset) {
        return Builder.CreateConstInBoundsGEP1_64(Builder.getInt8Ty(), Self, Offset);
    }
    // The stripe is free, was not written since the snapshot, and nobody wants anything.
    Value *mayLoad() {
        Type *Word = Builder.getInt64Ty();
        Self = Builder.CreateLoad(Builder.getPtrTy(),
                                  Builder.CreateThreadLocalAddress(selfVariable(M)));
        Value *Stripe =
            Builder.CreateLShr(Builder.CreatePtrToInt(Address, Word), AME_ABI_STRIPE_BITS);
        Index = Builder.CreateAnd(Stripe, (1 << AME_ABI_OREC_BITS) - 1);
        Orec = Builder.CreateInBoundsGEP(Word, orecTable(M), Index);
        Before = loadWord(Orec);
        Value *Old = Builder.CreateICmpULE(Before, loadWord(field(AME_ABI_SNAPSHOT)));
        Value *Quiet = Builder.CreateIsNull(loadWord(field(AME_ABI_SIGNAL)));
        return Builder.CreateAnd(Old, Quiet);
    }
    // The load met no write, and is in the read set.
    Value *wasGood() {
        Value *Same = Builder.CreateICmpEQ(Before, loadWord(Orec));
        Value *Bits = loadWord(Builder.CreateInBoundsGEP(
            Builder.getInt64Ty(), Builder.CreateLoad(Builder.getPtrTy(), field(AME_ABI_READ_BITS)),
            Builder.CreateLShr(Index, 6)));
        Value *Bit = Builder.CreateAnd(Builder.CreateLShr(Bits, Builder.CreateAnd(Index, 63)), 1);
        return Builder.CreateAnd(Same, Builder.CreateIsNotNull(Bit));
    }
};
} // namespace

// In loops, where most of the time goes, the fast path stands in line. A load that may lie in two
// stripes calls the barrier.
Value *BarrierWriter::read(LoadInst &Load, Barrier B, Type *Integer) {
    IRBuilder<> Builder(&Load);
    Value *Address = Load.getPointerOperand();
    if (!InLoops.count(Load.getParent()) ||
        Load.getAlign().value() * 8 < Integer->getIntegerBitWidth())
        return call(Builder, B, {Address});
    BasicBlock *Start = Load.getParent();
    BasicBlock *Done = SplitBlock(Start, &Load);
    InLoops.insert(Done);
    auto newBlock = [&](const char *Name) {
        return BasicBlock::Create(M.getContext(), Name, &Twin, Done);
    };
    BasicBlock *Fast = newBlock("ame.fast"), *Slow = newBlock("ame.slow");
    MDNode *Likely = MDBuilder(M.getContext()).createLikelyBranchWeights();
    FastRead Read{Builder, M, Address};
    Start->getTerminator()->eraseFromParent();
    Builder.SetInsertPoint(Start);
    Builder.CreateCondBr(Read.mayLoad(), Fast, Slow, Likely);
    Builder.SetInsertPoint(Fast);
    Value *Loaded =
        Builder.CreateAlignedLoad(Integer, Address, Load.getAlign(), /*isVolatile=*/true);
    Builder.CreateCondBr(Read.wasGood(), Done, Slow, Likely);
    Builder.SetInsertPoint(Slow);
    Value *Called = call(Builder, B, {Address});
    Builder.CreateBr(Done);
    Builder.SetInsertPoint(&Load);
    PHINode *Result = Builder.CreatePHI(Integer, 2);
    Result->addIncoming(Loaded, Fast);
    Result->addIncoming(Called, Slow);
    return Result;
}

// ---- locals that values pass through ----

AllocaInst *BarrierWriter::newLocal(Type *T, Align Alignment) {
    IRBuilder<> Builder(&Twin.getEntryBlock(), Twin.getEntryBlock().begin());
    AllocaInst *Local = Builder.CreateAlloca(T, nullptr, "ame.local");
    Local->setAlignment(Alignment);
    return Local;
}

// Between an access and its barrier nothing else happens, so one local for each type will do.
AllocaInst *BarrierWriter::sharedLocal(Type *T) {
    AllocaInst *&Local = SharedLocals[T];
    if (!Local)
        Local = newLocal(T, M.getDataLayout().getPrefTypeAlign(T));
    return Local;
}

Value *BarrierWriter::sizeOf(Type *T) {
    return ConstantInt::get(Type::getInt64Ty(M.getContext()),
                            M.getDataLayout().getTypeStoreSize(T));
}

Value *BarrierWriter::readToLocal(Instruction &Before, Value *From, Type *T, Align Alignment) {
    IRBuilder<> Builder(&Before);
    AllocaInst *Local = newLocal(T, Alignment);
    checkAddress(Builder, /*Writes=*/false, From, sizeOf(T));
    call(Builder, Barrier::ame_abi_read, {Local, From, sizeOf(T)});
    Tally.Reads++;
    return Local;
}

// ---- loads and stores ----

void BarrierWriter::rewrite(LoadInst &Load) {
    Reason R = reasonOfRead(Load, Load.getPointerOperand());
    if (R != Reason::Shared)
        return Tally.leaveOut(R);
    const DataLayout &Layout = M.getDataLayout();
    IRBuilder<> Builder(&Load);
    checkAddress(Builder, /*Writes=*/false, Load.getPointerOperand(), sizeOf(Load.getType()));
    Value *Result;
    if (const Sized *Barriers = sizedBarriers(Load.getType(), Layout)) {
        Result = read(Load, Barriers->Read, integerOf(Load.getType(), Layout));
        Builder.SetInsertPoint(&Load);
        Result = Builder.CreateBitOrPointerCast(Result, Load.getType());
    } else {
        AllocaInst *Local = sharedLocal(Load.getType());
        call(Builder, Barrier::ame_abi_read,
             {Local, Load.getPointerOperand(), sizeOf(Load.getType())});
        Result = Builder.CreateAlignedLoad(Load.getType(), Local, Local->getAlign());
    }
    Result->takeName(&Load);
    Load.replaceAllUsesWith(Result);
    Load.eraseFromParent();
    Tally.Reads++;
}

void BarrierWriter::rewrite(StoreInst &Store) {
    Reason R = reasonOfWrite(Store, Store.getPointerOperand());
    if (R != Reason::Shared)
        return Tally.leaveOut(R);
    const DataLayout &Layout = M.getDataLayout();
    IRBuilder<> Builder(&Store);
    Value *Written = Store.getValueOperand();
    checkAddress(Builder, /*Writes=*/true, Store.getPointerOperand(), sizeOf(Written->getType()));
    if (const Sized *Barriers = sizedBarriers(Written->getType(), Layout)) {
        Written = Builder.CreateBitOrPointerCast(Written, integerOf(Written->getType(), Layout));
        call(Builder, Barriers->Write, {Store.getPointerOperand(), Written});
    } else {
        AllocaInst *Local = sharedLocal(Written->getType());
        Builder.CreateAlignedStore(Written, Local, Local->getAlign());
        call(Builder, Barrier::ame_abi_write,
             {Store.getPointerOperand(), Local, sizeOf(Written->getType())});
    }
    Store.eraseFromParent();
    Tally.Writes++;
}

// ---- memcpy, memmove, memset ----

void BarrierWriter::rewrite(MemTransferInst &Copy) {
    Reason To = reasonOfWrite(Copy, Copy.getRawDest());
    Reason From = reasonOfRead(Copy, Copy.getRawSource());
    if (To != Reason::Shared && From != Reason::Shared)
        return Tally.leaveOut(From);
    IRBuilder<> Builder(&Copy);
    Value *Size = Builder.CreateZExtOrTrunc(Copy.getLength(), Builder.getInt64Ty());
    Barrier B = To != Reason::Shared     ? Barrier::ame_abi_read
                : From != Reason::Shared ? Barrier::ame_abi_write
                                         : Barrier::ame_abi_copy;
    checkAddress(Builder, /*Writes=*/false, Copy.getRawSource(), Size);
    checkAddress(Builder, /*Writes=*/true, Copy.getRawDest(), Size);
    call(Builder, B, {Copy.getRawDest(), Copy.getRawSource(), Size});
    Copy.eraseFromParent();
    Tally.Copies++;
}

void BarrierWriter::rewrite(MemSetInst &Fill) {
    Reason R = reasonOfWrite(Fill, Fill.getRawDest());
    if (R != Reason::Shared)
        return Tally.leaveOut(R);
    IRBuilder<> Builder(&Fill);
    Value *Size = Builder.CreateZExtOrTrunc(Fill.getLength(), Builder.getInt64Ty());
    checkAddress(Builder, /*Writes=*/true, Fill.getRawDest(), Size);
    call(Builder, Barrier::ame_abi_fill,
         {Fill.getRawDest(), Builder.CreateZExt(Fill.getValue(), Builder.getInt32Ty()), Size});
    Fill.eraseFromParent();
    Tally.Copies++;
}

} // namespace ame
