// Abi.h - include/ame/abi.h and abi.def as LLVM sees them: types, and functions to call.
#ifndef AME_PASS_ABI_H
#define AME_PASS_ABI_H

#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace ame {

llvm::StructType *blockType(llvm::LLVMContext &Context); // struct ame_abi_block
// Its fields that the plugin names.
enum BlockField { PlainField, TwinField, HistoryField = 5, KindField = 7, CountersField };

llvm::FunctionCallee runFunction(llvm::Module &M);            // ame_abi_run
llvm::FunctionCallee runAfterFunction(llvm::Module &M);       // ame_abi_run_after
llvm::FunctionCallee awaitAdditionsFunction(llvm::Module &M); // ame_abi_await_additions
llvm::FunctionCallee registerFunction(llvm::Module &M);       // ame_abi_register
llvm::FunctionCallee unregisterFunction(llvm::Module &M);     // ame_abi_unregister
llvm::FunctionCallee twinOfFunction(llvm::Module &M);         // ame_abi_twin_of
llvm::FunctionCallee twinOfNamedFunction(llvm::Module &M);    // ame_abi_twin_of_named
llvm::FunctionCallee serialFunction(llvm::Module &M);         // ame_abi_serial
llvm::FunctionCallee allocaFunction(llvm::Module &M);         // ame_abi_alloca
llvm::FunctionCallee freeAllocasFunction(llvm::Module &M);    // ame_abi_free_allocas
llvm::FunctionCallee cancelFunction(llvm::Module &M);         // ame_abi_cancel
llvm::FunctionCallee retriesFunction(llvm::Module &M);        // ame_abi_retries
llvm::FunctionCallee entranceFunction(llvm::Module &M);       // ame_abi_entrance
llvm::FunctionCallee setjmpFunction(llvm::Module &M);         // ame_abi_setjmp

llvm::GlobalVariable *orecTable(llvm::Module &M);     // ame_abi_orecs
llvm::GlobalVariable *readsVariable(llvm::Module &M); // ame_abi_reads, thread-local

// In the table, as ame__orec_index in runtime/core/orec.h.
llvm::Value *orecIndex(llvm::IRBuilderBase &Builder, llvm::Value *Address);

// For blocks in line.
llvm::GlobalVariable *phase(llvm::Module &M);            // ame_abi_phase
llvm::GlobalVariable *phases(llvm::Module &M);           // ame_abi_phases
llvm::GlobalVariable *countsInHardware(llvm::Module &M); // ame_abi_counts_in_hardware

// One enumerator for each line of abi.def, with the barrier's own name.
enum class Barrier {
#define AME_ABI_BARRIER(result, name, parameters) name,
#include <ame/abi.def>
};

llvm::FunctionCallee barrierFunction(llvm::Module &M, Barrier B);

// ame_abi_version_N: a reference to it fails to link with a runtime that does not fit.
llvm::Constant *versionSymbol(llvm::Module &M);

} // namespace ame

#endif
