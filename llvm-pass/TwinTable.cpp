// TwinTable.cpp - tells the runtime which twins this object file brings, for calls through
// pointers, and ties the file to a runtime of its own ABI version.
#include "Abi.h"
#include "Calls.h"
#include "LibraryTable.h"
#include "Names.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace ame {

// This file's own definition, even if the linker or the loader chooses another one of that name:
// that one is registered by the file that it comes from, if it has a twin.
static Constant *ownDefinition(Function &F) {
    if (F.isDeclarationForLinker() || (F.isDSOLocal() && !F.isInterposable()))
        return &F;
    return GlobalAlias::create(F.getValueType(), F.getAddressSpace(), GlobalValue::InternalLinkage,
                               "ame.own." + sourceName(F), &F, F.getParent());
}

// What to call in a block where the program calls `F` through a pointer, or NULL.
static Function *standIn(Function &F) {
    if (isTwin(F) || F.isIntrinsic() || !mayBePointee(F))
        return nullptr;
    if (Function *Replacement = replacementOf(F)) {
        return isTwin(*Replacement) || classify(*Replacement) == Library::Pure
                   ? Replacement
                   : declareTwin(*Replacement, GlobalValue::ExternalWeakLinkage);
    }
    switch (classify(F)) {
    case Library::Pure:
        return &F;
    case Library::Twin:
        return declareTwin(F, GlobalValue::ExternalLinkage);
    case Library::Unknown:
        return twinOf(F);
    default:
        return nullptr;
    }
}

static SmallVector<Constant *, 32> collectPairs(Module &M, StructType *Pair) {
    SmallVector<Function *, 32> Functions;
    for (Function &F : M)
        Functions.push_back(&F);
    SmallVector<Constant *, 32> Pairs;
    for (Function *F : Functions)
        if (Function *Twin = standIn(*F))
            Pairs.push_back(ConstantStruct::get(Pair, {ownDefinition(*F), ownDefinition(*Twin)}));
    return Pairs;
}

static Function *makeCaller(Module &M, StringRef Name, FunctionCallee Callee,
                            ArrayRef<Value *> Arguments) {
    auto *Type = FunctionType::get(Type::getVoidTy(M.getContext()), false);
    Function *F = Function::createWithDefaultAttr(Type, GlobalValue::InternalLinkage, 0, Name, &M);
    F->setDoesNotThrow();
    F->setSection(TwinSection);
    IRBuilder<> Builder(BasicBlock::Create(M.getContext(), "", F));
    Builder.CreateCall(Callee, Arguments);
    Builder.CreateRetVoid();
    return F;
}

// Before constructors of the program's own; for destructors, after them.
constexpr int Priority = 101;

static void registerPairs(Module &M, ArrayRef<Constant *> Pairs, StructType *Pair) {
    auto *TableType = ArrayType::get(Pair, Pairs.size());
    auto *Table =
        new GlobalVariable(M, TableType, /*isConstant=*/true, GlobalValue::InternalLinkage,
                           ConstantArray::get(TableType, Pairs), "ame.twins");
    Table->setSection(TableSection);
    auto *Size = ConstantInt::get(Type::getInt64Ty(M.getContext()), Pairs.size());
    appendToGlobalCtors(M, makeCaller(M, "ame.register", registerFunction(M), {Table, Size}),
                        Priority);
    appendToGlobalDtors(M, makeCaller(M, "ame.unregister", unregisterFunction(M), {Table, Size}),
                        Priority);
}

static void tellOfRetries(Module &M) {
    const Function *Retries = M.getFunction(Retry);
    if (Retries && !Retries->use_empty())
        appendToGlobalCtors(M, makeCaller(M, "ame.retries", retriesFunction(M), {}), Priority);
}

constexpr StringLiteral VersionName("ame.version");

bool isInstrumented(const Module &M) {
    return M.getNamedGlobal(VersionName);
}

static void requireVersion(Module &M) {
    auto *Required =
        new GlobalVariable(M, PointerType::getUnqual(M.getContext()), /*isConstant=*/true,
                           GlobalValue::InternalLinkage, versionSymbol(M), VersionName);
    Required->setSection(TableSection);
    appendToCompilerUsed(M, {Required});
}

// A pure function is its own twin, for files too where the declaration does not say so.
static void nameTwinsOfPureFunctions(Module &M) {
    for (Function &F : M) {
        std::string Name = (TwinPrefix + sourceName(F)).str();
        if (F.hasFnAttribute(PureAttribute) && F.hasExternalLinkage() && !F.isDeclaration() &&
            !F.isInterposable() && !M.getNamedValue(Name))
            GlobalAlias::create(Name, &F);
    }
}

static bool usesRuntime(const Module &M) {
    return any_of(M, [](const Function &F) {
        return isTwin(F) || (F.isDeclaration() && F.getName().starts_with("ame_abi_"));
    });
}

void emitTwinTable(Module &M) {
    nameTwinsOfPureFunctions(M);
    Type *Pointer = PointerType::getUnqual(M.getContext());
    auto *Pair = StructType::get(Pointer, Pointer); // struct ame_abi_twin
    SmallVector<Constant *, 32> Pairs = collectPairs(M, Pair);
    if (!Pairs.empty())
        registerPairs(M, Pairs, Pair);
    tellOfRetries(M);
    if (!Pairs.empty() || usesRuntime(M))
        requireVersion(M);
}

} // namespace ame
