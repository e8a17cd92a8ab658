// Jumps.cpp - goto and switch into a block. Clang refuses them too, because they bypass the
// variable that ends the block, but speaks of that variable, which the user has not written.
#include "Checks.h"
#include "llvm/ADT/DenseMap.h"

using namespace clang;

namespace ame {

static bool entersBlock(const Region *From, const Region *To) {
    return To && !To->contains(From);
}

static void sayWhere(const Region &In, Report &R) {
    R.note(R.use(In.begin()), "the block begins here");
}

void checkJumps(const Code &Body, Report &R) {
    // Of labels and case labels.
    llvm::DenseMap<const Stmt *, const Region *> Targets;
    for (const Place &P : Body.places())
        if (P.In && (isa<LabelStmt>(P.What) || isa<SwitchCase>(P.What)))
            Targets[P.What] = P.In;

    for (const Place &P : Body.places()) {
        if (auto *Goto = dyn_cast<GotoStmt>(P.What)) {
            const Region *To = Targets.lookup(Goto->getLabel()->getStmt());
            if (!entersBlock(P.In, To))
                continue;
            R.error(Goto->getBeginLoc(), "ame: this goto jumps into an atomic block; start the "
                                         "block with a statement that jumps on inside it")
                << Goto->getSourceRange();
            sayWhere(*To, R);
        } else if (auto *Switch = dyn_cast<SwitchStmt>(P.What)) {
            for (const SwitchCase *Case = Switch->getSwitchCaseList(); Case;
                 Case = Case->getNextSwitchCase()) {
                const Region *To = Targets.lookup(Case);
                if (!entersBlock(P.In, To))
                    continue;
                R.error(Case->getBeginLoc(), "ame: this case label is in an atomic block and its "
                                             "switch is not; put the whole switch into the block")
                    << SourceRange(Case->getKeywordLoc(), Case->getColonLoc());
                sayWhere(*To, R);
                R.note(Switch->getBeginLoc(), "the switch is here");
            }
        }
    }
}

} // namespace ame
