// Ranges.cpp - which loops can access shared memory in chunks (Chunks.cpp), and how.
//   R1  Nothing is accessed that the loop would not access: all its iterations run to their end,
//       between two loads of a chunk less than a stripe lies, and stores leave no gaps.
//   R2  Nothing in the loop but accesses of the same group, which share a copy, may touch what it
//       writes. What only might, as far as the compiler knows, is compared on entry: where ranges
//       overlap a chunk is one iteration, and all its loads come before all its stores.
#include "Ranges.h"
#include "Elide.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace ame {

namespace {
// Fewer iterations than this in a chunk are not worth the call.
constexpr int64_t FewestIterations = 8;

class Planner {
  public:
    Planner(Function &F, FunctionAnalysisManager &FAM)
        : Twin(F), FAM(FAM), LI(FAM.getResult<LoopAnalysis>(F)) {}
    SmallVector<Plan, 8> run(bool &Changed);

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

    Function &Twin;
    FunctionAnalysisManager &FAM;
    LoopInfo &LI;
    DominatorTree *DT = nullptr;
    ScalarEvolution *SE = nullptr;
    AAResults *AA = nullptr;
};
} // namespace

// ---- R1 ----

// The only way out is at the end of an iteration.
bool Planner::runsToItsEnd(const Loop &L) const {
    if (!L.isInnermost() || !L.getLoopLatch() || L.getExitingBlock() != L.getLoopLatch() ||
        !L.getExitBlock() || !isa<BranchInst>(L.getLoopLatch()->getTerminator()))
        return false;
    return all_of(L.blocks(), [](const BasicBlock *Block) {
        return isGuaranteedToTransferExecutionToSuccessor(Block);
    });
}

SmallVector<Instruction *, 8> Planner::findAccesses(const Loop &L) const {
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

std::optional<Access> Planner::describe(Loop &L, Instruction &I) {
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

// Whether the accesses, or the stores among them, leave gaps: in an iteration, whose bytes are
// `Width` from `Begin` on, or from one to the next.
static bool leaveGaps(const Group &G, int64_t Begin, int64_t Width, bool StoresOnly) {
    int64_t End = Begin;
    for (const Access &A : G.Accesses) {
        if (StoresOnly && !A.writes())
            continue;
        if (A.Offset > End)
            return true;
        End = std::max(End, A.Offset + A.Size);
    }
    return Width < G.step();
}

// Of what is written gaps must stay as they are; and AddressSanitizer must not be asked for bytes
// that the loop does not access.
bool Planner::hasGaps(const Group &G) const {
    return (G.writes() && leaveGaps(G, G.Written, G.WrittenWidth, /*StoresOnly=*/true)) ||
           (Twin.hasFnAttribute(Attribute::SanitizeAddress) &&
            leaveGaps(G, 0, G.Width, /*StoresOnly=*/false));
}

Groups Planner::group(ArrayRef<Access> Accesses) {
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
        int64_t Lowest = G.Accesses.front().Offset;
        for (Access &A : G.Accesses) {
            A.Offset -= Lowest;
            G.Width = std::max(G.Width, A.Offset + A.Size);
            if (!A.writes())
                continue;
            if (!G.writes())
                G.Written = A.Offset;
            G.WrittenWidth = std::max(G.WrittenWidth, A.Offset + A.Size - G.Written);
        }
    }
    erase_if(All, [&](const Group &G) { return hasGaps(G); });
    return All;
}

// ---- R2 ----

// In whatever iterations, so that one of them must not come later, or earlier, than it does.
bool Planner::mayTouch(const Access &A, const Instruction &Other) {
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
bool Planner::isDisturbed(const Loop &L, const Group &G, const Groups &All) {
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
bool Planner::isBefore(const Access &A, const Access &B) const {
    return DT->dominates(A.I, B.I);
}

// Whether chunks of one iteration do all in the right order: first all loads, then the stores of
// the writer, then those of the other.
bool Planner::mayBeCompared(const Group &Writer, const Group &Other) const {
    for (const Access &A : Writer.Accesses)
        for (const Access &B : Other.Accesses)
            if (A.writes() ? !isBefore(B.writes() ? A : B, B.writes() ? B : A)
                           : B.writes() && !isBefore(A, B))
                return false;
    return true;
}

// Finds which groups are to be compared; or one that can't be helped so.
std::optional<size_t> Planner::compare(const Groups &All, SmallVectorImpl<Pair> &Compared) {
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
void Planner::keepUndisturbed(Plan &P) {
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

// ---- plans ----

std::optional<Plan> Planner::plan(Loop &L) {
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

SmallVector<Plan, 8> Planner::run(bool &Changed) {
    SmallVector<Loop *, 8> Candidates;
    for (Loop *L : LI.getLoopsInPreorder())
        if (runsToItsEnd(*L) && !findAccesses(*L).empty())
            Candidates.push_back(L);
    if (Candidates.empty())
        return {};
    DT = &FAM.getResult<DominatorTreeAnalysis>(Twin);
    SE = &FAM.getResult<ScalarEvolutionAnalysis>(Twin);
    AA = &FAM.getResult<AAManager>(Twin);
    for (Loop *L : Candidates)
        if (!L->isLoopSimplifyForm())
            Changed |=
                simplifyLoop(L, DT, &LI, SE, &FAM.getResult<AssumptionAnalysis>(Twin), nullptr,
                             /*PreserveLCSSA=*/false);
    SmallVector<Plan, 8> Plans;
    for (Loop *L : Candidates)
        if (L->isLoopSimplifyForm())
            if (std::optional<Plan> P = plan(*L))
                Plans.push_back(std::move(*P));
    return Plans;
}

SmallVector<Plan, 8> planChunks(Function &Twin, FunctionAnalysisManager &FAM, bool &Changed) {
    return Planner(Twin, FAM).run(Changed);
}

} // namespace ame
