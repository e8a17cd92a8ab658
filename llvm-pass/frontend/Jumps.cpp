// Jumps.cpp - goto and switch into a block. Clang refuses them too, because they bypass the
// variable that ends the block, but speaks of that variable, which the user has not written.
#include "Checks.h"
#include "llvm/ADT/DenseMap.h"

using namespace clang;

namespace ame {

static bool entersBlock(const Region *From, const Region *To) {
    return To && !To->contains(From);
}

static void reportGoto(const GotoStmt &Goto, const Region *To, Report &R) {
    R.error(Goto.getBeginLoc(), "ame: this goto jumps into an atomic block; start the block with a "
                                "statement that jumps on inside it")
        << Goto.getSourceRange();
    R.note(R.use(To->begin()), "the block begins here");
}

static void reportCase(const SwitchStmt &Switch, const SwitchCase &Case, const Region *To,
                       Report &R) {
    R.error(Case.getBeginLoc(), "ame: this case label is in an atomic block and its switch is not; "
                                "put the whole switch into the block")
        << SourceRange(Case.getKeywordLoc(), Case.getColonLoc());
    R.note(R.use(To->begin()), "the block begins here");
    R.note(Switch.getBeginLoc(), "the switch is here");
}

// Clang keeps them from the last to the first.
static SmallVector<const SwitchCase *, 16> casesOf(const SwitchStmt &Switch) {
    SmallVector<const SwitchCase *, 16> Cases;
    for (const SwitchCase *Case = Switch.getSwitchCaseList(); Case;
         Case = Case->getNextSwitchCase())
        Cases.push_back(Case);
    std::reverse(Cases.begin(), Cases.end());
    return Cases;
}

void checkJumps(const Code &Body, Report &R) {
    // Labels and case labels in blocks.
    llvm::DenseMap<const Stmt *, const Region *> Targets;
    for (const Place &P : Body.places())
        if (P.In && (isa<LabelStmt>(P.What) || isa<SwitchCase>(P.What)))
            Targets[P.What] = P.In;

    for (const Place &P : Body.places()) {
        if (auto *Goto = dyn_cast<GotoStmt>(P.What)) {
            const Region *To = Targets.lookup(Goto->getLabel()->getStmt());
            if (entersBlock(P.In, To))
                reportGoto(*Goto, To, R);
        } else if (auto *Switch = dyn_cast<SwitchStmt>(P.What)) {
            for (const SwitchCase *Case : casesOf(*Switch))
                if (const Region *To = Targets.lookup(Case); entersBlock(P.In, To))
                    reportCase(*Switch, *Case, To, R);
        }
    }
}

} // namespace ame
