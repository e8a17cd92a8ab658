// RangeReads.cpp - loops that walk through shared memory read it in chunks.
//
// A barrier for each word costs many times the load. So where it is known, on entry to an innermost
// loop, what a load will read in all iterations, the loop becomes two: the outer one copies what
// the next iterations will read, by one barrier, to a local of the twin; the inner one is
// the old loop on that copy, and may be vectorized. The copy is what the barriers of these
// loads would have returned, at a moment at which they could have run: all reads of a
// block are as of one snapshot.
//
//     for (i = 0; i < n; i++)             for (done = 0; done < n; done += count)
//         sum += a[i];                        count = min(n - done, most)
//                                             ame_abi_read(copy, a + done, count * sizeof *a)
//                                             for (j = 0; j < count; j++)
//                                                 sum += copy[j];
//
// Nothing is read that the loop would not read: all its iterations run to their end, and
// between two loads of a chunk less than a stripe lies.
#include "Abi.h"
#include "Elide.h"
#include "Names.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"
#include "llvm/Transforms/Vectorize/LoopVectorize.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

namespace {
constexpr int64_t Stripe = 1 << AME_ABI_STRIPE_BITS;
// For the copies of one loop, but for gaps between them: in the twin's frame, where all loops
// share it, and in the first cache.
constexpr int64_t CopyBytes = 4096;
// Fewer iterations than this in a chunk are not worth the call.
constexpr int64_t FewestIterations = 8;

struct Access {
    LoadInst *Load;
    const SCEV *Start; // its address in the first iteration
    int64_t Stride, Size;
    int64_t Offset = 0; // from the lowest address of its group
};

// Loads that keep their distances from each other: one range.
struct Group {
    SmallVector<Access, 4> Accesses; // by their offsets
    int64_t Width;                   // of what one iteration reads

    int64_t stride() const { return Accesses.front().Stride; }
    int64_t step() const { return std::abs(stride()); }
    int64_t bytes(int64_t Iterations) const { return (Iterations - 1) * step() + Width; }
};

// What becomes of a loop. The values are there on entry to it; the change of another loop may put
// others in their place.
struct Plan {
    Loop *L;
    SmallVector<Group, 4> Groups;
    SmallVector<WeakTrackingVH, 4>
        Starts;           // the lowest address that the first iteration reads of each
    WeakTrackingVH Total; // iterations
    int64_t Iterations;   // of a chunk

    // Where the copy of each group is, from the first one's start, and at last the end of all.
    SmallVector<int64_t, 4> places() const {
        SmallVector<int64_t, 4> Places = {0};
        for (const Group &G : Groups)
            Places.push_back(alignTo(Places.back() + G.bytes(Iterations), Stripe));
        return Places;
    }
};

class LoopReader {
  public:
    LoopReader(Function &F, FunctionAnalysisManager &FAM)
        : Twin(F), FAM(FAM), LI(FAM.getResult<LoopAnalysis>(F)) {}
    bool run();

  private:
    bool runsToItsEnd(const Loop &L) const;
    SmallVector<LoadInst *, 8> findLoads(const Loop &L) const;
    bool mayBeWritten(const Loop &L, const LoadInst &Load);
    std::optional<Access> describe(Loop &L, LoadInst &Load);
    SmallVector<Group, 4> group(ArrayRef<Access> Accesses);
    bool hasGaps(const Group &G) const;
    std::optional<Plan> plan(Loop &L);
    void split(const Plan &P, Value *Copies);
    void readAhead(IRBuilder<> &Builder, const Group &G, Value *Copy, Value *Start, Value *Done,
                   Value *Count);
    void useCopy(const Group &G, Value *Copy, Value *Iteration, Value *Count);

    Function &Twin;
    FunctionAnalysisManager &FAM;
    LoopInfo &LI;
    DominatorTree *DT = nullptr;
    ScalarEvolution *SE = nullptr;
    AAResults *AA = nullptr;
};
} // namespace

// ---- what can be read ahead ----

// The only way out is at the end of an iteration.
bool LoopReader::runsToItsEnd(const Loop &L) const {
    if (!L.isInnermost() || !L.getLoopLatch() || L.getExitingBlock() != L.getLoopLatch() ||
        !L.getExitBlock() || !isa<BranchInst>(L.getLoopLatch()->getTerminator()))
        return false;
    return all_of(L.blocks(), [](const BasicBlock *Block) {
        return isGuaranteedToTransferExecutionToSuccessor(Block);
    });
}

SmallVector<LoadInst *, 8> LoopReader::findLoads(const Loop &L) const {
    SmallVector<LoadInst *, 8> Found;
    for (BasicBlock *Block : L.blocks())
        for (Instruction &I : *Block) {
            auto *Load = dyn_cast<LoadInst>(&I);
            if (Load && Load->isSimple() && Load->getPointerAddressSpace() == 0 &&
                !L.isLoopInvariant(Load->getPointerOperand()) &&
                reasonOfRead(*Load, Load->getPointerOperand()) == Reason::Shared)
                Found.push_back(Load);
        }
    return Found;
}

// By the loop itself: then the copy would be older than the block's own writes.
bool LoopReader::mayBeWritten(const Loop &L, const LoadInst &Load) {
    // Where a restricted pointer begins anew in each iteration it says nothing of the others.
    AAMDNodes Tags = Load.getAAMetadata();
    Tags.Scope = Tags.NoAlias = nullptr;
    auto Walked = MemoryLocation::getBeforeOrAfter(Load.getPointerOperand(), Tags);
    for (BasicBlock *Block : L.blocks())
        for (Instruction &I : *Block)
            if (I.mayWriteToMemory() && isModSet(AA->getModRefInfo(&I, Walked)))
                return true;
    return false;
}

std::optional<Access> LoopReader::describe(Loop &L, LoadInst &Load) {
    if (!DT->dominates(Load.getParent(), L.getLoopLatch()))
        return std::nullopt;
    TypeSize Size = Twin.getDataLayout().getTypeStoreSize(Load.getType());
    auto *Address = dyn_cast<SCEVAddRecExpr>(SE->getSCEV(Load.getPointerOperand()));
    if (Size.isScalable() || !Address || Address->getLoop() != &L || !Address->isAffine())
        return std::nullopt;
    auto *Step = dyn_cast<SCEVConstant>(Address->getStepRecurrence(*SE));
    if (!Step || Step->getAPInt().getSignificantBits() > 32)
        return std::nullopt;
    int64_t Stride = Step->getAPInt().getSExtValue();
    if (std::abs(Stride) > Stripe || Stride == 0 ||
        static_cast<int64_t>(Size.getFixedValue()) > Stripe || mayBeWritten(L, Load))
        return std::nullopt;
    return Access{&Load, Address->getStart(), Stride, static_cast<int64_t>(Size.getFixedValue())};
}

// AddressSanitizer must not be asked for bytes that the loop does not read.
bool LoopReader::hasGaps(const Group &G) const {
    int64_t End = 0;
    for (const Access &A : G.Accesses) {
        if (A.Offset > End)
            return true;
        End = std::max(End, A.Offset + A.Size);
    }
    return End < G.step();
}

SmallVector<Group, 4> LoopReader::group(ArrayRef<Access> Accesses) {
    SmallVector<Group, 4> Groups;
    for (Access A : Accesses) {
        Group *Own = nullptr;
        for (Group &G : Groups) {
            const Access &First = G.Accesses.front();
            auto *Distance = First.Stride == A.Stride
                                 ? dyn_cast<SCEVConstant>(SE->getMinusSCEV(A.Start, First.Start))
                                 : nullptr;
            if (!Distance || Distance->getAPInt().abs().ugt(Stripe))
                continue;
            A.Offset = Distance->getAPInt().getSExtValue() + First.Offset;
            Own = &G;
            break;
        }
        if (!Own)
            Own = &Groups.emplace_back();
        Own->Accesses.push_back(A);
    }
    for (Group &G : Groups) {
        sort(G.Accesses, [](const Access &A, const Access &B) { return A.Offset < B.Offset; });
        int64_t Lowest = G.Accesses.front().Offset, End = 0;
        for (Access &A : G.Accesses) {
            A.Offset -= Lowest;
            End = std::max(End, A.Offset + A.Size);
        }
        G.Width = End;
    }
    if (Twin.hasFnAttribute(Attribute::SanitizeAddress))
        erase_if(Groups, [&](const Group &G) { return hasGaps(G); });
    return Groups;
}

// As many iterations as the copies of all groups have room for; the last groups go where these are
// too few.
static int64_t roomFor(SmallVectorImpl<Group> &Groups) {
    for (; !Groups.empty(); Groups.pop_back()) {
        int64_t Steps = 0, Room = CopyBytes;
        for (const Group &G : Groups) {
            Steps += G.step();
            Room -= G.Width - G.step();
        }
        if (Room / Steps >= FewestIterations)
            return Room / Steps;
    }
    return 0;
}

// ---- the change ----

// The copy of what `Count` iterations read, from the one after `Done` others on.
void LoopReader::readAhead(IRBuilder<> &Builder, const Group &G, Value *Copy, Value *Start,
                           Value *Done, Value *Count) {
    Type *Word = Builder.getInt64Ty();
    Value *Others = Builder.CreateSub(Count, ConstantInt::get(Word, 1));
    // Backwards, the last iteration reads the lowest address.
    Value *Lowest = G.stride() < 0 ? Builder.CreateAdd(Done, Others) : Done;
    Value *From =
        Builder.CreatePtrAdd(Start, Builder.CreateMul(Lowest, Builder.getInt64(G.stride())));
    Value *Size = Builder.CreateAdd(Builder.CreateMul(Others, Builder.getInt64(G.step())),
                                    Builder.getInt64(G.Width));
    Module &M = *Twin.getParent();
    if (Twin.hasFnAttribute(Attribute::SanitizeAddress))
        Builder.CreateCall(M.getOrInsertFunction("__asan_loadN", Builder.getVoidTy(), Word, Word),
                           {Builder.CreatePtrToInt(From, Word), Size});
    CallInst *Read =
        Builder.CreateCall(barrierFunction(M, Barrier::ame_abi_read), {Copy, From, Size});
    Read->setTailCallKind(CallInst::TCK_NoTail);
    Read->addParamAttr(0, Attribute::NoCapture);
    Read->addParamAttr(1, Attribute::NoCapture);
}

void LoopReader::useCopy(const Group &G, Value *Copy, Value *Iteration, Value *Count) {
    for (const Access &A : G.Accesses) {
        IRBuilder<> Builder(A.Load);
        Value *Number = Iteration;
        if (A.Stride < 0)
            Number = Builder.CreateSub(Builder.CreateSub(Count, Builder.getInt64(1)), Iteration, "",
                                       /*HasNUW=*/true, /*HasNSW=*/true);
        Value *Offset = Builder.CreateMul(Number, Builder.getInt64(G.step()), "", true, true);
        Offset = Builder.CreateAdd(Offset, Builder.getInt64(A.Offset), "", true, true);
        Value *Address = Builder.CreateInBoundsPtrAdd(Copy, Offset);
        uint64_t Position = static_cast<uint64_t>(G.step() | A.Offset | Stripe);
        auto *Load = Builder.CreateAlignedLoad(A.Load->getType(), Address,
                                               Align(MinAlign(Position, Stripe)));
        Load->takeName(A.Load);
        A.Load->replaceAllUsesWith(Load);
        A.Load->eraseFromParent();
    }
}

// The iterations of the first chunk. Where there is one range, whose chunks are as large as what
// the runtime copies at once (a group, see runtime/stm/range.c), it ends where such a group does:
// so all others are one.
static Value *firstChunk(const Plan &P, BasicBlock &Before) {
    IRBuilder<> Builder(Before.getTerminator());
    const Group &G = P.Groups.front();
    if (P.Groups.size() > 1 || G.stride() < 0 || P.Iterations * G.step() != CopyBytes)
        return Builder.getInt64(P.Iterations);
    Value *Start = Builder.CreatePtrToInt(P.Starts.front(), Builder.getInt64Ty());
    Value *Rest = Builder.CreateSub(Builder.getInt64(CopyBytes),
                                    Builder.CreateAnd(Start, Builder.getInt64(CopyBytes - 1)));
    return Builder.CreateUDiv(Builder.CreateAdd(Rest, Builder.getInt64(G.step() - 1)),
                              Builder.getInt64(G.step()));
}

void LoopReader::split(const Plan &P, Value *Copies) {
    Loop &L = *P.L;
    BasicBlock *Before = L.getLoopPreheader(), *Header = L.getHeader(), *Latch = L.getLoopLatch(),
               *Exit = L.getExitBlock();
    LLVMContext &Context = Twin.getContext();
    Type *Word = Type::getInt64Ty(Context);
    BasicBlock *Chunk = SplitEdge(Before, Header, nullptr, nullptr, nullptr, "ame.chunk");
    BasicBlock *Next = BasicBlock::Create(Context, "ame.chunk.done", &Twin, Exit);
    DebugLoc Where = P.Groups.front().Accesses.front().Load->getDebugLoc();

    // The number of iterations in this chunk, and its copies.
    IRBuilder<> Builder(Chunk->getTerminator());
    Builder.SetCurrentDebugLocation(Where);
    PHINode *Done = PHINode::Create(Word, 2, "ame.done", Chunk->begin());
    PHINode *Most = PHINode::Create(Word, 2, "ame.most", Chunk->begin());
    Most->addIncoming(firstChunk(P, *Before), Before);
    Most->addIncoming(Builder.getInt64(P.Iterations), Next);
    Value *Count =
        Builder.CreateBinaryIntrinsic(Intrinsic::umin, Builder.CreateSub(P.Total, Done), Most);
    PHINode *Iteration = PHINode::Create(Word, 2, "ame.iteration", Header->begin());
    for (auto [G, Start, Place] : zip(P.Groups, P.Starts, P.places())) {
        // The place that a conflict is reported at.
        Builder.SetCurrentDebugLocation(G.Accesses.front().Load->getDebugLoc());
        Value *Copy = Builder.CreateConstInBoundsGEP1_64(Builder.getInt8Ty(), Copies, Place);
        readAhead(Builder, G, Copy, Start, Done, Count);
        useCopy(G, Copy, Iteration, Count);
    }

    // The inner loop ends with the chunk.
    auto *Branch = cast<BranchInst>(Latch->getTerminator());
    Builder.SetInsertPoint(Branch);
    Value *After = Builder.CreateAdd(Iteration, Builder.getInt64(1), "", true, true);
    Iteration->addIncoming(Builder.getInt64(0), Chunk);
    Iteration->addIncoming(After, Latch);
    Branch->setCondition(Builder.CreateICmpEQ(After, Count));
    Branch->setSuccessor(0, Next);
    Branch->setSuccessor(1, Header);
    Branch->setMetadata(LLVMContext::MD_prof, nullptr);

    // What goes around the old loop goes around both.
    auto leaving = [&](Value *V) {
        auto *I = dyn_cast<Instruction>(V);
        if (!I || !L.contains(I))
            return V;
        PHINode *Left = PHINode::Create(V->getType(), 1, "", Next->begin());
        Left->addIncoming(V, Latch);
        return static_cast<Value *>(Left);
    };
    for (PHINode &Carried : Header->phis()) {
        if (&Carried == Iteration)
            continue;
        PHINode *Around = PHINode::Create(Carried.getType(), 2, "", Chunk->begin());
        Around->addIncoming(Carried.getIncomingValueForBlock(Chunk), Before);
        Around->addIncoming(leaving(Carried.getIncomingValueForBlock(Latch)), Next);
        Carried.setIncomingValueForBlock(Chunk, Around);
    }
    for (PHINode &Result : Exit->phis()) {
        int Index = Result.getBasicBlockIndex(Latch);
        Result.setIncomingValue(Index, leaving(Result.getIncomingValue(Index)));
        Result.setIncomingBlock(Index, Next);
    }
    Builder.SetInsertPoint(Next);
    Value *DoneNow = Builder.CreateAdd(Done, Count);
    Builder.CreateCondBr(Builder.CreateICmpEQ(DoneNow, P.Total), Exit, Chunk);
    Done->addIncoming(Builder.getInt64(0), Before);
    Done->addIncoming(DoneNow, Next);
}

std::optional<Plan> LoopReader::plan(Loop &L) {
    SmallVector<Access, 8> Accesses;
    for (LoadInst *Load : findLoads(L))
        if (std::optional<Access> A = describe(L, *Load))
            Accesses.push_back(*A);
    if (Accesses.empty())
        return std::nullopt;
    const SCEV *Last = SE->getBackedgeTakenCount(&L);
    if (isa<SCEVCouldNotCompute>(Last) || SE->getTypeSizeInBits(Last->getType()) > 64)
        return std::nullopt;
    Type *Word = Type::getInt64Ty(Twin.getContext());
    const SCEV *Number = SE->getAddExpr(SE->getNoopOrZeroExtend(Last, Word), SE->getOne(Word));

    Plan P{&L, group(Accesses), {}, nullptr, 0};
    Instruction *Entry = L.getLoopPreheader()->getTerminator();
    SCEVExpander Expander(*SE, Twin.getDataLayout(), "ame");
    if (!Expander.isSafeToExpandAt(Number, Entry))
        return std::nullopt;
    erase_if(P.Groups, [&](const Group &G) {
        return !Expander.isSafeToExpandAt(G.Accesses.front().Start, Entry);
    });
    P.Iterations = roomFor(P.Groups);
    if (auto *Known = dyn_cast<SCEVConstant>(Number))
        P.Iterations = std::min<uint64_t>(P.Iterations, Known->getAPInt().getLimitedValue());
    if (P.Iterations < FewestIterations)
        return std::nullopt;
    P.Total = Expander.expandCodeFor(Number, Word, Entry);
    for (const Group &G : P.Groups)
        P.Starts.push_back(Expander.expandCodeFor(
            G.Accesses.front().Start, PointerType::getUnqual(Twin.getContext()), Entry));
    return P;
}

bool LoopReader::run() {
    SmallVector<Loop *, 8> Candidates;
    for (Loop *L : LI.getLoopsInPreorder())
        if (runsToItsEnd(*L) && !findLoads(*L).empty())
            Candidates.push_back(L);
    if (Candidates.empty())
        return false;
    DT = &FAM.getResult<DominatorTreeAnalysis>(Twin);
    SE = &FAM.getResult<ScalarEvolutionAnalysis>(Twin);
    AA = &FAM.getResult<AAManager>(Twin);
    bool Changed = false;
    for (Loop *L : Candidates)
        if (!L->isLoopSimplifyForm())
            Changed |=
                simplifyLoop(L, DT, &LI, SE, &FAM.getResult<AssumptionAnalysis>(Twin), nullptr,
                             /*PreserveLCSSA=*/false);
    // All plans are made before the first change, after which the analyses don't hold.
    SmallVector<Plan, 8> Plans;
    for (Loop *L : Candidates)
        if (L->isLoopSimplifyForm())
            if (std::optional<Plan> P = plan(*L))
                Plans.push_back(std::move(*P));
    if (Plans.empty())
        return Changed;
    // One loop's copies are of no use any more when the next one begins.
    int64_t Size = 0;
    for (const Plan &P : Plans)
        Size = std::max(Size, P.places().back());
    IRBuilder<> AtEntry(&Twin.getEntryBlock(), Twin.getEntryBlock().begin());
    AllocaInst *Copies =
        AtEntry.CreateAlloca(ArrayType::get(AtEntry.getInt8Ty(), Size), nullptr, "ame.copies");
    Copies->setAlignment(Align(Stripe));
    for (const Plan &P : Plans)
        split(P, Copies);
    return true;
}

// ---- vectors ----

// All that it accesses is the block's own, so that no access will become a barrier.
static bool hasNoBarriers(const Loop &L) {
    bool Accesses = false;
    for (BasicBlock *Block : L.blocks())
        for (Instruction &I : *Block) {
            if (!I.mayReadOrWriteMemory())
                continue;
            const Value *Address = getLoadStorePointerOperand(&I);
            if (!Address || reasonOfAddress(*I.getFunction(), Address) == Reason::Shared)
                return false;
            Accesses = true;
        }
    return Accesses;
}

// In twins vectors are for loops without barriers alone (see Twins.cpp).
static void vectorize(Function &Twin, FunctionAnalysisManager &FAM) {
    bool Any = false;
    for (Loop *L : FAM.getResult<LoopAnalysis>(Twin).getLoopsInPreorder())
        if (L->isInnermost() && hasNoBarriers(*L))
            Any = true;
        else if (L->getLoopLatch())
            addStringMetadataToLoop(L, "llvm.loop.vectorize.enable", 0);
    if (!Any)
        return;
    Twin.removeFnAttr(Attribute::NoImplicitFloat);
    PreservedAnalyses Preserved = LoopVectorizePass().run(Twin, FAM);
    FAM.invalidate(Twin, Preserved);
    Twin.addFnAttr(Attribute::NoImplicitFloat);
}

void readRanges(Function &Twin, FunctionAnalysisManager &FAM, bool Vectorize) {
    if (Twin.hasOptNone() || Twin.hasMinSize() || FAM.getResult<LoopAnalysis>(Twin).empty())
        return;
    if (LoopReader(Twin, FAM).run()) {
        FAM.invalidate(Twin, PreservedAnalyses::none());
        // Conditions and inductions that only led to the addresses.
        FAM.invalidate(Twin, ADCEPass().run(Twin, FAM));
    }
    if (Vectorize && Twin.hasFnAttribute(NoVectorsAttribute))
        vectorize(Twin, FAM);
}

} // namespace ame
