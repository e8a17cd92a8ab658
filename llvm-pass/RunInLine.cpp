// RunInLine.cpp - small blocks make their first attempt in a hardware transaction in line, where
// the call of ame_abi_run would take as long as the transaction. For bodies that call nothing but
// the allocator: what they do needs nothing of the runtime, so nobody need know that the thread is
// in a block.
//
// What speaks against it is asked before, and the phase again in the transaction
// (include/ame/abi.h). Beside a block in software that shows what it reads, a copy of the body runs
// that looks out for it (CheckedCopy.cpp). Blocks that read one word and do nothing else need no
// transaction: they look whether the word was free and unchanged, as only_read in
// runtime/stm/read.c does (E1), in whatever phase. While something is recorded a block in line goes
// by unwatched; when one is to be watched, and in all other cases, ame_abi_run gets it.
#include "Abi.h"
#include "CheckedCopy.h"
#include "LibraryTable.h"
#include "LocalRecord.h"
#include "Lower.h"
#include "Names.h"
#include "SingleReads.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

// ---- which blocks ----

enum { MostInstructions = 40 };

// The C library's own, which asks nobody in which way the block runs.
static bool isAllocation(const Function &Callee) {
    return isFreshAllocation(Callee) || (Callee.isDeclaration() && Callee.getName() == "free");
}

static bool mayCall(const CallBase &Call) {
    if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&Call))
        return !Intrinsic->mayReadOrWriteMemory();
    const Function *Callee = Call.getCalledFunction();
    return Callee && (isAllocation(*Callee) || Call.doesNotReturn());
}

static bool isSmall(const Function &Body) {
    unsigned Count = 0;
    for (const Instruction &I : instructions(Body)) {
        auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
        if (Intrinsic && Intrinsic->isAssumeLikeIntrinsic())
            continue;
        if (auto *Call = dyn_cast<CallBase>(&I); Call && !mayCall(*Call))
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

// As numbers, and not to decide where to go on.
static bool usesComparisons(const Function &Body) {
    return any_of(instructions(Body), [](const Instruction &I) {
        return isa<CmpInst>(I) && any_of(I.users(), [](const User *U) { return isa<CastInst>(U); });
    });
}

// A copy that gives up where `Body` calls what does not return, which the runtime has to see.
static Function *bodyInLine(Function &Body) {
    ValueToValueMapTy Map;
    Function *Copy = CloneFunction(&Body, Map);
    SmallVector<CallInst *, 4> Last;
    for (Instruction &I : instructions(*Copy))
        if (auto *Call = dyn_cast<CallInst>(&I);
            Call && !isa<IntrinsicInst>(Call) && Call->doesNotReturn())
            Last.push_back(Call);
    for (CallInst *Call : Last) {
        giveUpTransaction(Call);
        changeToUnreachable(Call);
    }
    return Copy;
}

// Twins run in software, and nobody wants more code in a function that is to be small.
static bool mayHold(const Function &F) {
    return !isTwin(F) && !F.hasOptNone() && !F.hasOptSize();
}

// ---- the code ----

namespace {
class InLine {
  public:
    InLine(CallInst *R, const Function &Body)
        : Run(R), M(*R->getModule()), Record(*R, Body), Slow(SplitBlock(R->getParent(), R)),
          Done(SplitBlock(Slow, R->getNextNode())), Builder(Slow->getSinglePredecessor()) {
        Builder.GetInsertBlock()->getTerminator()->eraseFromParent();
        Builder.SetCurrentDebugLocation(R->getDebugLoc());
        Record.copyInputs(Builder);
        Record.redirectLoads(Done->getFirstNonPHI());
        finishElsewhere(Slow);
    }
    // `Copy`: of the body, or NULL.
    void writeTransaction(GlobalVariable &Block, Function &Body, Function *Copy);
    void writeRead(GlobalVariable &Block, Function &Body);

  private:
    Value *counter(GlobalVariable &Block, Value *Own, Value *InHardware);
    Value *counterIfFree(GlobalVariable &Block, uint64_t AtOnce, Value *InHardware);
    void checkRead(LoadInst &Read, Value *Phases);
    void count(Value *Counter);
    void finishElsewhere(BasicBlock *Ran);
    void freshRegisters();

    CallInst *Run;
    Module &M;
    LocalRecord Record;
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
    Value *load(Type *T, Value *Address, AtomicOrdering Order = AtomicOrdering::Monotonic) {
        LoadInst *Load = Builder.CreateLoad(T, Address);
        Load->setAtomic(Order);
        Load->setAlignment(Align(T->getIntegerBitWidth() / 8));
        return Load;
    }
    Value *load(GlobalVariable *Variable, AtomicOrdering Order = AtomicOrdering::Monotonic) {
        return load(Variable->getValueType(), Variable, Order);
    }
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

// Goes on if the attempt need not be watched, as ame__recorder_skips in runtime/events/recorder.h
// tells: the one test that recordings cost. Returns where to count the commit, as one in hardware
// or in software. `Own` is the thread's *ame_abi_reads.
Value *InLine::counter(GlobalVariable &Block, Value *Own, Value *InHardware) {
    Type *Count = Builder.getInt64Ty();
    Value *Number = load(Builder.getInt32Ty(),
                         Builder.CreateStructGEP(Block.getValueType(), &Block, CountersField));
    Value *First = Builder.CreateConstGEP1_64(Builder.getInt8Ty(), Own, AME_ABI_WATCHING);
    First = Builder.CreateGEP(Count, First, Builder.CreateZExt(Number, Count));
    Value *Hardware = Builder.CreateConstGEP1_64(Count, First, 1);
    Value *Software = Builder.CreateConstGEP1_64(Count, First, 2);
    Value *Counter = Builder.CreateSelect(InHardware, Hardware, Software);
    // As one number, and not as a sum that each use would add up again.
    if (!isa<Constant>(InHardware)) {
        auto *Same = FunctionType::get(Counter->getType(), Counter->getType(), false);
        Counter = Builder.CreateCall(InlineAsm::get(Same, "", "=r,0", false), Counter);
    }
    Value *Start = Builder.CreateConstGEP1_64(Count, Counter, AME_ABI_START);
    Value *Turn =
        Builder.CreateAdd(Builder.CreateLoad(Count, Counter), Builder.CreateLoad(Count, Start));
    require(Builder.CreateICmpSGE(Turn, ConstantInt::get(Count, 0)), Slow);
    return Counter;
}

// Goes on if nothing is known that speaks against the block, the thread is outside of blocks, and
// it runs such blocks in line: not before it has seen that a recording has begun.
Value *InLine::counterIfFree(GlobalVariable &Block, uint64_t AtOnce, Value *InHardware) {
    Type *Byte = Builder.getInt8Ty(), *Word = Builder.getInt32Ty();
    Value *History = Builder.CreateStructGEP(Block.getValueType(), &Block, HistoryField);
    require(Builder.CreateIsNull(load(Word, History)), Slow);
    Value *Own =
        Builder.CreateLoad(Builder.getPtrTy(), Builder.CreateThreadLocalAddress(readsVariable(M)));
    require(Builder.CreateIsNotNull(Own), Slow);
    Value *Ways =
        load(Builder.getInt64Ty(), Builder.CreateConstGEP1_64(Byte, Own, AME_ABI_AT_ONCE));
    require(Builder.CreateIsNotNull(Builder.CreateAnd(Ways, AtOnce)), Slow);
    Value *Way = Builder.CreateConstGEP1_64(Byte, Own, AME_ABI_WAY);
    require(Builder.CreateIsNull(Builder.CreateLoad(Word, Way)), Slow);
    return counter(Block, Own, InHardware);
}

void InLine::count(Value *Counter) {
    Value *Before = Builder.CreateLoad(Builder.getInt64Ty(), Counter);
    Builder.CreateStore(Builder.CreateAdd(Before, Builder.getInt64(1)), Counter);
}

// At the end of `Ran`, where the runtime has run the block.
void InLine::finishElsewhere(BasicBlock *Ran) {
    IRBuilder<> AtEnd(Ran->getTerminator());
    Record.takeResults(AtEnd);
}

// Inlines `Body`, and goes on in `Then`.
void InLine::run(Function &Body, BasicBlock *Then) {
    CallInst *Call = Builder.CreateCall(&Body, {Record.get()});
    Builder.CreateBr(Then);
    InlineFunctionInfo Info;
    InlineFunction(*Call, Info);
}

// Some registers that are free here are written, in no time. Else a comparison in the body, whose
// instruction (setcc) sets but a byte of a register, may wait for the block that ran before, if
// that has the register from a comparison, too: then searches in a tree, one in each block, do not
// overlap.
void InLine::freshRegisters() {
    Type *Word = Builder.getInt32Ty();
    assembler(StructType::get(Word, Word, Word), "xorl $0, $0; xorl $1, $1; xorl $2, $2",
              "=&r,=&r,=&r,~{flags}");
}

void InLine::writeTransaction(GlobalVariable &Block, Function &Body, Function *Copy) {
    Type *Word = Builder.getInt32Ty();
    BasicBlock *Free = newBlock("ame.phase_is_good");
    requirePhase(Copy ? Free : nullptr, Slow);
    Builder.CreateBr(Free);
    Builder.SetInsertPoint(Free);
    Value *Counter = counterIfFree(Block, AME_ABI_HARDWARE_AT_ONCE, Builder.getTrue());

    // xbegin, to the next instruction. Where it aborts it is left a second time, with the status in
    // eax and all other registers as they were.
    BasicBlock *Aborted = newBlock("ame.aborted"), *GiveUp = newBlock("ame.give_up");
    BasicBlock *Beside = Copy ? newBlock("ame.beside") : nullptr, *End = newBlock("ame.end");
    Value *Status =
        assembler(Word, ".byte 0xc7, 0xf8; .long 0", "={ax},0,~{memory}", {Builder.getInt32(~0u)});
    require(Builder.CreateICmpEQ(Status, Builder.getInt32(~0u)), Aborted);
    requirePhase(Beside, GiveUp);
    if (usesComparisons(Body))
        freshRegisters();
    run(Body, End);
    if (Copy) {
        Builder.SetInsertPoint(Beside);
        run(*Copy, End);
    }

    Builder.SetInsertPoint(End);
    Value *Counts = load(countsInHardware(M));
    assembler(Builder.getVoidTy(), ".byte 0x0f, 0x01, 0xd5", "~{memory}"); // xend
    count(Counter);
    Record.giveResults(Builder);
    BasicBlock *Await = newBlock("ame.counts");
    Builder.CreateCondBr(Builder.CreateIsNull(Counts), Done, Await, likely());
    Builder.SetInsertPoint(Await);
    Builder.CreateCall(awaitAdditionsFunction(M));
    Builder.CreateBr(Done);

    Builder.SetInsertPoint(GiveUp);
    giveUpTransaction(Builder.CreateUnreachable());
    Builder.SetInsertPoint(Aborted);
    Builder.CreateCall(runAfterFunction(M), {&Block, Run->getArgOperand(1), Status});
    finishElsewhere(Builder.CreateBr(Done)->getParent());
}

// The value that was read is of a moment at which the word was free, and no block ran alone; E1 and
// G5 say why. All looks are in the order in which they stand here.
void InLine::checkRead(LoadInst &Read, Value *Phases) {
    constexpr auto Acquire = AtomicOrdering::Acquire;
    Type *Word = Builder.getInt64Ty();
    Builder.SetInsertPoint(&Read);
    Value *Orec =
        Builder.CreateGEP(Word, orecTable(M), orecIndex(Builder, Read.getPointerOperand()));
    Value *Before = load(Word, Orec, Acquire);
    Read.setAtomic(Acquire);
    BasicBlock *Here = Read.getParent(), *Rest = SplitBlock(Here, Read.getNextNode());
    Here->getTerminator()->eraseFromParent();
    Builder.SetInsertPoint(Here);
    Value *Good = Builder.CreateICmpSGE(Before, Builder.getInt64(0));
    for (auto [Now, Then] : {std::pair{load(Word, Orec, Acquire), Before},
                             std::pair{load(phases(M), Acquire), Phases}})
        Good = Builder.CreateAnd(Good, Builder.CreateICmpEQ(Now, Then));
    Builder.CreateCondBr(Good, Rest, Slow, likely());
}

void InLine::writeRead(GlobalVariable &Block, Function &Body) {
    constexpr auto Acquire = AtomicOrdering::Acquire;
    constexpr const char *Mark = "ame.only_read";
    LoadInst *Read;
    Value *Phases = load(phases(M), Acquire), *Phase = load(phase(M), Acquire);
    require(Builder.CreateICmpNE(Phase, Builder.getInt64(AME_ABI_PHASE_CLOSED)), Slow);
    Value *Counter =
        counterIfFree(Block, AME_ABI_READS_AT_ONCE,
                      Builder.CreateICmpEQ(Phase, Builder.getInt64(AME_ABI_PHASE_HARDWARE)));
    BasicBlock *End = newBlock("ame.end");
    if (isOnlyRead(Body, Read) && Read)
        Read->setMetadata(Mark, MDNode::get(M.getContext(), {}));
    run(Body, End);
    if (Read) {
        Read->setMetadata(Mark, nullptr);
        for (Instruction &I : instructions(*Slow->getParent()))
            if (I.hasMetadata(Mark)) {
                I.setMetadata(Mark, nullptr);
                checkRead(cast<LoadInst>(I), Phases);
                break;
            }
    }
    Builder.SetInsertPoint(End);
    count(Counter);
    Record.giveResults(Builder);
    Builder.CreateBr(Done);
}

void runInLine(Module &M, FunctionAnalysisManager &FAM) {
    SmallSetVector<Function *, 8> Changed;
    for (GlobalVariable &Block : M.globals()) {
        Function *Body = Block.hasAttribute(BlockAttribute) ? smallBody(Block) : nullptr;
        if (!Body)
            continue;
        SmallVector<CallInst *, 4> Runs;
        for (User *U : Block.users())
            if (auto *Run = dyn_cast<CallInst>(U); Run && mayHold(*Run->getFunction()))
                Runs.push_back(Run);
        if (Runs.empty())
            continue;
        LoadInst *Read;
        bool Reads = isOnlyRead(*Body, Read);
        Function *Written = Reads ? nullptr : bodyInLine(*Body);
        Function *Copy = Reads ? nullptr : checkedCopy(*Written);
        for (CallInst *Run : Runs) {
            Changed.insert(Run->getFunction());
            if (Reads)
                InLine(Run, *Body).writeRead(Block, *Body);
            else
                InLine(Run, *Body).writeTransaction(Block, *Written, Copy);
        }
        for (Function *Copied : {Written, Copy})
            if (Copied)
                Copied->eraseFromParent();
    }
    for (Function *F : Changed)
        promoteLocals(*F, FAM);
}

} // namespace ame
