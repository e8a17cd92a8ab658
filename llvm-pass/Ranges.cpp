// Ranges.cpp - loops that walk through shared memory access it in chunks.
//
// A barrier for each word costs many times the load or store. So where it is known, on entry to an
// innermost loop, what a load will read or a store will write in all iterations, the loop becomes
// two: the inner one is the old loop on a copy, a local of the twin, and may be vectorized; the
// outer one copies what the next iterations will read before them, by one barrier, and what they
// have written after them.
//
//     for (i = 0; i < n; i++)             for (done = 0; done < n; done += count)
//         b[i] = 2 * a[i];                    count = min(n - done, most)
//                                             ame_abi_read(copy, a + done, count * sizeof *a)
//                                             for (j = 0; j < count; j++)
//                                                 other[j] = 2 * copy[j];
//                                             ame_abi_write(b + done, other, count * sizeof *b)
//
// What the loop updates, as in a[i] += x, is owned from the first of the two copies on
// (ame_abi_read_for_write, ame_abi_write_back).
//
// The copies are what the barriers of these accesses would have read and written, at a moment at
// which they could have run: all reads of a block are as of one snapshot, and nobody sees what it
// writes before it commits.
//   R1  Nothing is accessed that the loop would not access: all its iterations run to their end,
//       between two loads of a chunk less than a stripe lies, and stores leave no gaps.
//   R2  Nothing in the loop but accesses of the same group, which share a copy, may touch what it
//       writes. What only might, as far as the compiler knows, is compared on entry: where ranges
//       overlap a chunk is one iteration, and all its loads come before all its stores.
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
    Instruction *I;    // a load or a store
    const SCEV *Start; // its address in the first iteration
    int64_t Stride, Size;
    int64_t Offset = 0; // from the lowest address of its group

    bool writes() const { return isa<StoreInst>(I); }
};

// Accesses that keep their distances from each other: one range.
struct Group {
    SmallVector<Access, 4> Accesses; // by their offsets
    int64_t Width;                   // of what one iteration accesses

    int64_t stride() const { return Accesses.front().Stride; }
    int64_t step() const { return std::abs(stride()); }
    int64_t bytes(int64_t Iterations) const { return (Iterations - 1) * step() + Width; }
    bool writes() const {
        return any_of(Accesses, [](const Access &A) { return A.writes(); });
    }
    bool reads() const {
        return any_of(Accesses, [](const Access &A) { return !A.writes(); });
    }
    const Access &firstStore() const {
        return *find_if(Accesses, [](const Access &A) { return A.writes(); });
    }
};
using Groups = SmallVector<Group, 4>;

// Groups, by their numbers, of which the first one writes what the other might access.
using Pair = std::pair<size_t, size_t>;

// What becomes of a loop. The values are there on entry to it; the change of another loop may put
// others in their place.
struct Plan {
    Loop *L;
    ame::Groups Groups;
    SmallVector<Pair, 4> Compared; // on entry: R2
    SmallVector<WeakTrackingVH, 4>
        Starts;           // the lowest address that the first iteration accesses of each
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

// What the iterations of a chunk access of a group.
struct Piece {
    Value *Copy, *Address, *Size;
};

class LoopChunker {
  public:
    LoopChunker(Function &F, FunctionAnalysisManager &FAM)
        : Twin(F), FAM(FAM), LI(FAM.getResult<LoopAnalysis>(F)) {}
    bool run();

  private:
    bool runsToItsEnd(const Loop &L) const;
    SmallVector<Instruction *, 8> findAccesses(const Loop &L) const;
    std::optional<Access> describe(Loop &L, Instruction &I);
    Groups group(ArrayRef<Access> Accesses);
    bool hasGaps(const Group &G) const;
    bool mayTouch(const Access &A, const Instruction &Other);
    bool isDisturbed(const Loop &L, const Group &G, const Groups &All);
    bool isBefore(const Access &A, const Access &B) const;
    bool mayBeCompared(const Group &Writer, const Group &Other) const;
    std::optional<size_t> compare(const Groups &All, SmallVectorImpl<Pair> &Compared);
    void keepUndisturbed(Plan &P);
    std::optional<Plan> plan(Loop &L);
    Value *areApart(IRBuilder<> &Builder, const Plan &P);
    void split(const Plan &P, Value *Copies);
    Piece pieceOf(IRBuilder<> &Builder, const Group &G, Value *Copy, Value *Start, Value *Done,
                  Value *Count);
    void checkAddresses(IRBuilder<> &Builder, const Group &G, const Piece &C);
    void copy(IRBuilder<> &Builder, Barrier B, Value *To, Value *From, Value *Size);
    void useCopy(const Group &G, Value *Copy, Value *Iteration, Value *Count);

    Function &Twin;
    FunctionAnalysisManager &FAM;
    LoopInfo &LI;
    DominatorTree *DT = nullptr;
    ScalarEvolution *SE = nullptr;
    AAResults *AA = nullptr;
};
} // namespace

// ---- what can be accessed in chunks ----

// The only way out is at the end of an iteration.
bool LoopChunker::runsToItsEnd(const Loop &L) const {
    if (!L.isInnermost() || !L.getLoopLatch() || L.getExitingBlock() != L.getLoopLatch() ||
        !L.getExitBlock() || !isa<BranchInst>(L.getLoopLatch()->getTerminator()))
        return false;
    return all_of(L.blocks(), [](const BasicBlock *Block) {
        return isGuaranteedToTransferExecutionToSuccessor(Block);
    });
}

SmallVector<Instruction *, 8> LoopChunker::findAccesses(const Loop &L) const {
    SmallVector<Instruction *, 8> Found;
    for (BasicBlock *Block : L.blocks())
        for (Instruction &I : *Block) {
            const Value *Address = getLoadStorePointerOperand(&I);
            if (!Address || Address->getType()->getPointerAddressSpace() != 0 ||
                L.isLoopInvariant(Address))
                continue;
            auto *Load = dyn_cast<LoadInst>(&I);
            if (Load ? Load->isSimple() && reasonOfRead(I, Address) == Reason::Shared
                     : cast<StoreInst>(I).isSimple() && reasonOfWrite(I, Address) == Reason::Shared)
                Found.push_back(&I);
        }
    return Found;
}

std::optional<Access> LoopChunker::describe(Loop &L, Instruction &I) {
    if (!DT->dominates(I.getParent(), L.getLoopLatch()))
        return std::nullopt;
    TypeSize Size = Twin.getDataLayout().getTypeStoreSize(getLoadStoreType(&I));
    auto *Address = dyn_cast<SCEVAddRecExpr>(SE->getSCEV(getLoadStorePointerOperand(&I)));
    if (Size.isScalable() || !Address || Address->getLoop() != &L || !Address->isAffine())
        return std::nullopt;
    auto *Step = dyn_cast<SCEVConstant>(Address->getStepRecurrence(*SE));
    if (!Step || Step->getAPInt().getSignificantBits() > 32)
        return std::nullopt;
    int64_t Stride = Step->getAPInt().getSExtValue();
    if (std::abs(Stride) > Stripe || Stride == 0 ||
        static_cast<int64_t>(Size.getFixedValue()) > Stripe)
        return std::nullopt;
    return Access{&I, Address->getStart(), Stride, static_cast<int64_t>(Size.getFixedValue())};
}

// Of what is written gaps must stay as they are; and AddressSanitizer must not be asked for bytes
// that the loop does not access.
bool LoopChunker::hasGaps(const Group &G) const {
    bool Writes = G.writes();
    if (!Writes && !Twin.hasFnAttribute(Attribute::SanitizeAddress))
        return false;
    int64_t End = 0;
    for (const Access &A : G.Accesses) {
        if (Writes && !A.writes())
            continue;
        if (A.Offset > End)
            return true;
        End = std::max(End, A.Offset + A.Size);
    }
    return End < G.step() || (Writes && G.Width > G.step());
}

Groups LoopChunker::group(ArrayRef<Access> Accesses) {
    Groups All;
    for (Access A : Accesses) {
        Group *Own = nullptr;
        for (Group &G : All) {
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
            Own = &All.emplace_back();
        Own->Accesses.push_back(A);
    }
    for (Group &G : All) {
        sort(G.Accesses, [](const Access &A, const Access &B) { return A.Offset < B.Offset; });
        int64_t Lowest = G.Accesses.front().Offset, End = 0;
        for (Access &A : G.Accesses) {
            A.Offset -= Lowest;
            End = std::max(End, A.Offset + A.Size);
        }
        G.Width = End;
    }
    erase_if(All, [&](const Group &G) { return hasGaps(G); });
    return All;
}

// ---- R2 ----

// In whatever iterations, so that one of them must not come later, or earlier, than it does.
bool LoopChunker::mayTouch(const Access &A, const Instruction &Other) {
    if (!Other.mayReadOrWriteMemory())
        return false;
    // Where a restricted pointer begins anew in each iteration it says nothing of the others.
    AAMDNodes Tags = A.I->getAAMetadata();
    Tags.Scope = Tags.NoAlias = nullptr;
    auto Walked = MemoryLocation::getBeforeOrAfter(getLoadStorePointerOperand(A.I), Tags);
    ModRefInfo Touched = AA->getModRefInfo(&Other, Walked);
    return A.writes() ? isModOrRefSet(Touched) : isModSet(Touched);
}

// By what does not belong to a group.
bool LoopChunker::isDisturbed(const Loop &L, const Group &G, const Groups &All) {
    auto belongs = [&](const Instruction &I) {
        return any_of(All, [&](const Group &Other) {
            return any_of(Other.Accesses, [&](const Access &A) { return A.I == &I; });
        });
    };
    for (BasicBlock *Block : L.blocks())
        for (Instruction &I : *Block)
            if (any_of(G.Accesses, [&](const Access &A) { return mayTouch(A, I); }) && !belongs(I))
                return true;
    return false;
}

// In an iteration. The blocks of all accesses dominate its end, so one dominates the other.
bool LoopChunker::isBefore(const Access &A, const Access &B) const {
    return DT->dominates(A.I, B.I);
}

// Whether chunks of one iteration do all in the right order: first all loads, then the stores of
// the writer, then those of the other.
bool LoopChunker::mayBeCompared(const Group &Writer, const Group &Other) const {
    for (const Access &A : Writer.Accesses)
        for (const Access &B : Other.Accesses)
            if (A.writes() ? !isBefore(B.writes() ? A : B, B.writes() ? B : A)
                           : B.writes() && !isBefore(A, B))
                return false;
    return true;
}

// Finds which groups are to be compared; or one that can't be helped so.
std::optional<size_t> LoopChunker::compare(const Groups &All, SmallVectorImpl<Pair> &Compared) {
    constexpr size_t Most = 6;
    Compared.clear();
    for (size_t W = 0; W < All.size(); W++)
        for (size_t O = 0; O < All.size(); O++) {
            if (O == W || !All[W].writes() || (O < W && All[O].writes()))
                continue;
            auto meets = [&](const Access &A) {
                return any_of(All[O].Accesses, [&](const Access &B) {
                    return (A.writes() || B.writes()) && mayTouch(A, *B.I);
                });
            };
            if (!any_of(All[W].Accesses, meets))
                continue;
            if (!mayBeCompared(All[W], All[O]) || Compared.size() == Most)
                return W;
            Compared.push_back({W, O});
        }
    return std::nullopt;
}

// Each group that goes leaves accesses behind that may disturb others.
void LoopChunker::keepUndisturbed(Plan &P) {
    for (bool Changed = true; Changed;) {
        auto *Disturbed =
            find_if(P.Groups, [&](const Group &G) { return isDisturbed(*P.L, G, P.Groups); });
        Changed = Disturbed != P.Groups.end();
        if (Changed) {
            P.Groups.erase(Disturbed);
        } else if (std::optional<size_t> Worst = compare(P.Groups, P.Compared)) {
            P.Groups.erase(P.Groups.begin() + *Worst);
            Changed = true;
        }
    }
}

// As many iterations as the copies of all groups have room for.
static int64_t roomFor(const Groups &All) {
    int64_t Steps = 0, Room = CopyBytes;
    for (const Group &G : All) {
        Steps += G.step();
        Room -= G.Width - G.step();
    }
    return Steps ? Room / Steps : 0;
}

// ---- the change ----

// What `Count` iterations access, from the one after `Done` others on.
Piece LoopChunker::pieceOf(IRBuilder<> &Builder, const Group &G, Value *Copy, Value *Start,
                           Value *Done, Value *Count) {
    Value *Others = Builder.CreateSub(Count, Builder.getInt64(1));
    // Backwards, the last iteration accesses the lowest address.
    Value *Lowest = G.stride() < 0 ? Builder.CreateAdd(Done, Others) : Done;
    Value *Address =
        Builder.CreatePtrAdd(Start, Builder.CreateMul(Lowest, Builder.getInt64(G.stride())));
    Value *Size = Builder.CreateAdd(Builder.CreateMul(Others, Builder.getInt64(G.step())),
                                    Builder.getInt64(G.Width));
    return {Copy, Address, Size};
}

void LoopChunker::checkAddresses(IRBuilder<> &Builder, const Group &G, const Piece &C) {
    if (!Twin.hasFnAttribute(Attribute::SanitizeAddress))
        return;
    Type *Word = Builder.getInt64Ty();
    FunctionCallee Check = Twin.getParent()->getOrInsertFunction(
        G.writes() ? "__asan_storeN" : "__asan_loadN", Builder.getVoidTy(), Word, Word);
    Builder.CreateCall(Check, {Builder.CreatePtrToInt(C.Address, Word), C.Size});
}

void LoopChunker::copy(IRBuilder<> &Builder, Barrier B, Value *To, Value *From, Value *Size) {
    CallInst *Call = Builder.CreateCall(barrierFunction(*Twin.getParent(), B), {To, From, Size});
    Call->setTailCallKind(CallInst::TCK_NoTail);
    Call->addParamAttr(0, Attribute::NoCapture);
    Call->addParamAttr(1, Attribute::NoCapture);
}

void LoopChunker::useCopy(const Group &G, Value *Copy, Value *Iteration, Value *Count) {
    for (const Access &A : G.Accesses) {
        IRBuilder<> Builder(A.I);
        Value *Number = Iteration;
        if (A.Stride < 0)
            Number = Builder.CreateSub(Builder.CreateSub(Count, Builder.getInt64(1)), Iteration, "",
                                       /*HasNUW=*/true, /*HasNSW=*/true);
        Value *Offset = Builder.CreateMul(Number, Builder.getInt64(G.step()), "", true, true);
        Offset = Builder.CreateAdd(Offset, Builder.getInt64(A.Offset), "", true, true);
        Value *Address = Builder.CreateInBoundsPtrAdd(Copy, Offset);
        Align Alignment(MinAlign(static_cast<uint64_t>(G.step() | A.Offset | Stripe), Stripe));
        if (A.writes()) {
            Builder.CreateAlignedStore(cast<StoreInst>(A.I)->getValueOperand(), Address, Alignment);
        } else {
            auto *Load = Builder.CreateAlignedLoad(A.I->getType(), Address, Alignment);
            Load->takeName(A.I);
            A.I->replaceAllUsesWith(Load);
        }
        A.I->eraseFromParent();
    }
}

// Whether chunks may be of more than one iteration (R2), or NULL if they may in any case.
Value *LoopChunker::areApart(IRBuilder<> &Builder, const Plan &P) {
    Type *Word = Builder.getInt64Ty();
    auto range = [&](size_t Number) { // of all iterations
        Piece All = pieceOf(Builder, P.Groups[Number], nullptr, P.Starts[Number],
                            Builder.getInt64(0), P.Total);
        Value *Begin = Builder.CreatePtrToInt(All.Address, Word);
        return std::pair(Begin, Builder.CreateAdd(Begin, All.Size));
    };
    Value *Apart = nullptr;
    for (auto [W, O] : P.Compared) {
        const Group &Writer = P.Groups[W], &Other = P.Groups[O];
        auto [Begin, End] = range(W);
        auto [OtherBegin, OtherEnd] = range(O);
        Value *These = Builder.CreateOr(Builder.CreateICmpULE(End, OtherBegin),
                                        Builder.CreateICmpULE(OtherEnd, Begin));
        // What is read only before it is written is not in the way: a store of an iteration then
        // ends where, or before, the loads of later ones begin.
        if (!Other.writes() && Writer.stride() == Other.stride())
            These = Builder.CreateOr(These, Writer.stride() > 0
                                                ? Builder.CreateICmpULE(Begin, OtherBegin)
                                                : Builder.CreateICmpULE(OtherEnd, End));
        Apart = Apart ? Builder.CreateAnd(Apart, These) : These;
    }
    return Apart;
}

// The iterations of the first chunk. Where there is one range, whose chunks are as large as what
// the runtime copies at once (a group, see runtime/stm/range.c), it ends where such a group does:
// so all others are one.
static Value *firstChunk(const Plan &P, BasicBlock &Before) {
    IRBuilder<> Builder(Before.getTerminator());
    const Group &G = P.Groups.front();
    if (P.Groups.size() > 1 || !G.reads() || G.stride() < 0 || P.Iterations * G.step() != CopyBytes)
        return Builder.getInt64(P.Iterations);
    Value *Start = Builder.CreatePtrToInt(P.Starts.front(), Builder.getInt64Ty());
    Value *Rest = Builder.CreateSub(Builder.getInt64(CopyBytes),
                                    Builder.CreateAnd(Start, Builder.getInt64(CopyBytes - 1)));
    return Builder.CreateUDiv(Builder.CreateAdd(Rest, Builder.getInt64(G.step() - 1)),
                              Builder.getInt64(G.step()));
}

void LoopChunker::split(const Plan &P, Value *Copies) {
    Loop &L = *P.L;
    BasicBlock *Before = L.getLoopPreheader(), *Header = L.getHeader(), *Latch = L.getLoopLatch(),
               *Exit = L.getExitBlock();
    LLVMContext &Context = Twin.getContext();
    Type *Word = Type::getInt64Ty(Context);
    BasicBlock *Chunk = SplitEdge(Before, Header, nullptr, nullptr, nullptr, "ame.chunk");
    BasicBlock *Next = BasicBlock::Create(Context, "ame.chunk.done", &Twin, Exit);
    DebugLoc Where = P.Groups.front().Accesses.front().I->getDebugLoc();

    // The number of iterations in this chunk, and its copies.
    IRBuilder<> Builder(Before->getTerminator());
    Builder.SetCurrentDebugLocation(Where);
    Value *First = firstChunk(P, *Before), *Most = Builder.getInt64(P.Iterations);
    if (Value *Apart = areApart(Builder, P)) {
        bool Same = First == Most;
        Most = Builder.CreateSelect(Apart, Most, Builder.getInt64(1));
        First = Same ? Most : Builder.CreateSelect(Apart, First, Builder.getInt64(1));
    }
    Builder.SetInsertPoint(Chunk->getTerminator());
    PHINode *Done = PHINode::Create(Word, 2, "ame.done", Chunk->begin());
    PHINode *AtMost = PHINode::Create(Word, 2, "ame.most", Chunk->begin());
    AtMost->addIncoming(First, Before);
    AtMost->addIncoming(Most, Next);
    Value *Count =
        Builder.CreateBinaryIntrinsic(Intrinsic::umin, Builder.CreateSub(P.Total, Done), AtMost);
    PHINode *Iteration = PHINode::Create(Word, 2, "ame.iteration", Header->begin());
    // All that is read is read before anything is written back.
    IRBuilder<> AtEnd(Next);
    for (auto [G, Start, Place] : zip(P.Groups, P.Starts, P.places())) {
        // The place that a conflict is reported at.
        Builder.SetCurrentDebugLocation(G.Accesses.front().I->getDebugLoc());
        Value *Copy = Builder.CreateConstInBoundsGEP1_64(Builder.getInt8Ty(), Copies, Place);
        Piece C = pieceOf(Builder, G, Copy, Start, Done, Count);
        checkAddresses(Builder, G, C);
        if (G.reads())
            copy(Builder, G.writes() ? Barrier::ame_abi_read_for_write : Barrier::ame_abi_read,
                 C.Copy, C.Address, C.Size);
        if (G.writes()) {
            AtEnd.SetCurrentDebugLocation(G.firstStore().I->getDebugLoc());
            copy(AtEnd, G.reads() ? Barrier::ame_abi_write_back : Barrier::ame_abi_write, C.Address,
                 C.Copy, C.Size);
        }
    }
    for (auto [G, Place] : zip(P.Groups, P.places()))
        useCopy(G, Builder.CreateConstInBoundsGEP1_64(Builder.getInt8Ty(), Copies, Place),
                Iteration, Count);

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
    AtEnd.SetCurrentDebugLocation(Where);
    Value *DoneNow = AtEnd.CreateAdd(Done, Count);
    AtEnd.CreateCondBr(AtEnd.CreateICmpEQ(DoneNow, P.Total), Exit, Chunk);
    Done->addIncoming(Builder.getInt64(0), Before);
    Done->addIncoming(DoneNow, Next);
}

std::optional<Plan> LoopChunker::plan(Loop &L) {
    SmallVector<Access, 8> Accesses;
    for (Instruction *I : findAccesses(L))
        if (std::optional<Access> A = describe(L, *I))
            Accesses.push_back(*A);
    if (Accesses.empty())
        return std::nullopt;
    const SCEV *Last = SE->getBackedgeTakenCount(&L);
    if (isa<SCEVCouldNotCompute>(Last) || SE->getTypeSizeInBits(Last->getType()) > 64)
        return std::nullopt;
    Type *Word = Type::getInt64Ty(Twin.getContext());
    const SCEV *Number = SE->getAddExpr(SE->getNoopOrZeroExtend(Last, Word), SE->getOne(Word));

    Plan P{&L, group(Accesses), {}, {}, nullptr, 0};
    Instruction *Entry = L.getLoopPreheader()->getTerminator();
    SCEVExpander Expander(*SE, Twin.getDataLayout(), "ame");
    if (!Expander.isSafeToExpandAt(Number, Entry))
        return std::nullopt;
    erase_if(P.Groups, [&](const Group &G) {
        return !Expander.isSafeToExpandAt(G.Accesses.front().Start, Entry);
    });
    keepUndisturbed(P);
    // The last groups go where the copies of all leave too few iterations to a chunk.
    while (P.Groups.size() > 1 && roomFor(P.Groups) < FewestIterations) {
        P.Groups.pop_back();
        keepUndisturbed(P);
    }
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

bool LoopChunker::run() {
    SmallVector<Loop *, 8> Candidates;
    for (Loop *L : LI.getLoopsInPreorder())
        if (runsToItsEnd(*L) && !findAccesses(*L).empty())
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

void walkInChunks(Function &Twin, FunctionAnalysisManager &FAM, bool Vectorize) {
    if (Twin.hasOptNone() || Twin.hasMinSize() || FAM.getResult<LoopAnalysis>(Twin).empty())
        return;
    if (LoopChunker(Twin, FAM).run()) {
        FAM.invalidate(Twin, PreservedAnalyses::none());
        // Conditions and inductions that only led to the addresses.
        FAM.invalidate(Twin, ADCEPass().run(Twin, FAM));
    }
    if (Vectorize && Twin.hasFnAttribute(NoVectorsAttribute))
        vectorize(Twin, FAM);
}

} // namespace ame
