// Twins.cpp - a copy of every function that a block may reach, made before optimization.
//
// The copy, ame_twin.<name>, gets its barriers at the end of the pipeline. Made this early,
// original and twin are optimized each on its own: the original as if there were no blocks,
// the twin under one restriction, that no load may move out of the condition it is under
// (a block that reads `data` only if `published` must not read it before). LLVM keeps to that
// in functions marked sanitize_thread; the mark goes away at the end of the pipeline.
//
// Calls between twins are direct from the start, so they can be inlined.
#include "Twins.h"
#include "Abi.h"
#include "Diagnostics.h"
#include "Lower.h"
#include "Names.h"
#include "Stages.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace ame {

using TwinMap = MapVector<Function *, Function *>;

bool isTwin(const Function &F) {
    return F.hasFnAttribute(TwinAttribute);
}

StringRef sourceName(const Function &F) {
    StringRef Name = F.getName();
    Name.consume_front("\1");
    return Name;
}

Function *twinOf(const Function &F) {
    Function *Twin = F.getParent()->getFunction((TwinPrefix + sourceName(F)).str());
    return Twin && !Twin->isDeclaration() ? Twin : nullptr;
}

bool mayBePointee(const Function &F) {
    if (F.hasFnAttribute(BodyAttribute))
        return false;
    if (F.hasLocalLinkage() || F.isDeclaration() || F.hasAvailableExternallyLinkage())
        return F.hasAddressTaken();
    return true;
}

Function *calledFunction(const CallBase &Call) {
    Value *Callee = Call.getCalledOperand()->stripPointerCasts();
    while (auto *Alias = dyn_cast<GlobalAlias>(Callee)) {
        if (Alias->isInterposable())
            return nullptr;
        Callee = Alias->getAliasee()->stripPointerCasts();
    }
    return dyn_cast<Function>(Callee);
}

Function *replacementOf(const Function &F) {
    Attribute Replaced = F.getFnAttribute(ReplacedAttribute);
    return Replaced.isValid() ? F.getParent()->getFunction(Replaced.getValueAsString()) : nullptr;
}

AttributeList attributesOfTwin(LLVMContext &Context, AttributeList Attributes,
                               unsigned Parameters) {
    for (auto Kind : {Attribute::Memory, Attribute::NoSync, Attribute::NoFree,
                      Attribute::WillReturn, Attribute::NoCallback, Attribute::Speculatable,
                      Attribute::AllocKind, Attribute::AllocSize})
        Attributes = Attributes.removeFnAttribute(Context, Kind);
    Attributes = Attributes.removeFnAttribute(Context, "alloc-family");
    AttributeMask Untrue;
    for (auto Kind : {Attribute::ReadNone, Attribute::ReadOnly, Attribute::WriteOnly,
                      Attribute::NoCapture, Attribute::NoFree})
        Untrue.addAttribute(Kind);
    for (unsigned Index = 0; Index < Parameters; Index++)
        Attributes = Attributes.removeParamAttributes(Context, Index, Untrue);
    return Attributes;
}

static bool wantsTwin(const Function &F) {
    StringRef Name = sourceName(F);
    return !F.isDeclaration() && Name != "main" && !Name.starts_with(TwinPrefix) &&
           !Name.starts_with("ame_abi_") && !F.hasFnAttribute(PureAttribute) &&
           !F.hasFnAttribute(IrrevocableAttribute) && !F.hasFnAttribute(Attribute::Naked) &&
           !twinOf(F);
}

// The linker may choose another definition of an interposable function, with no twin or a
// different one, so its twin stays private to this file: it is found by the address
// that the linker chose. A definition that is only there to be inlined
// (available_externally) is private too, as nothing is known of the real one's twin.
static GlobalValue::LinkageTypes linkageOfTwin(const Function &F) {
    if (F.hasLocalLinkage() || F.isInterposable() || F.hasAvailableExternallyLinkage())
        return GlobalValue::InternalLinkage;
    return F.getLinkage();
}

static Function *cloneAsTwin(Function &F) {
    std::string Name = (TwinPrefix + sourceName(F)).str();
    ValueToValueMapTy Values;
    Function *Twin = CloneFunction(&F, Values);
    lowerLabelsOfTwin(*Twin, F);
    lowerListsOfTwin(*Twin);
    if (Function *Declared = F.getParent()->getFunction(Name)) {
        Declared->replaceAllUsesWith(Twin);
        Declared->eraseFromParent();
    }
    Twin->setName(Name);
    Twin->setLinkage(linkageOfTwin(F));
    Twin->setSection((TwinSection + "." + sourceName(F)).str());
    if (Twin->hasLocalLinkage()) {
        Twin->setVisibility(GlobalValue::DefaultVisibility);
        Twin->setDSOLocal(true);
    } else if (const Comdat *Group = F.getComdat()) {
        Comdat *TwinGroup = F.getParent()->getOrInsertComdat(Name);
        TwinGroup->setSelectionKind(Group->getSelectionKind());
        Twin->setComdat(TwinGroup);
    }
    Twin->addFnAttr(TwinAttribute, F.hasFnAttribute(BodyAttribute) ? "body" : "function");
    Twin->removeFnAttr(BodyAttribute);
    // Tables would be in .rodata, between those of the originals.
    Twin->addFnAttr("no-jump-tables", "true");
    // No vectors either: a barrier takes a word at most, and wider accesses go through memory. (For
    // loops without barriers Chunks.cpp makes an exception.)
    if (!Twin->hasFnAttribute(Attribute::NoImplicitFloat)) {
        Twin->addFnAttr(Attribute::NoImplicitFloat);
        Twin->addFnAttr(NoVectorsAttribute);
    }
    if (!Twin->hasFnAttribute(Attribute::SanitizeThread)) {
        Twin->addFnAttr(Attribute::SanitizeThread);
        Twin->addFnAttr(NoSpeculationAttribute);
    }
    return Twin;
}

static void callTwins(Function &Twin, const TwinMap &Twins) {
    for (Instruction &I : instructions(Twin)) {
        auto *Call = dyn_cast<CallBase>(&I);
        Function *Callee = Call ? calledFunction(*Call) : nullptr;
        if (Function *Replacement = Callee ? replacementOf(*Callee) : nullptr)
            Call->setCalledOperand(Callee = Replacement);
        if (!Callee || Callee->isInterposable())
            continue;
        auto Found = Twins.find(Callee);
        if (Found != Twins.end())
            Call->setCalledOperand(Found->second);
        // What is said of a function must be heard at the end of the pipeline: it stays a call.
        else if (Callee->hasFnAttribute(PureAttribute) ||
                 Callee->hasFnAttribute(IrrevocableAttribute))
            Call->addFnAttr(Attribute::NoInline);
    }
}

static void enterTwinsOfBodies(Module &M, const TwinMap &Twins) {
    for (GlobalVariable &Block : M.globals()) {
        if (!Block.hasAttribute(BlockAttribute))
            continue;
        auto *Fields = cast<ConstantStruct>(Block.getInitializer());
        SmallVector<Constant *, 8> New;
        for (Value *Field : Fields->operands())
            New.push_back(cast<Constant>(Field));
        New[TwinField] = Twins.lookup(cast<Function>(New[PlainField]));
        Block.setInitializer(ConstantStruct::get(Fields->getType(), New));
    }
}

// Other files may call a function by its alias, and then look for the alias's twin.
static void makeTwinsOfAliases(Module &M, const TwinMap &Twins) {
    SmallVector<GlobalAlias *, 4> Aliases;
    for (GlobalAlias &Alias : M.aliases())
        if (!Alias.hasLocalLinkage() && !Alias.isInterposable())
            Aliases.push_back(&Alias);
    for (GlobalAlias *Alias : Aliases) {
        auto *F = dyn_cast<Function>(Alias->getAliaseeObject());
        Function *Twin = F ? Twins.lookup(F) : nullptr;
        std::string Name = (TwinPrefix + Alias->getName()).str();
        if (!Twin || Twin->hasLocalLinkage() != F->hasLocalLinkage() || M.getNamedValue(Name))
            continue;
        auto *TwinAlias = GlobalAlias::create(Alias->getValueType(), Alias->getAddressSpace(),
                                              Alias->getLinkage(), Name, Twin, &M);
        TwinAlias->setVisibility(Alias->getVisibility());
    }
}

// Blocks that call a replaced function through a pointer find its replacement late, when the
// original of that may be gone.
static void keepReplacements(Module &M, const TwinMap &Twins) {
    SmallVector<GlobalValue *, 4> Kept;
    for (Function &F : M) {
        Function *Replacement = replacementOf(F);
        if (!Replacement)
            continue;
        if (Function *Twin = Twins.lookup(Replacement))
            F.addFnAttr(ReplacedAttribute, (Replacement = Twin)->getName());
        if (F.hasAddressTaken() && !Replacement->isDeclaration())
            Kept.push_back(Replacement);
    }
    if (!Kept.empty())
        appendToCompilerUsed(M, Kept);
}

// The optimizer must keep the twins that calls through pointers will find. Originals keep
// their signature because their address is taken; their twins must not change theirs.
static void keepTwinsOfPointees(Module &M, const TwinMap &Twins) {
    SmallVector<GlobalValue *, 16> Kept;
    for (auto &[F, Twin] : Twins)
        if (Twin->hasLocalLinkage() && mayBePointee(*F))
            Kept.push_back(Twin);
    if (!Kept.empty())
        appendToCompilerUsed(M, Kept);
}

// Bodies, what other files or pointers may lead to, and what these call. No block can reach
// the others: to compile their twins would cost time for nothing. A program's main file serves no
// other file, so what only its own functions call by name needs no twin unless their blocks do.
static SetVector<Function *> findReachable(Module &M) {
    Function *Main = M.getFunction("main");
    bool ServesOthers = !Main || Main->isDeclaration();
    SmallPtrSet<Function *, 32> Wanted;
    SetVector<Function *> Reachable;
    for (Function &F : M) {
        if (!wantsTwin(F))
            continue;
        Wanted.insert(&F);
        if ((ServesOthers && !F.hasLocalLinkage()) || F.hasAddressTaken() ||
            F.hasFnAttribute(SafeAttribute))
            Reachable.insert(&F);
    }
    for (size_t Next = 0; Next < Reachable.size(); Next++)
        for (Instruction &I : instructions(*Reachable[Next]))
            if (auto *Call = dyn_cast<CallBase>(&I)) {
                Function *Callee = calledFunction(*Call);
                if (Function *Replacement = Callee ? replacementOf(*Callee) : nullptr)
                    Callee = Replacement;
                if (Wanted.count(Callee))
                    Reachable.insert(Callee);
            }
    return Reachable;
}

void makeTwins(Module &M) {
    TwinMap Twins;
    for (Function *F : findReachable(M))
        Twins[F] = cloneAsTwin(*F);
    for (auto &[F, Twin] : Twins)
        callTwins(*Twin, Twins);
    enterTwinsOfBodies(M, Twins);
    makeTwinsOfAliases(M, Twins);
    keepTwinsOfPointees(M, Twins);
    keepReplacements(M, Twins);
}

} // namespace ame
