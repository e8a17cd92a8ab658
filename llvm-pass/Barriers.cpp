#include "Barriers.h"
#include "Diagnostics.h"
#include "Names.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InlineAsm.h"
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
    auto *Callee = cast<Function>(Call->getCalledOperand());
    Call->setAttributes(Callee->getAttributes());
    Call->setCallingConv(Callee->getCallingConv());
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
    Barrier Read, SlowRead, ReadForWrite, Write;
};
} // namespace

// The barriers for values that travel in an integer register of their own size.
static const Sized *sizedBarriers(Type *T, const DataLayout &Layout) {
    static const Sized BySize[] = {
        {Barrier::ame_abi_read_u8, Barrier::ame_abi_slow_read_u8,
         Barrier::ame_abi_read_for_write_u8, Barrier::ame_abi_write_u8},
        {Barrier::ame_abi_read_u16, Barrier::ame_abi_slow_read_u16,
         Barrier::ame_abi_read_for_write_u16, Barrier::ame_abi_write_u16},
        {Barrier::ame_abi_read_u32, Barrier::ame_abi_slow_read_u32,
         Barrier::ame_abi_read_for_write_u32, Barrier::ame_abi_write_u32},
        {Barrier::ame_abi_read_u64, Barrier::ame_abi_slow_read_u64,
         Barrier::ame_abi_read_for_write_u64, Barrier::ame_abi_write_u64}};
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

// All other twins have the attribute while they are optimized, with a mark (Twins.cpp).
static bool isForThreadSanitizer(const Function &Twin) {
    return Twin.hasFnAttribute(Attribute::SanitizeThread) &&
           !Twin.hasFnAttribute(NoSpeculationAttribute);
}

// ThreadSanitizer does not see that the record, looked at in line, orders what the block does after
// what others have done before they published the value.
BarrierWriter::BarrierWriter(Function &F, Counts &C) : Twin(F), M(*F.getParent()), Tally(C) {
    if (F.hasOptNone() || F.hasOptSize() || isForThreadSanitizer(F))
        return;
    DominatorTree DT(F);
    LoopInfo Loops(DT);
    for (const BasicBlock &Block : F)
        if (Loops.getLoopFor(&Block))
            InLoops.insert(&Block);
}

// What reads in line look at: the same from the attempt's begin to its end.
Value *BarrierWriter::reads() {
    if (!Reads) {
        BasicBlock &Entry = Twin.getEntryBlock();
        IRBuilder<> Builder(&Entry, Entry.getFirstNonPHIOrDbgOrAlloca());
        Reads = Builder.CreateLoad(Builder.getPtrTy(),
                                   Builder.CreateThreadLocalAddress(readsVariable(M)), "ame.reads");
    }
    return Reads;
}

// The fast path of a read, that of READ_BARRIER in runtime/stm/read.c: loads, and tells whether
// that was good. The record is free and below the limit, and the same after the load; and the
// stripe is in the read set, or enters it here, before the load. Every way to the end has the carry
// flag say so: it is clear where the record is not below the limit, where the address may be fresh
// or the log is full, or where the record is not what it was (O2: it never goes back). Assembler
// text, since the same in LLVM's instructions takes its code generator three times as long.
//   $0 the value  $1 good  $2 to $5 scratch  $6 address  $7 the transaction  $8 the records
static InlineAsm *fastRead(LLVMContext &Context, unsigned Bits) {
    Type *Word = Type::getInt64Ty(Context), *Pointer = PointerType::getUnqual(Context);
    StringRef Load = Bits == 8    ? "movzbl ($6), ${0:k}"
                     : Bits == 16 ? "movzwl ($6), ${0:k}"
                     : Bits == 32 ? "movl ($6), ${0:k}"
                                  : "movq ($6), $0";
    auto Number = [](unsigned N) { return std::to_string(N); };
    auto Field = [&](unsigned Offset) { return Number(Offset) + "($7)"; };
    const std::string Lines[] = {
        "movl ${6:k}, ${2:k}", // the record's index: see ame__orec_index in runtime/core/orec.h
        "shrl $$" + Number(AME_ABI_STRIPE_BITS) + ", ${2:k}",
        "leal (,$2,8), ${3:k}",
        "andl $$56, ${3:k}",
        "xorl ${3:k}, ${2:k}",
        "andl $$" + Number((1 << AME_ABI_OREC_BITS) - 1) + ", ${2:k}",
        "movq ($8,$2,8), $3", // the record
        "cmpq " + Field(AME_ABI_READ_LIMIT) + ", $3",
        "jae 2f",
        "movl ${2:k}, ${4:k}",
        "shrl $$6, ${4:k}",
        "movq " + Number(AME_ABI_READ_BITS) + "($7,$4,8), $0",
        "btsq $2, $0",
        "jc 1f",
        "movq $6, $5", // it is not in the read set yet
        "subq " + Field(AME_ABI_FRESH_LOWEST) + ", $5",
        "cmpq $5, " + Field(AME_ABI_FRESH_EXTENT),
        "ja 2f",
        "movq " + Field(AME_ABI_READS_NEXT) + ", $5",
        "cmpq " + Field(AME_ABI_READS_IN_LINE) + ", $5",
        "jae 2f",
        "movq $0, " + Number(AME_ABI_READ_BITS) + "($7,$4,8)",
        "movq $6, ($5)",
        "leaq 1f(%rip), $4", // the place
        "movq $4, 8($5)",
        "addq $$" + Number(AME_ABI_READ_ENTRY) + ", $5",
        "movq $5, " + Field(AME_ABI_READS_NEXT),
        "1:",
        Load.str(),
        "incq $3",
        "cmpq $3, ($8,$2,8)",
        "2:"};
    auto *Results =
        StructType::get(Context, {Word, Type::getInt8Ty(Context), Word, Word, Word, Word});
    return InlineAsm::get(FunctionType::get(Results, {Pointer, Pointer, Pointer}, false),
                          join(std::begin(Lines), std::end(Lines), "\n\t"),
                          "=&r,={@ccc},=&r,=&r,=&r,=&r,r,r,r,~{memory},~{dirflag},~{fpsr},~{flags}",
                          /*hasSideEffects=*/true);
}

// Whether the function frees what the load is from. A block often frees what it has allocated
// itself, and the barrier asks that first; what stands in line would wait for a record that nobody
// else uses, of each object.
static bool isFreed(const LoadInst &Load) {
    const Value *Object = getUnderlyingObject(Load.getPointerOperand());
    return any_of(Object->users(), [](const User *U) {
        const auto *Call = dyn_cast<CallBase>(U);
        const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
        StringRef Name = Callee ? Callee->getName() : "";
        Name.consume_front(TwinPrefix);
        return Name == "free";
    });
}

// A load that may lie in two stripes calls the barrier.
bool BarrierWriter::standsInLine(const LoadInst &Load, const Type &Integer) const {
    return InLoops.count(Load.getParent()) && !isFreed(Load) &&
           Load.getAlign().value() * 8 >= Integer.getIntegerBitWidth();
}

Value *BarrierWriter::readInLine(LoadInst &Load, Barrier Slow, Type *Integer) {
    IRBuilder<> Builder(&Load);
    Value *Address = Load.getPointerOperand();
    Value *Results = Builder.CreateCall(fastRead(M.getContext(), Integer->getIntegerBitWidth()),
                                        {Address, reads(), orecTable(M)});
    Value *Loaded = Builder.CreateTrunc(Builder.CreateExtractValue(Results, 0), Integer);
    Value *Bad = Builder.CreateICmpEQ(Builder.CreateExtractValue(Results, 1), Builder.getInt8(0));
    BasicBlock *Start = Load.getParent();
    MDNode *Unlikely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
    Instruction *Rest = SplitBlockAndInsertIfThen(Bad, &Load, /*Unreachable=*/false, Unlikely);
    InLoops.insert(Load.getParent());
    Builder.SetInsertPoint(Rest);
    Value *Called = call(Builder, Slow, {Address});
    Builder.SetInsertPoint(&Load);
    PHINode *Result = Builder.CreatePHI(Integer, 2);
    Result->addIncoming(Loaded, Start);
    Result->addIncoming(Called, Rest->getParent());
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

// Whether the value's new one is stored soon and for certain: then the read may take the record.
static bool isWrittenNext(const LoadInst &Load) {
    constexpr int Soon = 64;
    const Instruction *Next = Load.getNextNonDebugInstruction();
    for (int I = 0; Next && I < Soon; I++, Next = Next->getNextNonDebugInstruction())
        if (const auto *Store = dyn_cast<StoreInst>(Next))
            if (Store->getPointerOperand() == Load.getPointerOperand() &&
                reasonOfWrite(*Store, Store->getPointerOperand()) == Reason::Shared)
                return true;
    return false;
}

void BarrierWriter::rewrite(LoadInst &Load) {
    Reason R = reasonOfRead(Load, Load.getPointerOperand());
    if (R != Reason::Shared)
        return Tally.leaveOut(R);
    const DataLayout &Layout = M.getDataLayout();
    IRBuilder<> Builder(&Load);
    checkAddress(Builder, /*Writes=*/false, Load.getPointerOperand(), sizeOf(Load.getType()));
    Value *Result;
    if (const Sized *Barriers = sizedBarriers(Load.getType(), Layout)) {
        Type *Integer = integerOf(Load.getType(), Layout);
        if (isWrittenNext(Load))
            Result = call(Builder, Barriers->ReadForWrite, {Load.getPointerOperand()});
        else if (standsInLine(Load, *Integer))
            Result = readInLine(Load, Barriers->SlowRead, Integer);
        else
            Result = call(Builder, Barriers->Read, {Load.getPointerOperand()});
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
