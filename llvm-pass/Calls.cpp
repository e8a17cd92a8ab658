#include "Calls.h"
#include "Diagnostics.h"
#include "Intrinsics.h"
#include "LibraryTable.h"
#include "Names.h"
#include "Region.h"
#include "Twins.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace ame {

Function *declareTwin(Function &Original, GlobalValue::LinkageTypes Linkage) {
    Module &M = *Original.getParent();
    std::string Name = (TwinPrefix + sourceName(Original)).str();
    if (Function *Known = M.getFunction(Name))
        return Known;
    Function *Declared = Function::Create(Original.getFunctionType(), Linkage, Name, M);
    Declared->setCallingConv(Original.getCallingConv());
    return Declared;
}

// ---- asking for the serial path ----

static std::string withPlace(const Instruction &I, StringRef What) {
    const DebugLoc &Where = I.getDebugLoc();
    return (What + (Where ? " (line " + Twine(Where.getLine()) + ")" : "")).str();
}

// In a software block the call does not return: the block starts again, with the originals.
void CallWriter::askForSerial(Instruction &Before, StringRef Why) {
    IRBuilder<> Builder(&Before);
    CallInst *Ask =
        Builder.CreateCall(serialFunction(M), {Builder.CreateGlobalString(Why, "ame.text", 0, &M)});
    Ask->setTailCallKind(CallInst::TCK_NoTail);
    Tally.Serial.push_back(withPlace(Before, Why));
}

void CallWriter::makeSerial(Instruction &I, StringRef Construct) {
    remarkSerial(I, Construct + " makes the block run alone (serial)");
    askForSerial(I, Construct);
}

void CallWriter::makeSerialCall(CallBase &Call, const Function &Callee) {
    remarkSerial(Call, "call to '" + sourceName(Callee) + "' makes the block run alone (serial)");
    askForSerial(Call, sourceName(Callee));
}

// ---- arguments passed by value in memory ----

// The caller copies them into the callee's frame, so they are read from shared memory here.
void CallWriter::passCopies(CallBase &Call) {
    for (unsigned Index = 0; Index < Call.arg_size(); Index++) {
        Value *Argument = Call.getArgOperand(Index);
        if (!Call.isByValArgument(Index) || reasonOfAddress(Twin, Argument) != Reason::Shared)
            continue;
        Type *T = Call.getParamByValType(Index);
        Align Alignment = Call.getParamAlign(Index).value_or(M.getDataLayout().getPrefTypeAlign(T));
        Call.setArgOperand(Index, Barriers.readToLocal(Call, Argument, T, Alignment));
        // A tail call may not be passed the caller's locals.
        if (auto *Plain = dyn_cast<CallInst>(&Call))
            Plain->setTailCallKind(CallInst::TCK_None);
    }
}

// ---- calls ----

void CallWriter::callTwin(CallBase &Call, Value *Callee) {
    Call.setCalledOperand(Callee);
    Call.setAttributes(attributesOfTwin(Call.getContext(), Call.getAttributes(), Call.arg_size()));
}

void CallWriter::callThroughPointer(CallBase &Call) {
    IRBuilder<> Builder(&Call);
    CallInst *Found = Builder.CreateCall(twinOfFunction(M), {Call.getCalledOperand()}, "twin");
    Found->setTailCallKind(CallInst::TCK_NoTail);
    callTwin(Call, Found);
}

// Only the linker, or the loader, knows whether the function has a twin.
void CallWriter::callUnknown(CallBase &Call, Function &Callee) {
    StringRef Name = sourceName(Callee);
    remarkSerial(Call, "call to '" + Name +
                           "': no twin is known here; if its file is not built with the plugin the "
                           "block runs alone");
    Function *Other = declareTwin(Callee, GlobalValue::ExternalWeakLinkage);
    BasicBlock *Before = Call.getParent();
    IRBuilder<> Builder(&Call);
    Value *Missing = Builder.CreateIsNull(Other, "missing");
    MDNode *Unlikely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
    Instruction *Then = SplitBlockAndInsertIfThen(Missing, &Call, /*Unreachable=*/false, Unlikely);
    Then->setDebugLoc(Call.getDebugLoc());
    // The definition that the linker chose may be a weak one or reached by an ifunc: its twin is
    // known by its address alone.
    Builder.SetInsertPoint(Then);
    CallInst *Found = Builder.CreateCall(
        twinOfNamedFunction(M), {&Callee, Builder.CreateGlobalString(Name, "ame.text", 0, &M)});
    Found->setTailCallKind(CallInst::TCK_NoTail);
    Tally.Unknown.push_back(withPlace(Call, Name));
    Builder.SetInsertPoint(&Call);
    PHINode *Target = Builder.CreatePHI(Callee.getType(), 2, "twin");
    Target->addIncoming(Found, Then->getParent());
    Target->addIncoming(Other, Before);
    callTwin(Call, Target);
}

static bool argumentsArePrivate(const Function &Twin, const CallBase &Call) {
    return all_of(Call.args(), [&](const Use &Argument) {
        return !Argument->getType()->isPointerTy() ||
               reasonOfAddress(Twin, Argument.get()) != Reason::Shared;
    });
}

void CallWriter::rewrite(CallBase &Call) {
    if (Call.isInlineAsm()) {
        if (!isHarmlessAssembly(Call))
            makeSerial(Call, "inline assembly");
        return;
    }
    if (Call.getIntrinsicID() != Intrinsic::not_intrinsic) {
        if (!isHarmless(Call))
            makeSerialCall(Call, *Call.getCalledFunction());
        return;
    }
    passCopies(Call);
    Function *Callee = calledFunction(Call);
    if (!Callee)
        return callThroughPointer(Call);
    if (isSetjmp(Call)) {
        IRBuilder<>(&Call).CreateCall(setjmpFunction(M), {Call.getArgOperand(0)});
        return;
    }
    if (Call.hasFnAttr(Attribute::ReturnsTwice))
        return makeSerialCall(Call, *Callee);
    if (isTwin(*Callee))
        return callTwin(Call, Callee);
    switch (classify(*Callee)) {
    case Library::Pure:
        // Of ranges.
        Tally.Reads +=
            Callee->getName() == "ame_abi_read" || Callee->getName() == "ame_abi_read_for_write";
        Tally.Writes +=
            Callee->getName() == "ame_abi_write" || Callee->getName() == "ame_abi_write_back";
        return;
    case Library::Twin:
        if (auto *Plain = dyn_cast<CallInst>(&Call); Plain && !Plain->isMustTailCall())
            Plain->setTailCallKind(CallInst::TCK_NoTail);
        return callTwin(Call, declareTwin(*Callee, GlobalValue::ExternalLinkage));
    case Library::Serial:
        return makeSerialCall(Call, *Callee);
    case Library::Arguments:
        if (argumentsArePrivate(Twin, Call))
            return;
        break;
    case Library::Unknown:
        break;
    }
    // The linker may choose another definition, with another twin or none.
    if (Callee->isInterposable() && !Callee->isDeclaration())
        return callThroughPointer(Call);
    if (Function *Known = twinOf(*Callee))
        return callTwin(Call, Known);
    if (Callee->isDeclaration())
        return callUnknown(Call, *Callee);
    makeSerialCall(Call, *Callee);
}

} // namespace ame
