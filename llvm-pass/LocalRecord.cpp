#include "LocalRecord.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace ame {

// Where in the record of that type an address is; the number of members: not in it.
static unsigned memberAt(const Value *Address, const Value *Record, StructType *Members,
                         const DataLayout &Layout) {
    APInt Offset(Layout.getIndexTypeSizeInBits(Address->getType()), 0);
    const Value *Base = Address->stripAndAccumulateConstantOffsets(Layout, Offset, true);
    if (Base != Record || Offset.uge(Layout.getTypeAllocSize(Members)))
        return Members->getNumElements();
    return Layout.getStructLayout(Members)->getElementContainingOffset(Offset.getZExtValue());
}

// By loads and stores at places that are known.
static bool isAccessedByMember(const Value *Address) {
    return all_of(Address->users(), [&](const User *U) {
        if (auto *Store = dyn_cast<StoreInst>(U))
            return Store->getValueOperand() != Address;
        auto *Member = dyn_cast<GetElementPtrInst>(U);
        return isa<LoadInst>(U) ||
               (Member && Member->hasAllConstantIndices() && isAccessedByMember(Member));
    });
}

LocalRecord::LocalRecord(CallInst &Run, const Function &Body)
    : Record(Run.getArgOperand(1)), Local(Record) {
    auto *Alloca = dyn_cast<AllocaInst>(Record);
    auto *Type = Alloca ? dyn_cast<StructType>(Alloca->getAllocatedType()) : nullptr;
    if (!Type || !isAccessedByMember(Body.getArg(0)))
        return;
    Members = Type;
    BasicBlock &Entry = Run.getFunction()->getEntryBlock();
    Local = IRBuilder<>(&Entry, Entry.begin()).CreateAlloca(Members, nullptr, "ame.local_record");
    // Inputs come first, and are not written (Record.h).
    const DataLayout &Layout = Body.getParent()->getDataLayout();
    Results = Members->getNumElements();
    for (const Instruction &I : instructions(Body))
        if (auto *Store = dyn_cast<StoreInst>(&I))
            Results = std::min(
                Results, memberAt(Store->getPointerOperand(), Body.getArg(0), Members, Layout));
}

void LocalRecord::copy(IRBuilder<> &Builder, Value *From, Value *To, unsigned Index) {
    LoadInst *Value = Builder.CreateLoad(Members->getElementType(Index),
                                         Builder.CreateStructGEP(Members, From, Index));
    Builder.CreateStore(Value, Builder.CreateStructGEP(Members, To, Index));
}

void LocalRecord::copyInputs(IRBuilder<> &Builder) {
    for (unsigned Index = 0; Index < Results; Index++)
        copy(Builder, Record, Local, Index);
}

void LocalRecord::copyResults(IRBuilder<> &Builder, Value *From, Value *To) {
    for (unsigned Index = Results; Members && Index < Members->getNumElements(); Index++)
        copy(Builder, From, To, Index);
}

void LocalRecord::redirectLoads(Instruction *First) {
    if (!Members)
        return;
    const DataLayout &Layout = First->getModule()->getDataLayout();
    for (Instruction *I = First; I && !I->mayWriteToMemory(); I = I->getNextNode()) {
        auto *Load = dyn_cast<LoadInst>(I);
        unsigned Index = Members->getNumElements();
        if (Load)
            Index = memberAt(Load->getPointerOperand(), Record, Members, Layout);
        if (Index < Results || Index == Members->getNumElements() ||
            Load->getType() != Members->getElementType(Index))
            continue;
        IRBuilder<> Builder(Load);
        Load->setOperand(0, Builder.CreateStructGEP(Members, Local, Index));
    }
}

} // namespace ame
