// SingleReads.cpp - marks blocks that only read: those that read at most one word of shared memory,
// which the runtime need not let in (AME_ABI_BLOCK_READS_ONE), and those that write none
// (AME_ABI_BLOCK_WRITES_NOTHING).
#include "SingleReads.h"
#include "Abi.h"
#include "Names.h"
#include "Stages.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

static bool isReadOfWord(const CallBase &Call) {
    const Function *Callee = Call.getCalledFunction();
    return Callee && StringSwitch<bool>(Callee->getName())
                         .Cases("ame_abi_read_u8", "ame_abi_read_u16", "ame_abi_read_u32",
                                "ame_abi_read_u64", true)
                         .Default(false);
}

// The block's locals, and its record of inputs and results. What a read has led to is neither: it
// may be freed meanwhile, though an access needs no barrier, as that of an immutable field.
static bool isPrivate(const Instruction &I) {
    const Value *Address = getLoadStorePointerOperand(&I);
    const Value *Object = Address ? getUnderlyingObject(Address) : nullptr;
    return Object && (isa<AllocaInst>(Object) || isa<Argument>(Object));
}

static bool readsOneWord(Function &Twin) {
    const Instruction *Read = nullptr;
    for (const Instruction &I : instructions(Twin)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (Call && isReadOfWord(*Call) && !Read)
            Read = &I;
        else if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
                 Intrinsic && Intrinsic->isAssumeLikeIntrinsic())
            continue;
        else if (Call || (I.mayReadOrWriteMemory() && !isPrivate(I)))
            return false;
    }
    if (!Read)
        return false;
    DominatorTree Tree(Twin);
    return !LoopInfo(Tree).getLoopFor(Read->getParent());
}

static bool isAlignedWord(const LoadInst &Load) {
    TypeSize Size = Load.getModule()->getDataLayout().getTypeStoreSize(Load.getType());
    bool IsOne = Load.getType()->isIntOrPtrTy() || Load.getType()->isFloatingPointTy();
    return IsOne && Load.isSimple() && Size <= 8 && isPowerOf2_64(Size) &&
           Load.getAlign().value() >= Size && Load.getType()->getPrimitiveSizeInBits() != 1;
}

bool isOnlyRead(Function &Body, LoadInst *&Read) {
    SmallVector<const Instruction *, 8> Writes;
    Read = nullptr;
    for (Instruction &I : instructions(Body)) {
        auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
        if (!I.mayReadOrWriteMemory() || (Intrinsic && Intrinsic->isAssumeLikeIntrinsic()))
            continue;
        if (isPrivate(I)) {
            if (I.mayWriteToMemory())
                Writes.push_back(&I);
            continue;
        }
        auto *Load = dyn_cast<LoadInst>(&I);
        if (!Load || Read || !isAlignedWord(*Load))
            return false;
        Read = Load;
    }
    if (!Read)
        return true;
    DominatorTree Tree(Body);
    return !LoopInfo(Tree).getLoopFor(Read->getParent()) &&
           all_of(Writes, [&](const Instruction *Write) { return Tree.dominates(Read, Write); });
}

// A call counts as a write, unless the callee is known to write nothing at all.
static bool writesNothing(const Function &Body) {
    return none_of(instructions(Body), [](const Instruction &I) {
        auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
        bool IsNone = Intrinsic && Intrinsic->isAssumeLikeIntrinsic();
        return !IsNone && I.mayWriteToMemory() && !isPrivate(I);
    });
}

void markReads(Module &M) {
    for (GlobalVariable &Block : M.globals()) {
        if (!Block.hasAttribute(BlockAttribute))
            continue;
        auto *Fields = cast<ConstantStruct>(Block.getInitializer());
        auto *Body = dyn_cast<Function>(Fields->getOperand(PlainField));
        auto *Twin = dyn_cast<Function>(Fields->getOperand(TwinField));
        uint64_t Marks = 0;
        if (Twin && !Twin->isDeclaration() && readsOneWord(*Twin))
            Marks |= AME_ABI_BLOCK_READS_ONE;
        if (Body && !Body->isDeclaration() && writesNothing(*Body))
            Marks |= AME_ABI_BLOCK_WRITES_NOTHING;
        SmallVector<Constant *, 8> New;
        for (Value *Field : Fields->operands())
            New.push_back(cast<Constant>(Field));
        auto *Kind = cast<ConstantInt>(New[KindField]);
        New[KindField] = ConstantInt::get(Kind->getType(), Kind->getZExtValue() | Marks);
        Block.setInitializer(ConstantStruct::get(Fields->getType(), New));
    }
}

} // namespace ame
