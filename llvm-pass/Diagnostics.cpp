#include "Diagnostics.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"

using namespace llvm;

namespace ame {

void error(Function &F, const DebugLoc &Where, const Twine &Message) {
    F.getContext().diagnose(DiagnosticInfoUnsupported(F, "ame: " + Message, Where));
}

void remarkSerial(const Instruction &I, const Twine &Message) {
    OptimizationRemarkEmitter ORE(I.getFunction());
    ORE.emit([&] { return OptimizationRemarkMissed("ame", "Serial", &I) << Message.str(); });
}

// The body's own line is not in its debug information: that of its first instruction is as near.
static DebugLoc firstLocation(const Function &F) {
    for (const Instruction &I : instructions(F))
        if (const DebugLoc &Where = I.getDebugLoc();
            Where && Where.getLine() && !Where.getInlinedAt())
            return Where;
    return DebugLoc();
}

void remarkBody(const Function &Body, const Twine &Message) {
    OptimizationRemarkEmitter ORE(&Body);
    ORE.emit([&] {
        return OptimizationRemarkAnalysis("ame", "Barriers", firstLocation(Body),
                                          &Body.getEntryBlock())
               << Message.str();
    });
}

void checkModule(const Module &M, StringRef Stage) {
    if (!getenv("AME_VERIFY"))
        return;
    std::string Problem;
    raw_string_ostream Stream(Problem);
    if (verifyModule(M, &Stream))
        report_fatal_error("ame: internal error after " + Twine(Stage) + " '" +
                               M.getSourceFileName() + "'; please report it: " + Problem,
                           /*gen_crash_diag=*/false);
}

} // namespace ame
