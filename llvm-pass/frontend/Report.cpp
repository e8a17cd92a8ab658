#include "Report.h"
#include "clang/Lex/Lexer.h"
#include "clang/Sema/SemaDiagnostic.h"

using namespace clang;

namespace ame {

bool Report::isUserCode(SourceLocation Where) const {
    return Where.isValid() && !Sources.isInSystemHeader(Sources.getExpansionLoc(Where));
}

DiagnosticsEngine::Level Report::levelOf(Group G, SourceLocation Where) const {
    switch (G) {
    case Group::UnknownAttributes:
        return Engine.getDiagnosticLevel(diag::warn_unknown_attribute_ignored, Where);
    case Group::IgnoredAttributes:
        return Engine.getDiagnosticLevel(diag::warn_attribute_wrong_decl_type, Where);
    case Group::DiscardsQualifiers:
        return Engine.getDiagnosticLevel(diag::ext_typecheck_convert_discards_qualifiers, Where);
    }
    llvm_unreachable("a group without a warning of clang's");
}

// Functions that clang knows have a first declaration that is nowhere.
const FunctionDecl *Report::declarationToMark(const FunctionDecl &F) const {
    for (const FunctionDecl *Declared : {F.getCanonicalDecl(), F.getMostRecentDecl()})
        if (!Declared->isImplicit() && Declared->getLocation().isValid())
            return Declared;
    return nullptr;
}

FixItHint Report::mark(const FunctionDecl &Declared, StringRef Word) const {
    SourceLocation Begin = Declared.getBeginLoc();
    if (!isUserCode(Begin))
        return {};
    SourceLocation Whole;
    if (Begin.isMacroID()) {
        if (!Lexer::isAtStartOfMacroExpansion(Begin, Sources, Context.getLangOpts(), &Whole))
            return {};
        Begin = Whole;
    }
    return FixItHint::CreateInsertion(Begin, (Word + " ").str());
}

} // namespace ame
