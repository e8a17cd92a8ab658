// Report.h - how the checks speak to the user.
#ifndef AME_PASS_FRONTEND_REPORT_H
#define AME_PASS_FRONTEND_REPORT_H

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/SourceManager.h"

namespace ame {

// Clang's warnings whose options (-W<name>, -w, -Werror, #pragma clang diagnostic) also govern
// ours: clang 19 can't put a plugin's warning into a group, and its own option is what a user
// would look for.
enum class Group { UnknownAttributes, IgnoredAttributes, DiscardsQualifiers };

class Report {
  public:
    explicit Report(clang::ASTContext &Context)
        : Context(Context), Engine(Context.getDiagnostics()), Sources(Context.getSourceManager()) {}

    template <unsigned N>
    clang::DiagnosticBuilder error(clang::SourceLocation Where, const char (&Text)[N]) {
        return Engine.Report(Where, Engine.getCustomDiagID(clang::DiagnosticsEngine::Error, Text));
    }
    template <unsigned N>
    clang::DiagnosticBuilder warning(Group G, clang::SourceLocation Where, const char (&Text)[N]) {
        return Engine.Report(Where, Engine.getCustomDiagID(levelOf(G, Where), Text));
    }
    // Not shown if the error or warning before it is not.
    template <unsigned N>
    clang::DiagnosticBuilder note(clang::SourceLocation Where, const char (&Text)[N]) {
        return Engine.Report(Where, Engine.getCustomDiagID(clang::DiagnosticsEngine::Note, Text));
    }

    // A note where `F` is declared, with a fix-it that marks it there with `Word`, unless that
    // place is not the user's.
    template <unsigned N>
    void suggest(const clang::FunctionDecl &F, llvm::StringRef Word, const char (&Text)[N]) {
        const clang::FunctionDecl *Declared = declarationToMark(F);
        if (Declared)
            note(Declared->getLocation(), Text) << Declared << mark(*Declared, Word);
    }

    bool isUserCode(clang::SourceLocation Where) const;

    // What a macro stands for is shown where it is used: the user wrote `atomic`, not its text.
    clang::SourceLocation use(clang::SourceLocation Where) const {
        return Sources.getExpansionLoc(Where);
    }

    clang::ASTContext &Context;

  private:
    clang::DiagnosticsEngine::Level levelOf(Group G, clang::SourceLocation Where) const;
    const clang::FunctionDecl *declarationToMark(const clang::FunctionDecl &F) const;
    clang::FixItHint mark(const clang::FunctionDecl &Declared, llvm::StringRef Word) const;

    clang::DiagnosticsEngine &Engine;
    clang::SourceManager &Sources;
};

} // namespace ame

#endif
