// Words.cpp - atomic_cancel() outside a block; atomic_either and atomic_or_else that don't belong
// together. Both are an `if` and its `else` to clang, which would let them pair with others.
#include "Checks.h"
#include "Names.h"
#include "clang/Lex/Lexer.h"

using namespace clang;

namespace ame {

static bool isWord(SourceLocation Where, StringRef Word, const Report &R) {
    return Where.isMacroID() && Lexer::getImmediateMacroName(Where, R.Context.getSourceManager(),
                                                             R.Context.getLangOpts()) == Word;
}

// The `if` of atomic_either.
static bool isEither(const IfStmt &If, const Report &R) {
    return isWord(If.getIfLoc(), "AME_EITHER_", R);
}

static void checkIf(const IfStmt &If, Report &R) {
    bool HasOrElse = isWord(If.getElseLoc(), "atomic_or_else", R);
    if (isEither(If, R) && !HasOrElse) {
        R.error(R.use(If.getIfLoc()),
                "ame: atomic_either without atomic_or_else; write atomic_or_else { } behind it, or "
                "only `atomic`");
    } else if (!isEither(If, R) && HasOrElse) {
        R.error(R.use(If.getElseLoc()),
                "ame: atomic_or_else behind an `if`; it belongs to the atomic_either before it");
        R.note(If.getIfLoc(), "the `if` is here");
    }
}

void checkWords(const Code &Body, Report &R) {
    for (const Place &P : Body.places()) {
        if (auto *If = dyn_cast<IfStmt>(P.What)) {
            checkIf(*If, R);
            continue;
        }
        auto *Call = dyn_cast<CallExpr>(P.What);
        if (Call && !P.In && calledName(*Call) == RegionCancel)
            R.error(R.use(Call->getBeginLoc()),
                    "ame: atomic_cancel() outside an atomic block; write it in the block that it "
                    "undoes");
    }
}

} // namespace ame
