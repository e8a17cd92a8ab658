#include "Abi.h"
// The convention of these is not part of their C++ type here.
#define AME_ABI_SLOW_READ(result, name, parameters) result name parameters;
#include <ame/abi.h>
#include <string>
#include <type_traits>

using namespace llvm;

namespace ame {

// ---- C types to LLVM types ----

template <typename T> static Type *irType(LLVMContext &Context) {
    if constexpr (std::is_void_v<T>)
        return Type::getVoidTy(Context);
    else if constexpr (std::is_pointer_v<T>)
        return PointerType::getUnqual(Context);
    else
        return IntegerType::get(Context, 8 * sizeof(T));
}

// x86-64 callers extend integers that are narrower than int.
template <typename T> constexpr bool IsNarrow = false;
template <> constexpr bool IsNarrow<uint8_t> = true;
template <> constexpr bool IsNarrow<uint16_t> = true;

template <typename Result, typename... Parameters>
static FunctionCallee declare(Module &M, StringRef Name, Result (*)(Parameters...)) {
    LLVMContext &Context = M.getContext();
    auto *Type =
        FunctionType::get(irType<Result>(Context), {irType<Parameters>(Context)...}, false);
    FunctionCallee Callee = M.getOrInsertFunction(Name, Type);
    auto *F = dyn_cast<Function>(Callee.getCallee());
    if (!F)
        return Callee;
    F->setDoesNotThrow();
    unsigned Index = 0;
    for (bool Narrow : std::initializer_list<bool>{IsNarrow<Parameters>...}) {
        if (Narrow)
            F->addParamAttr(Index, Attribute::ZExt);
        Index++;
    }
    if (IsNarrow<Result>)
        F->addRetAttr(Attribute::ZExt);
    return Callee;
}

// ---- what the plugin calls ----

#define AME_DECLARE(function) declare(M, #function, static_cast<decltype(&function)>(nullptr))

FunctionCallee runFunction(Module &M) {
    return AME_DECLARE(ame_abi_run);
}
FunctionCallee runAfterFunction(Module &M) {
    return AME_DECLARE(ame_abi_run_after);
}
FunctionCallee awaitAdditionsFunction(Module &M) {
    return AME_DECLARE(ame_abi_await_additions);
}
FunctionCallee registerFunction(Module &M) {
    return AME_DECLARE(ame_abi_register);
}
FunctionCallee unregisterFunction(Module &M) {
    return AME_DECLARE(ame_abi_unregister);
}
FunctionCallee twinOfFunction(Module &M) {
    return AME_DECLARE(ame_abi_twin_of);
}
FunctionCallee twinOfNamedFunction(Module &M) {
    return AME_DECLARE(ame_abi_twin_of_named);
}
FunctionCallee serialFunction(Module &M) {
    return AME_DECLARE(ame_abi_serial);
}
FunctionCallee allocaFunction(Module &M) {
    return AME_DECLARE(ame_abi_alloca);
}
FunctionCallee freeAllocasFunction(Module &M) {
    return AME_DECLARE(ame_abi_free_allocas);
}
FunctionCallee cancelFunction(Module &M) {
    return AME_DECLARE(ame_abi_cancel);
}
FunctionCallee entranceFunction(Module &M) {
    return AME_DECLARE(ame_abi_entrance);
}
FunctionCallee retriesFunction(Module &M) {
    return AME_DECLARE(ame_abi_retries);
}
FunctionCallee setjmpFunction(Module &M) {
    return AME_DECLARE(ame_abi_setjmp);
}

// Called through the table of addresses: code that resolves names at the first call does not
// know the convention.
static FunctionCallee withSlowReadConvention(FunctionCallee Callee) {
    if (auto *F = dyn_cast<Function>(Callee.getCallee())) {
        F->setCallingConv(CallingConv::PreserveMost);
        F->addFnAttr(Attribute::NonLazyBind);
    }
    return Callee;
}

FunctionCallee barrierFunction(Module &M, Barrier B) {
    switch (B) {
#define AME_ABI_SLOW_READ(result, name, parameters)                                                \
    case Barrier::name:                                                                            \
        return withSlowReadConvention(AME_DECLARE(name));
#define AME_ABI_BARRIER(result, name, parameters)                                                  \
    case Barrier::name:                                                                            \
        return AME_DECLARE(name);
#include <ame/abi.def>
    }
    llvm_unreachable("every barrier is in abi.def");
}

// ---- data ----

static GlobalVariable *externalVariable(Module &M, StringRef Name, Type *T,
                                        GlobalValue::ThreadLocalMode Mode) {
    if (GlobalVariable *Known = M.getNamedGlobal(Name))
        return Known;
    return new GlobalVariable(M, T, /*isConstant=*/false, GlobalValue::ExternalLinkage, nullptr,
                              Name, nullptr, Mode);
}

GlobalVariable *orecTable(Module &M) {
    Type *T = ArrayType::get(Type::getInt64Ty(M.getContext()), 1 << AME_ABI_OREC_BITS);
    return externalVariable(M, "ame_abi_orecs", T, GlobalValue::NotThreadLocal);
}

Value *orecIndex(IRBuilderBase &Builder, Value *Address) {
    Value *Number = Builder.CreatePtrToInt(Address, Builder.getInt64Ty());
    Value *Stripe = Builder.CreateAnd(Builder.CreateLShr(Number, AME_ABI_STRIPE_BITS),
                                      (1 << AME_ABI_OREC_BITS) - 1);
    return Builder.CreateXor(Stripe, Builder.CreateShl(Builder.CreateAnd(Stripe, 7), 3));
}

GlobalVariable *readsVariable(Module &M) {
    Type *T = PointerType::getUnqual(M.getContext());
    return externalVariable(M, "ame_abi_reads", T, GlobalValue::InitialExecTLSModel);
}

static GlobalVariable *word(Module &M, StringRef Name) {
    return externalVariable(M, Name, Type::getInt64Ty(M.getContext()), GlobalValue::NotThreadLocal);
}

GlobalVariable *phase(Module &M) {
    return word(M, "ame_abi_phase");
}
GlobalVariable *phases(Module &M) {
    return word(M, "ame_abi_phases");
}
GlobalVariable *countsInHardware(Module &M) {
    return word(M, "ame_abi_counts_in_hardware");
}

static_assert(offsetof(ame_abi_block, plain) == 0 && offsetof(ame_abi_block, twin) == 8 &&
                  offsetof(ame_abi_block, function) == 16 && offsetof(ame_abi_block, file) == 24 &&
                  offsetof(ame_abi_block, line) == 32 && offsetof(ame_abi_block, history) == 36 &&
                  offsetof(ame_abi_block, place) == 40 && offsetof(ame_abi_block, kind) == 48 &&
                  offsetof(ame_abi_block, counters) == 52 && sizeof(ame_abi_block) == 56,
              "blockType and describeBlock in Outline.cpp follow struct ame_abi_block");

StructType *blockType(LLVMContext &Context) {
    if (auto *Known = StructType::getTypeByName(Context, "struct.ame_abi_block"))
        return Known;
    Type *Pointer = PointerType::getUnqual(Context), *Word = Type::getInt32Ty(Context);
    return StructType::create(Context,
                              {Pointer, Pointer, Pointer, Pointer, Word, Word, Pointer, Word, Word},
                              "struct.ame_abi_block");
}

Constant *versionSymbol(Module &M) {
    return M.getOrInsertGlobal("ame_abi_version_" + std::to_string(AME_ABI_VERSION),
                               Type::getInt8Ty(M.getContext()));
}

} // namespace ame
