#include "Lower.h"
#include "Abi.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/SROA.h"

using namespace llvm;

namespace ame {

void promoteLocals(Function &F, FunctionAnalysisManager &FAM) {
    FAM.invalidate(F, PreservedAnalyses::none());
    // Run directly, since a pass manager would skip functions that are optnone.
    SROAPass(SROAOptions::PreserveCFG).run(F, FAM);
    FAM.invalidate(F, PreservedAnalyses::none());
}

// ---- computed goto ----

static SmallVector<IndirectBrInst *, 2> computedGotos(Function &F) {
    SmallVector<IndirectBrInst *, 2> Found;
    for (Instruction &I : instructions(F))
        if (auto *Goto = dyn_cast<IndirectBrInst>(&I))
            Found.push_back(Goto);
    return Found;
}

static BasicBlock *unreachableBlock(Function &F) {
    auto *Block = BasicBlock::Create(F.getContext(), "ame.nowhere", &F);
    new UnreachableInst(F.getContext(), Block);
    return Block;
}

void lowerComputedGoto(Function &F) {
    SmallVector<IndirectBrInst *, 2> Gotos = computedGotos(F);
    if (Gotos.empty())
        return;
    Type *Word = Type::getInt64Ty(F.getContext());
    SmallVector<std::pair<ConstantInt *, BasicBlock *>, 16> Numbers;
    for (BasicBlock &Block : F) {
        BlockAddress *Address = BlockAddress::lookup(&Block);
        if (!Address)
            continue;
        auto *Number = cast<ConstantInt>(ConstantInt::get(Word, Numbers.size() + 1));
        Numbers.push_back({Number, &Block});
        Address->replaceAllUsesWith(ConstantExpr::getIntToPtr(Number, Address->getType()));
        Address->destroyConstant();
    }
    BasicBlock *Nowhere = unreachableBlock(F);
    for (IndirectBrInst *Goto : Gotos) {
        IRBuilder<> Builder(Goto);
        SmallPtrSet<BasicBlock *, 16> Targets;
        SwitchInst *Switch = Builder.CreateSwitch(Builder.CreatePtrToInt(Goto->getAddress(), Word),
                                                  Nowhere, Numbers.size());
        for (BasicBlock *Target : successors(Goto->getParent()))
            if (!Targets.insert(Target).second) // it came twice, and so does its PHI entry
                Target->removePredecessor(Goto->getParent(), /*KeepOneInputPHIs=*/true);
        for (auto [Number, Block] : Numbers)
            if (Targets.count(Block))
                Switch->addCase(Number, Block);
        Goto->eraseFromParent();
    }
}

// Compares with one label after the other: addresses have no order that is known here.
static void branchByAddress(IndirectBrInst *Goto,
                            ArrayRef<std::pair<Constant *, BasicBlock *>> Labels) {
    BasicBlock *From = Goto->getParent();
    Function &F = *From->getParent();
    Value *Address = Goto->getAddress();
    DebugLoc Where = Goto->getDebugLoc();
    SmallPtrSet<BasicBlock *, 16> Targets;
    for (BasicBlock *Target : successors(From))
        if (!Targets.insert(Target).second)
            Target->removePredecessor(From, /*KeepOneInputPHIs=*/true);
    Goto->eraseFromParent();
    BasicBlock *Nowhere = unreachableBlock(F);
    BasicBlock *Test = From;
    for (auto [Label, Target] : Labels) {
        if (!Targets.count(Target))
            continue;
        IRBuilder<> Builder(Test);
        Builder.SetCurrentDebugLocation(Where);
        BasicBlock *Next = BasicBlock::Create(F.getContext(), "ame.label", &F, Nowhere);
        Builder.CreateCondBr(Builder.CreateICmpEQ(Address, Label), Target, Next);
        Target->replacePhiUsesWith(From, Test);
        Test = Next;
    }
    IRBuilder<> Builder(Test);
    Builder.CreateBr(Nowhere);
}

void lowerLabelsOfTwin(Function &Twin, Function &Original) {
    SmallVector<IndirectBrInst *, 2> Gotos = computedGotos(Twin);
    SmallVector<std::pair<Constant *, BasicBlock *>, 16> Labels;
    auto Copy = Twin.begin();
    for (BasicBlock &Block : Original) {
        if (BlockAddress *Address = BlockAddress::lookup(&Block)) {
            Labels.push_back({Address, &*Copy});
            if (BlockAddress *Own = BlockAddress::lookup(&*Copy)) {
                Own->replaceAllUsesWith(Address);
                Own->destroyConstant();
            }
        }
        ++Copy;
    }
    for (IndirectBrInst *Goto : Gotos)
        branchByAddress(Goto, Labels);
}

// ---- alloca ----

// A variable-length array ends in the region: it is between the saving and the restoring of the
// stack pointer. Memory of alloca() lives as long as its function, which would be the body.
static SmallVector<AllocaInst *, 4> allocasOf(ArrayRef<BasicBlock *> Blocks) {
    SmallVector<AllocaInst *, 4> Allocas;
    SmallVector<const Instruction *, 4> Saves;
    for (BasicBlock *Block : Blocks)
        for (Instruction &I : *Block) {
            if (auto *Alloca = dyn_cast<AllocaInst>(&I))
                Allocas.push_back(Alloca);
            else if (auto *Call = dyn_cast<IntrinsicInst>(&I);
                     Call && Call->getIntrinsicID() == Intrinsic::stacksave)
                Saves.push_back(&I);
        }
    if (Allocas.empty())
        return Allocas;
    DominatorTree DT(*Blocks.front()->getParent());
    erase_if(Allocas, [&](const AllocaInst *Alloca) {
        return any_of(Saves, [&](const Instruction *Save) { return DT.dominates(Save, Alloca); });
    });
    return Allocas;
}

static void lowerAllocas(Function &F, ArrayRef<AllocaInst *> Allocas) {
    Module &M = *F.getParent();
    BasicBlock &Entry = F.getEntryBlock();
    IRBuilder<> AtEntry(&Entry, Entry.begin());
    AllocaInst *Pieces = AtEntry.CreateAlloca(AtEntry.getPtrTy(), nullptr, "ame.pieces");
    AtEntry.CreateStore(ConstantPointerNull::get(AtEntry.getPtrTy()), Pieces);
    for (AllocaInst *Alloca : Allocas) {
        IRBuilder<> Builder(Alloca);
        uint64_t Unit = M.getDataLayout().getTypeAllocSize(Alloca->getAllocatedType());
        Value *Count = Builder.CreateZExtOrTrunc(Alloca->getArraySize(), Builder.getInt64Ty());
        Value *Memory = Builder.CreateCall(
            allocaFunction(M), {Pieces, Builder.CreateMul(Count, Builder.getInt64(Unit)),
                                Builder.getInt64(Alloca->getAlign().value())});
        Memory->takeName(Alloca);
        Alloca->replaceAllUsesWith(Memory);
        Alloca->eraseFromParent();
    }
    for (BasicBlock &Block : F)
        if (isa<ReturnInst>(Block.getTerminator())) {
            IRBuilder<> Builder(Block.getTerminator());
            Builder.CreateCall(freeAllocasFunction(M), {Pieces});
        }
}

// ---- va_start, va_copy ----

// What `__builtin_va_list` is on x86-64: two offsets and two addresses. In an ms_abi function a
// list is one address.
static uint64_t sizeOfList(const Function &F) {
    return F.getCallingConv() == CallingConv::Win64 ? 8 : 24;
}
static const Align ListAlign(8);

static AllocaInst *newList(Function &F) {
    IRBuilder<> Builder(&F.getEntryBlock(), F.getEntryBlock().begin());
    auto *List = Builder.CreateAlloca(ArrayType::get(Builder.getInt8Ty(), sizeOfList(F)), nullptr,
                                      "ame.list");
    List->setAlignment(Align(16));
    return List;
}

static void lowerStarts(Function &F, ArrayRef<VAStartInst *> Starts) {
    AllocaInst *List = newList(F);
    IRBuilder<> AtEntry(List->getNextNode());
    AtEntry.CreateIntrinsic(Intrinsic::vastart, {List->getType()}, {List});
    for (VAStartInst *Start : Starts) {
        IRBuilder<> Builder(Start);
        Builder.CreateMemCpy(Start->getArgList(), ListAlign, List, ListAlign, sizeOfList(F));
        Start->eraseFromParent();
    }
}

void lowerFrameUses(Function &F, ArrayRef<BasicBlock *> Blocks) {
    SmallVector<AllocaInst *, 4> Allocas = allocasOf(Blocks);
    if (!Allocas.empty())
        lowerAllocas(F, Allocas);
    SmallVector<VAStartInst *, 2> Starts;
    for (BasicBlock *Block : Blocks)
        for (Instruction &I : *Block)
            if (auto *Start = dyn_cast<VAStartInst>(&I))
                Starts.push_back(Start);
    if (!Starts.empty())
        lowerStarts(F, Starts);
}

void lowerListsOfTwin(Function &Twin) {
    SmallVector<IntrinsicInst *, 4> Found;
    for (Instruction &I : instructions(Twin))
        if (isa<VACopyInst>(I) ||
            (isa<VAStartInst>(I) && !isa<AllocaInst>(getUnderlyingObject(I.getOperand(0)))))
            Found.push_back(cast<IntrinsicInst>(&I));
    for (IntrinsicInst *I : Found) {
        IRBuilder<> Builder(I);
        Value *From;
        if (isa<VACopyInst>(I)) {
            From = I->getArgOperand(1);
        } else {
            From = newList(Twin);
            Builder.CreateIntrinsic(Intrinsic::vastart, {From->getType()}, {From});
        }
        Builder.CreateMemCpy(I->getArgOperand(0), ListAlign, From, ListAlign, sizeOfList(Twin));
        I->eraseFromParent();
    }
}

} // namespace ame
