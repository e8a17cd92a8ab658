// Plugin.cpp - the pipeline: outline early, let LLVM optimize, instrument late.
#include "Diagnostics.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"

using namespace llvm;

namespace {

// Blocks become body functions, and every function that a block may reach gets a
// twin, still without barriers, that is optimized on its own.
struct PreparePass : PassInfoMixin<PreparePass> {
    PreservedAnalyses run(Module &M, ModuleAnalysisManager &MAM) {
        ame::translateAnnotations(M);
        ame::outlineBlocks(M, MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager());
        ame::makeTwins(M);
        ame::checkModule(M, "preparing");
        return PreservedAnalyses::none();
    }
    // Functions are optnone at -O0; atomic blocks have to work there too.
    static bool isRequired() { return true; }
};

// Loops in the twins that walk through memory access many words by one barrier.
struct RangesPass : PassInfoMixin<RangesPass> {
    bool Vectorize;
    explicit RangesPass(bool V) : Vectorize(V) {}
    PreservedAnalyses run(Module &M, ModuleAnalysisManager &MAM) {
        if (ame::isInstrumented(M))
            return PreservedAnalyses::all();
        auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
        for (Function &F : M)
            if (ame::isTwin(F) && !F.isDeclaration())
                ame::walkInChunks(F, FAM, Vectorize);
        ame::checkModule(M, "walking in chunks");
        return PreservedAnalyses::none();
    }
};

// The accesses that are left in the twins become barriers.
struct InstrumentPass : PassInfoMixin<InstrumentPass> {
    bool InLine;
    explicit InstrumentPass(bool I) : InLine(I) {}
    PreservedAnalyses run(Module &M, ModuleAnalysisManager &MAM) {
        // Link time optimization may run the pass again, on what it has made.
        if (ame::isInstrumented(M))
            return PreservedAnalyses::all();
        ame::instrumentTwins(M);
        ame::markReads(M);
        if (InLine)
            ame::runInLine(M, MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager());
        ame::emitTwinTable(M);
        ame::checkModule(M, "instrumenting");
        return PreservedAnalyses::none();
    }
    static bool isRequired() { return true; }
};

void addToPipelines(PassBuilder &PB) {
    PB.registerPipelineStartEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(PreparePass()); });
    PB.registerOptimizerEarlyEPCallback([](ModulePassManager &MPM, OptimizationLevel Level) {
        if (Level != OptimizationLevel::O0)
            MPM.addPass(RangesPass(Level.getSpeedupLevel() > 1 && Level.getSizeLevel() < 2));
    });
    PB.registerOptimizerLastEPCallback([](ModulePassManager &MPM, OptimizationLevel Level) {
        MPM.addPass(InstrumentPass(Level.getSpeedupLevel() > 1 && Level.getSizeLevel() == 0));
    });
    // By name, for opt -passes=...
    PB.registerPipelineParsingCallback(
        [](StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
            if (Name == "ame-prepare")
                MPM.addPass(PreparePass());
            else if (Name == "ame-ranges")
                MPM.addPass(RangesPass(/*Vectorize=*/true));
            else if (Name == "ame-instrument")
                MPM.addPass(InstrumentPass(/*InLine=*/true));
            else
                return false;
            return true;
        });
}

} // namespace

extern "C" __attribute__((visibility("default"))) PassPluginLibraryInfo llvmGetPassPluginInfo() {
    return {LLVM_PLUGIN_API_VERSION, "ame", "1", addToPipelines};
}
