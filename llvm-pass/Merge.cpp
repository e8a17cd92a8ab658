#include "Merge.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace ame {

namespace {
struct Access {
    Instruction *I;
    int64_t Offset;
    unsigned Size;
    unsigned Order; // in the block
};
using Group = SmallVector<Access, 4>;

// The accesses of one basic block, by the address that they are at fixed distances from.
class BlockMerger {
  public:
    BlockMerger(const DataLayout &L, Counts &C) : Layout(L), Tally(C) {}
    void run(BasicBlock &Block);

  private:
    bool describe(Instruction &I, Value *&Base, Access &Result) const;
    bool overlaps(const MapVector<Value *, Group> &Groups, Value *Base, const Access &New) const;
    void flush(MapVector<Value *, Group> &Groups);
    void mergeRuns(Value *Base, Group &Accesses);
    void mergeLoads(Value *Base, ArrayRef<Access> Run, unsigned Size);
    void mergeStores(Value *Base, ArrayRef<Access> Run, unsigned Size);
    Value *addressOf(IRBuilder<> &Builder, Value *Base, int64_t Offset);

    const DataLayout &Layout;
    Counts &Tally;
    MapVector<Value *, Group> Loads, Stores;
};
} // namespace

// Whether a barrier of its own size would do the access.
bool BlockMerger::describe(Instruction &I, Value *&Base, Access &Result) const {
    Value *Address = getLoadStorePointerOperand(&I);
    Type *T = Address ? getLoadStoreType(&I) : nullptr;
    if (!T || I.isAtomic() || I.isVolatile())
        return false;
    if (!T->isIntegerTy() && !T->isPointerTy() && !T->isFloatTy() && !T->isDoubleTy())
        return false;
    if (Address->getType()->getPointerAddressSpace() != 0)
        return false;
    uint64_t Bits = Layout.getTypeSizeInBits(T);
    if (Bits != 8 && Bits != 16 && Bits != 32) // a whole word has no room for a neighbour
        return false;
    if ((isa<LoadInst>(I) ? reasonOfRead(I, Address) : reasonOfWrite(I, Address)) != Reason::Shared)
        return false;
    Result = {&I, 0, static_cast<unsigned>(Bits / 8), 0};
    Base = GetPointerBaseWithConstantOffset(Address, Result.Offset, Layout);
    return true;
}

bool BlockMerger::overlaps(const MapVector<Value *, Group> &Groups, Value *Base,
                           const Access &New) const {
    auto Found = Groups.find(Base);
    return Found != Groups.end() && any_of(Found->second, [&](const Access &Old) {
               return Old.Offset < New.Offset + New.Size && New.Offset < Old.Offset + Old.Size;
           });
}

void BlockMerger::run(BasicBlock &Block) {
    unsigned Order = 0;
    for (Instruction &I : make_early_inc_range(Block)) {
        Value *Base;
        Access New;
        if (describe(I, Base, New)) {
            New.Order = Order++;
            auto &Own = isa<LoadInst>(I) ? Loads : Stores;
            auto &Other = isa<LoadInst>(I) ? Stores : Loads;
            // Nothing may move across an access that could be of the same bytes: what has another
            // base could be.
            if (!Other.empty() &&
                (Other.size() > 1 || Other.front().first != Base || overlaps(Other, Base, New)))
                flush(Other);
            if (overlaps(Own, Base, New) ||
                (isa<StoreInst>(I) && !Own.empty() && Own.front().first != Base))
                flush(Own);
            Own[Base].push_back(New);
            continue;
        }
        if (I.mayHaveSideEffects() || !isGuaranteedToTransferExecutionToSuccessor(&I))
            flush(Loads);
        if (I.mayReadOrWriteMemory() || !isGuaranteedToTransferExecutionToSuccessor(&I))
            flush(Stores);
    }
    flush(Loads);
    flush(Stores);
}

void BlockMerger::flush(MapVector<Value *, Group> &Groups) {
    for (auto &[Base, Accesses] : Groups)
        mergeRuns(Base, Accesses);
    Groups.clear();
}

// Takes, from each access on, as many neighbours as make up a size that a barrier has, at an
// address that is a multiple of it: so the barrier looks at one record.
void BlockMerger::mergeRuns(Value *Base, Group &Accesses) {
    sort(Accesses, [](const Access &A, const Access &B) { return A.Offset < B.Offset; });
    for (size_t First = 0; First < Accesses.size();) {
        size_t Count = 1, Best = 1;
        unsigned Size = Accesses[First].Size, BestSize = Size;
        uint64_t Alignment = getLoadStoreAlignment(Accesses[First].I).value();
        while (First + Count < Accesses.size() &&
               Accesses[First + Count].Offset == Accesses[First].Offset + Size && Size < 8) {
            Size += Accesses[First + Count++].Size;
            if (isPowerOf2_32(Size) && Size <= 8 && Size <= Alignment) {
                Best = Count;
                BestSize = Size;
            }
        }
        if (Best > 1) {
            ArrayRef<Access> Run(&Accesses[First], Best);
            if (isa<LoadInst>(Run.front().I))
                mergeLoads(Base, Run, BestSize);
            else
                mergeStores(Base, Run, BestSize);
            for (size_t Merged = 1; Merged < Best; Merged++)
                Tally.leaveOut(Reason::Merged);
        }
        First += Best;
    }
}

Value *BlockMerger::addressOf(IRBuilder<> &Builder, Value *Base, int64_t Offset) {
    return Builder.CreatePtrAdd(Base, Builder.getInt64(Offset));
}

void BlockMerger::mergeLoads(Value *Base, ArrayRef<Access> Run, unsigned Size) {
    const Access &Earliest = *std::min_element(
        Run.begin(), Run.end(), [](const Access &A, const Access &B) { return A.Order < B.Order; });
    IRBuilder<> Builder(Earliest.I);
    LoadInst *Wide = Builder.CreateAlignedLoad(Builder.getIntNTy(Size * 8),
                                               addressOf(Builder, Base, Run.front().Offset),
                                               getLoadStoreAlignment(Run.front().I), "ame.merged");
    for (const Access &Part : Run) {
        Value *Piece = Builder.CreateLShr(Wide, (Part.Offset - Run.front().Offset) * 8);
        Piece = Builder.CreateTrunc(Piece, Builder.getIntNTy(Part.Size * 8));
        Part.I->replaceAllUsesWith(Builder.CreateBitOrPointerCast(Piece, Part.I->getType()));
    }
    for (const Access &Part : Run)
        Part.I->eraseFromParent();
}

void BlockMerger::mergeStores(Value *Base, ArrayRef<Access> Run, unsigned Size) {
    const Access &Latest = *std::max_element(
        Run.begin(), Run.end(), [](const Access &A, const Access &B) { return A.Order < B.Order; });
    IRBuilder<> Builder(Latest.I);
    Type *WideType = Builder.getIntNTy(Size * 8);
    Value *Wide = ConstantInt::get(WideType, 0);
    for (const Access &Part : Run) {
        Value *Piece = Builder.CreateBitOrPointerCast(cast<StoreInst>(Part.I)->getValueOperand(),
                                                      Builder.getIntNTy(Part.Size * 8));
        Piece = Builder.CreateShl(Builder.CreateZExt(Piece, WideType),
                                  (Part.Offset - Run.front().Offset) * 8);
        Wide = Builder.CreateOr(Wide, Piece);
    }
    Builder.CreateAlignedStore(Wide, addressOf(Builder, Base, Run.front().Offset),
                               getLoadStoreAlignment(Run.front().I));
    for (const Access &Part : Run)
        Part.I->eraseFromParent();
}

void mergeNeighbours(Function &Twin, Counts &Tally) {
    // At -O0 a debugger wants every access where it stands.
    if (Twin.hasOptNone())
        return;
    for (BasicBlock &Block : Twin)
        BlockMerger(Twin.getDataLayout(), Tally).run(Block);
}

} // namespace ame
