// Signals.cpp - blocks in signal handlers, where they are not supported: the signal may arrive in
// the middle of another block of the thread.
#include "Checks.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace clang;

namespace ame {

static bool isName(const NamedDecl *D, ArrayRef<StringRef> Names) {
    return D && D->getIdentifier() && is_contained(Names, D->getName());
}

static bool registersHandler(const Flow &F) {
    if (F.Callee)
        return isName(F.Callee, {"signal", "sigset", "bsd_signal"});
    return isa<FieldDecl>(F.Into) && isName(F.Into, {"sa_handler", "sa_sigaction"});
}

void SignalChecks::see(const Flow &F) {
    if (registersHandler(F))
        Handlers.push_back(F);
}

void SignalChecks::finish(Report &R) {
    llvm::SmallPtrSet<const FunctionDecl *, 16> Seen; // a block is reported for one handler
    for (const Flow &H : Handlers) {
        SmallVector<const FunctionDecl *, 16> Reached = {H.Function};
        while (!Reached.empty()) {
            const FunctionDecl *F = Reached.pop_back_val()->getDefinition();
            if (!F || !R.isUserCode(F->getLocation()) || !Seen.insert(F).second)
                continue;
            Code Body(F->getBody(), R.Context);
            for (const Region &Block : Body.regions()) {
                if (Block.Around)
                    continue;
                R.error(R.use(Block.begin()), "ame: an atomic block in %0, which runs in a signal "
                                              "handler, where blocks are not supported")
                    << F;
                R.note(H.Where, "%0 becomes a signal handler here") << H.Function;
            }
            for (const Place &P : Body.places())
                if (auto *Call = dyn_cast<CallExpr>(P.What))
                    if (const FunctionDecl *Callee = calledFunction(*Call))
                        Reached.push_back(Callee);
        }
    }
}

} // namespace ame
