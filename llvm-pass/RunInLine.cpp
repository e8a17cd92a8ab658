// RunInLine.cpp - small blocks make their first attempt in a hardware transaction in line, where
// the call of ame_abi_run would take as long as the transaction. For bodies that call nothing: what
// they do needs nothing of the runtime, so nobody need know that the thread is in a block.
//
// What speaks against it is asked before, and the phase again in the transaction
// (include/ame/abi.h). Beside a block in software that shows what it reads, a copy of the body runs
// that looks out for it (CheckedCopy.cpp). While something is recorded a block in line goes by
// unwatched; when one is to be watched, and in all other cases, ame_abi_run gets it.
#include "Abi.h"
#include "CheckedCopy.h"
#include "Names.h"
#include "Stages.h"
#include "Twins.h"
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

// ---- which blocks ----

enum { MostInstructions = 40 };

static bool isSmall(const Function &Body) {
    unsigned Count = 0;
    for (const Instruction &I : instructions(Body)) {
        auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
        if (Intrinsic && Intrinsic->isAssumeLikeIntrinsic())
            continue;
        if (isa<CallBase>(I) && (!Intrinsic || Intrinsic->mayReadOrWriteMemory()))
            return false;
        if (isa<AllocaInst>(I) || ++Count > MostInstructions)
            return false;
    }
    return true;
}

// The body, if the block is one of those.
static Function *smallBody(const GlobalVariable &Block) {
    auto *Fields = cast<ConstantStruct>(Block.getInitializer());
    auto *Kind = cast<ConstantInt>(Fields->getOperand(KindField));
    auto *Body = cast<Function>(Fields->getOperand(PlainField));
    bool HasTwin = isa<Function>(Fields->getOperand(TwinField));
    if (!HasTwin || Kind->getZExtValue() & AME_ABI_BLOCK_CLOSED || !isSmall(*Body))
        return nullptr;
    return Body;
}

// Twins run in software, and nobody wants more code in a function that is to be small.
static bool mayHold(const Function &F) {
    return !isTwin(F) && !F.hasOptNone() && !F.hasOptSize();
}

// ---- the code ----

namespace {
class InLine {
  public:
    explicit InLine(CallInst *R)
        : Run(R), M(*R->getModule()), Slow(SplitBlock(R->getParent(), R)),
          Done(SplitBlock(Slow, R->getNextNode())), Builder(Slow->getSinglePredecessor()) {
        Builder.GetInsertBlock()->getTerminator()->eraseFromParent();
        Builder.SetCurrentDebugLocation(R->getDebugLoc());
    }
    // `Copy`: of the body, or NULL.
    void write(GlobalVariable &Block, Function &Body, Function *Copy);

  private:
    Value *counter(GlobalVariable &Block, Value *Own);

    CallInst *Run;
    Module &M;
    BasicBlock *Slow, *Done;
    IRBuilder<> Builder;

    BasicBlock *newBlock(const Twine &Name) {
        return BasicBlock::Create(M.getContext(), Name, Slow->getParent(), Slow);
    }
    MDNode *likely() { return MDBuilder(M.getContext()).createLikelyBranchWeights(); }
    // Goes on where it is true, which it mostly is; else to `Otherwise`.
    void require(Value *Condition, BasicBlock *Otherwise) {
        BasicBlock *Next = newBlock("ame.in_line");
        Builder.CreateCondBr(Condition, Next, Otherwise, likely());
        Builder.SetInsertPoint(Next);
    }
    // Others write it at any time.
    Value *load(Type *T, Value *Address) {
        LoadInst *Load = Builder.CreateLoad(T, Address);
        Load->setAtomic(AtomicOrdering::Monotonic);
        Load->setAlignment(Align(T->getIntegerBitWidth() / 8));
        return Load;
    }
    Value *load(GlobalVariable *Variable) { return load(Variable->getValueType(), Variable); }
    // Goes on in a phase of hardware. If there is `Copy`, beside a block that shows what it reads,
    // to there; else to `Otherwise`.
    void requirePhase(BasicBlock *Copy, BasicBlock *Otherwise) {
        Value *Phase = load(phase(M));
        BasicBlock *Other = Copy ? newBlock("ame.other_phase") : Otherwise;
        require(Builder.CreateICmpEQ(Phase, Builder.getInt64(AME_ABI_PHASE_HARDWARE)), Other);
        if (!Copy)
            return;
        IRBuilder<> InOther(Other);
        Value *Low = InOther.CreateAnd(Phase, AME_ABI_PHASES - 1);
        InOther.CreateCondBr(InOther.CreateICmpEQ(Low, InOther.getInt64(AME_ABI_PHASE_SHOWN)), Copy,
                             Otherwise);
    }
    void run(Function &Body, BasicBlock *Then);
    // The bytes, since assemblers know the instructions only where the processor has them.
    Value *assembler(Type *Result, StringRef Text, StringRef Constraints,
                     ArrayRef<Value *> Inputs = {}) {
        SmallVector<Type *, 1> Types;
        for (Value *Input : Inputs)
            Types.push_back(Input->getType());
        auto *Asm = InlineAsm::get(FunctionType::get(Result, Types, false), Text, Constraints,
                                   /*hasSideEffects=*/true);
        return Builder.CreateCall(Asm, Inputs);
    }
};
} // namespace

// Where the commit is to be counted. `Own` is the thread's *ame_abi_reads.
Value *InLine::counter(GlobalVariable &Block, Value *Own) {
    Type *Byte = Builder.getInt8Ty(), *Count = Builder.getInt64Ty();
    auto At = [&](uint64_t Offset) { return Builder.CreateConstGEP1_64(Byte, Own, Offset); };
    Value *Usual = At(AME_ABI_COMMITS_IN_LINE), *Recording = load(recording(M));
    BasicBlock *Head = Builder.GetInsertBlock(), *Recorded = newBlock("ame.recorded");
    BasicBlock *Join = newBlock("ame.join");
    // Without weights: both stay in line, since two jumps cost more than what is between them.
    Builder.CreateCondBr(Builder.CreateIsNull(Recording), Join, Recorded);

    Builder.SetInsertPoint(Recorded);
    require(Builder.CreateICmpEQ(Builder.CreateLoad(Count, At(AME_ABI_SESSION)), Recording), Slow);
    Value *Number = load(Builder.getInt32Ty(),
                         Builder.CreateStructGEP(Block.getValueType(), &Block, CountersField));
    Value *First = Builder.CreateGEP(Count, At(AME_ABI_WATCHING),
                                     Builder.CreateZExt(Number, Builder.getInt64Ty()));
    Value *Commits = Builder.CreateConstGEP1_64(Count, First, 1);
    Value *Turn =
        Builder.CreateAdd(Builder.CreateLoad(Count, First), Builder.CreateLoad(Count, Commits));
    Value *Others = Builder.CreateLoad(Count, Builder.CreateConstGEP1_64(Count, First, 2));
    Turn = Builder.CreateAdd(Turn, Others);
    require(Builder.CreateICmpSGE(Turn, ConstantInt::get(Count, 0)), Slow);
    BasicBlock *Counted = Builder.GetInsertBlock();
    Builder.CreateBr(Join);

    Builder.SetInsertPoint(Join);
    PHINode *Counter = Builder.CreatePHI(Builder.getPtrTy(), 2);
    Counter->addIncoming(Usual, Head);
    Counter->addIncoming(Commits, Counted);
    return Counter;
}

// Inlines `Body`, and goes on in `Then`.
void InLine::run(Function &Body, BasicBlock *Then) {
    CallInst *Call = Builder.CreateCall(&Body, {Run->getArgOperand(1)});
    Builder.CreateBr(Then);
    InlineFunctionInfo Info;
    InlineFunction(*Call, Info);
}

void InLine::write(GlobalVariable &Block, Function &Body, Function *Copy) {
    Type *Byte = Builder.getInt8Ty(), *Word = Builder.getInt32Ty(), *Count = Builder.getInt64Ty();
    BasicBlock *Free = newBlock("ame.phase_is_good");
    require(Builder.CreateIsNotNull(load(hardwareAtOnce(M))), Slow);
    requirePhase(Copy ? Free : nullptr, Slow);
    Builder.CreateBr(Free);
    Builder.SetInsertPoint(Free);
    Value *History = Builder.CreateStructGEP(Block.getValueType(), &Block, HistoryField);
    require(Builder.CreateIsNull(load(Word, History)), Slow);
    Value *Own =
        Builder.CreateLoad(Builder.getPtrTy(), Builder.CreateThreadLocalAddress(readsVariable(M)));
    require(Builder.CreateIsNotNull(Own), Slow);
    Value *Way = Builder.CreateConstGEP1_64(Byte, Own, AME_ABI_WAY);
    require(Builder.CreateIsNull(Builder.CreateLoad(Word, Way)), Slow);
    Value *Commits = counter(Block, Own);

    // xbegin, to the next instruction. Where it aborts it is left a second time, with the status in
    // eax and all other registers as they were.
    BasicBlock *Aborted = newBlock("ame.aborted"), *GiveUp = newBlock("ame.give_up");
    BasicBlock *Beside = Copy ? newBlock("ame.beside") : nullptr, *End = newBlock("ame.end");
    Value *Status =
        assembler(Word, ".byte 0xc7, 0xf8; .long 0", "={ax},0,~{memory}", {Builder.getInt32(~0u)});
    require(Builder.CreateICmpEQ(Status, Builder.getInt32(~0u)), Aborted);
    requirePhase(Beside, GiveUp);
    run(Body, End);
    if (Copy) {
        Builder.SetInsertPoint(Beside);
        run(*Copy, End);
    }

    Builder.SetInsertPoint(End);
    Value *Counts = load(countsInHardware(M));
    assembler(Builder.getVoidTy(), ".byte 0x0f, 0x01, 0xd5", "~{memory}"); // xend
    Value *Before = Builder.CreateLoad(Count, Commits);
    Builder.CreateStore(Builder.CreateAdd(Before, ConstantInt::get(Count, 1)), Commits);
    BasicBlock *Await = newBlock("ame.counts");
    Builder.CreateCondBr(Builder.CreateIsNull(Counts), Done, Await, likely());
    Builder.SetInsertPoint(Await);
    Builder.CreateCall(awaitAdditionsFunction(M));
    Builder.CreateBr(Done);

    Builder.SetInsertPoint(GiveUp);
    giveUpTransaction(Builder.CreateUnreachable());
    Builder.SetInsertPoint(Aborted);
    Builder.CreateCall(runAfterFunction(M), {&Block, Run->getArgOperand(1), Status});
    Builder.CreateBr(Done);
}

void runInLine(Module &M) {
    for (GlobalVariable &Block : M.globals()) {
        Function *Body = Block.hasAttribute(BlockAttribute) ? smallBody(Block) : nullptr;
        if (!Body)
            continue;
        SmallVector<CallInst *, 4> Runs;
        for (User *U : Block.users())
            if (auto *Run = dyn_cast<CallInst>(U); Run && mayHold(*Run->getFunction()))
                Runs.push_back(Run);
        Function *Copy = Runs.empty() ? nullptr : checkedCopy(*Body);
        for (CallInst *Run : Runs)
            InLine(Run).write(Block, *Body, Copy);
        if (Copy)
            Copy->eraseFromParent();
    }
}

} // namespace ame
