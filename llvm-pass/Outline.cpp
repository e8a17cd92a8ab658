// Outline.cpp - each atomic region becomes a function of its own, called by the runtime.
//
// Before that the function's locals become SSA values. So what the region needs is
// passed by value in a record, and its results are stored to other slots of the record: a
// run that is undone has not touched the caller's locals, and no function of the user's
// ever has to return twice. A local whose address escapes stays in the caller's frame,
// where the body's accesses to it are barriers like any other.
//
// A region inside another one is part of it, and only its markers go, unless it may be undone
// alone.
#include "Abi.h"
#include "Diagnostics.h"
#include "Lower.h"
#include "Names.h"
#include "Record.h"
#include "Region.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/CodeExtractor.h"
#include "llvm/Transforms/Utils/Local.h"
#include <ame/abi.h>

using namespace llvm;

namespace ame {

// Each marker starts a block of its own.
static void splitAtMarkers(ArrayRef<Region> Regions) {
    for (const Region &R : Regions) {
        SplitBlock(R.Begin->getParent(), R.Begin);
        for (CallInst *End : R.Ends)
            SplitBlock(End->getParent(), End);
    }
}

static void setBodyAttributes(Function *Body) {
    Body->setDSOLocal(true);
    Body->removeFnAttr(Attribute::AlwaysInline);
    Body->removeFnAttr(Attribute::InlineHint);
    Body->addFnAttr(Attribute::NoInline);
    Body->addFnAttr(BodyAttribute);
}

// A writable struct ame_abi_block; makeTwins fills in the twin.
static GlobalVariable *describeBlock(Function *Body, StringRef FunctionName, const DebugLoc &Where,
                                     uint32_t Kind) {
    Module &M = *Body->getParent();
    IRBuilder<> Builder(M.getContext());
    Constant *Null = ConstantPointerNull::get(Builder.getPtrTy());
    auto Text = [&](StringRef S) -> Constant * {
        return S.empty() ? Null : Builder.CreateGlobalString(S, "ame.text", 0, &M);
    };
    Constant *Fields[] = {Body,
                          Null,
                          Text(FunctionName),
                          Text(Where ? Where->getFilename() : StringRef()),
                          Builder.getInt32(Where ? Where.getLine() : 0),
                          Builder.getInt32(0),
                          Body,
                          Builder.getInt32(Kind),
                          Builder.getInt32(0)};
    auto *Block = new GlobalVariable(
        M, blockType(M.getContext()), /*isConstant=*/false, GlobalValue::InternalLinkage,
        ConstantStruct::get(blockType(M.getContext()), Fields), FunctionName + ".ame_block");
    Block->addAttribute(BlockAttribute);
    return Block;
}

static void callThroughRuntime(Function *Body, StringRef FunctionName, const DebugLoc &Where,
                               uint32_t Kind) {
    auto *Call = cast<CallInst>(Body->user_back());
    IRBuilder<> Builder(Call);
    Builder.SetCurrentDebugLocation(Where);
    Builder.CreateCall(runFunction(*Body->getParent()),
                       {describeBlock(Body, FunctionName, Where, Kind), Call->getArgOperand(0)});
    Call->eraseFromParent();
}

static bool outline(const Region &R, ArrayRef<BasicBlock *> Blocks) {
    Function &F = *R.Begin->getFunction();
    DebugLoc Where = R.Begin->getDebugLoc();
    CodeExtractor Extractor(Blocks, /*DT=*/nullptr, /*AggregateArgs=*/false, nullptr, nullptr,
                            nullptr,
                            /*AllowVarArgs=*/false, /*AllowAlloca=*/true, nullptr, "ame_body");
    CodeExtractorAnalysisCache Cache(F);
    SetVector<Value *> Inputs, Results;
    Function *Extracted =
        Extractor.isEligible() ? Extractor.extractCodeRegion(Cache, Inputs, Results) : nullptr;
    if (!Extracted) {
        error(F, Where,
              "this atomic block can't be made a function of its own; move its contents "
              "to a function and call that in the block");
        return false;
    }
    Function *Body = passByRecord(Extracted, Results.size());
    setBodyAttributes(Body);
    callThroughRuntime(Body, sourceName(F), Where, R.kind());
    return true;
}

// How many other regions hold a region, by the block it starts with.
static DenseMap<const BasicBlock *, unsigned> depths(ArrayRef<Region> Regions) {
    DenseMap<const BasicBlock *, unsigned> Depths;
    for (const Region &R : Regions)
        Depths[R.Begin->getParent()] = 0;
    for (const Region &Outer : Regions) {
        SmallVector<BasicBlock *, 32> Blocks;
        collectBlocks(Outer, Blocks);
        for (const BasicBlock *Block : drop_begin(Blocks)) // the first is its own
            if (auto Inner = Depths.find(Block); Inner != Depths.end())
                Inner->second++;
    }
    return Depths;
}

// The regions that become functions, inner ones first: one inside another does only if it may be
// undone alone.
static SmallVector<Region, 4> regionsToOutline(ArrayRef<Region> Regions) {
    DenseMap<const BasicBlock *, unsigned> Depths = depths(Regions);
    SmallVector<std::pair<unsigned, const Region *>, 4> ByDepth;
    SmallVector<Region, 4> Chosen;
    for (const Region &R : Regions)
        if (unsigned Depth = Depths.lookup(R.Begin->getParent()); !Depth || R.isClosed())
            ByDepth.push_back({Depth, &R});
    sort(ByDepth, [](const auto &A, const auto &B) { return A.first > B.first; });
    for (auto [Depth, R] : ByDepth)
        Chosen.push_back(*R);
    return Chosen;
}

static void eraseMarkers(const Region &R) {
    R.Begin->eraseFromParent();
    for (CallInst *End : R.Ends)
        End->eraseFromParent();
}

static void outlineBlocksOf(Function &F, FunctionAnalysisManager &FAM) {
    SmallVector<Region, 4> Regions;
    removeUnreachableBlocks(F);
    lowerComputedGoto(F);
    if (!pairMarkers(F, Regions))
        return;
    splitAtMarkers(Regions);
    if (!pairCancels(F, Regions))
        return;
    for (const Region &R : Regions)
        lowerMarks(R);
    promoteLocals(F, FAM);
    for (const Region &R : regionsToOutline(Regions)) {
        SmallVector<BasicBlock *, 32> Blocks;
        collectBlocks(R, Blocks);
        if (!checkBlocks(R, Blocks))
            return;
        lowerFrameUses(F, Blocks);
        if (!outline(R, Blocks))
            return;
    }
    for (const Region &R : Regions)
        eraseMarkers(R);
}

void outlineBlocks(Module &M, FunctionAnalysisManager &FAM) {
    if (none_of(ArrayRef<StringRef>{RegionBegin, RegionBeginOuter, RegionBeginEither, RegionCancel},
                [&](StringRef Mark) { return M.getFunction(Mark); }))
        return;
    SmallVector<Function *, 8> Marked;
    for (Function &F : M)
        if (hasMarks(F))
            Marked.push_back(&F);
    for (Function *F : Marked)
        outlineBlocksOf(*F, FAM);
}

} // namespace ame
