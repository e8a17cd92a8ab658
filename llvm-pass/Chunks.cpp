// Chunks.cpp - loops that walk through shared memory access it in chunks.
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
//
// Ranges.cpp says where that is so (R1), and what is compared on entry to the loop (R2).
#include "Abi.h"
#include "Elide.h"
#include "Names.h"
#include "Ranges.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Vectorize/LoopVectorize.h"

using namespace llvm;

namespace ame {

namespace {
// What some iterations access of a range.
struct Piece {
    Value *Address, *Size;
};

// Of the loops of one twin.
class Chunker {
  public:
    explicit Chunker(Function &F) : Twin(F) {}
    void run(ArrayRef<Plan> Plans);

  private:
    void split(const Plan &P, Value *Copies);
    void moveChunk(IRBuilder<> &AtBegin, IRBuilder<> &AtEnd, const Group &G, Value *Copy,
                   Value *Start, Value *Done, Value *Count);
    void checkAddresses(IRBuilder<> &Builder, const Group &G, const Piece &C);
    void copy(IRBuilder<> &Builder, Barrier B, Value *To, Value *From, Value *Size);

    Function &Twin;
};
} // namespace

// What `Count` iterations access, from the one after `Done` others on: of each `Width` bytes, the
// first one from `Start` on.
static Piece pieceOf(IRBuilder<> &Builder, const Group &G, Value *Start, int64_t Width, Value *Done,
                     Value *Count) {
    Value *Others = Builder.CreateSub(Count, Builder.getInt64(1));
    // Backwards, the last iteration accesses the lowest address.
    Value *Lowest = G.stride() < 0 ? Builder.CreateAdd(Done, Others) : Done;
    Value *Address =
        Builder.CreatePtrAdd(Start, Builder.CreateMul(Lowest, Builder.getInt64(G.stride())));
    Value *Size = Builder.CreateAdd(Builder.CreateMul(Others, Builder.getInt64(G.step())),
                                    Builder.getInt64(Width));
    return {Address, Size};
}

void Chunker::checkAddresses(IRBuilder<> &Builder, const Group &G, const Piece &C) {
    if (!Twin.hasFnAttribute(Attribute::SanitizeAddress))
        return;
    Type *Word = Builder.getInt64Ty();
    FunctionCallee Check = Twin.getParent()->getOrInsertFunction(
        G.writes() ? "__asan_storeN" : "__asan_loadN", Builder.getVoidTy(), Word, Word);
    Builder.CreateCall(Check, {Builder.CreatePtrToInt(C.Address, Word), C.Size});
}

void Chunker::copy(IRBuilder<> &Builder, Barrier B, Value *To, Value *From, Value *Size) {
    CallInst *Call = Builder.CreateCall(barrierFunction(*Twin.getParent(), B), {To, From, Size});
    Call->setTailCallKind(CallInst::TCK_NoTail);
    Call->addParamAttr(0, Attribute::NoCapture);
    Call->addParamAttr(1, Attribute::NoCapture);
}

static void useCopy(const Group &G, Value *Copy, Value *Iteration, Value *Count) {
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

// Whether all is read before it is written: each store of an iteration ends where the loads of
// later ones begin, or before that; or backwards, begins where those end. Both go the same way.
static Value *isReadBefore(IRBuilder<> &Builder, const Group &Writer, Value *Written,
                           const Group &Reader, Value *Read) {
    Type *Word = Builder.getInt64Ty();
    auto at = [&](Value *Start, int64_t Offset) {
        return Builder.CreateAdd(Builder.CreatePtrToInt(Start, Word), Builder.getInt64(Offset));
    };
    if (Writer.stride() > 0)
        return Builder.CreateICmpULE(
            at(Written, Writer.Written + Writer.WrittenWidth - Writer.step()), at(Read, 0));
    return Builder.CreateICmpULE(at(Read, Reader.Width - Reader.step()),
                                 at(Written, Writer.Written));
}

// Whether chunks may be of more than one iteration (R2), or NULL if they may in any case.
static Value *areApart(IRBuilder<> &Builder, const Plan &P) {
    Type *Word = Builder.getInt64Ty();
    auto range = [&](size_t Number) { // of all iterations
        Piece All = pieceOf(Builder, P.Groups[Number], P.Starts[Number], P.Groups[Number].Width,
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
        if (!Other.writes() && Writer.stride() == Other.stride())
            These = Builder.CreateOr(
                These, isReadBefore(Builder, Writer, P.Starts[W], Other, P.Starts[O]));
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

// To the copy, and what is written from there. The places are those that conflicts are reported at.
void Chunker::moveChunk(IRBuilder<> &AtBegin, IRBuilder<> &AtEnd, const Group &G, Value *Copy,
                        Value *Start, Value *Done, Value *Count) {
    AtBegin.SetCurrentDebugLocation(G.Accesses.front().I->getDebugLoc());
    Piece All = pieceOf(AtBegin, G, Start, G.Width, Done, Count), Written = All;
    checkAddresses(AtBegin, G, All);
    if (G.reads())
        copy(AtBegin, G.updates() ? Barrier::ame_abi_read_for_write : Barrier::ame_abi_read, Copy,
             All.Address, All.Size);
    if (!G.writes())
        return;
    if (G.WrittenWidth < G.Width) {
        Type *Byte = AtBegin.getInt8Ty();
        Value *First = AtBegin.CreateConstGEP1_64(Byte, Start, G.Written);
        Written = pieceOf(AtBegin, G, First, G.WrittenWidth, Done, Count);
        Copy = AtBegin.CreateConstInBoundsGEP1_64(Byte, Copy, G.Written);
    }
    AtEnd.SetCurrentDebugLocation(G.firstStore().I->getDebugLoc());
    copy(AtEnd, G.updates() ? Barrier::ame_abi_write_back : Barrier::ame_abi_write, Written.Address,
         Copy, Written.Size);
}

void Chunker::split(const Plan &P, Value *Copies) {
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
        Value *Copy = Builder.CreateConstInBoundsGEP1_64(Builder.getInt8Ty(), Copies, Place);
        moveChunk(Builder, AtEnd, G, Copy, Start, Done, Count);
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
    AtEnd.SetCurrentDebugLocation(Where);
    Value *DoneNow = AtEnd.CreateAdd(Done, Count);
    AtEnd.CreateCondBr(AtEnd.CreateICmpEQ(DoneNow, P.Total), Exit, Chunk);
    Done->addIncoming(Builder.getInt64(0), Before);
    Done->addIncoming(DoneNow, Next);
}

void Chunker::run(ArrayRef<Plan> Plans) {
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
    bool Changed = false;
    SmallVector<Plan, 8> Plans = planChunks(Twin, FAM, Changed);
    if (!Plans.empty())
        Chunker(Twin).run(Plans);
    if (Changed || !Plans.empty()) {
        FAM.invalidate(Twin, PreservedAnalyses::none());
        // Conditions and inductions that only led to the addresses.
        FAM.invalidate(Twin, ADCEPass().run(Twin, FAM));
    }
    if (Vectorize && Twin.hasFnAttribute(NoVectorsAttribute))
        vectorize(Twin, FAM);
}

} // namespace ame
