// Checks.h - the checks of the clang plugin. Each has a file of its own.
#ifndef AME_PASS_FRONTEND_CHECKS_H
#define AME_PASS_FRONTEND_CHECKS_H

#include "Code.h"
#include "Flow.h"
#include "Report.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"

namespace ame {

// Looks at each top-level declaration as it is complete, and at the file when it ends.
std::unique_ptr<clang::ASTConsumer> makeChecks(clang::CompilerInstance &Compiler);

// ---- of a function with its body ----

void checkJumps(const Code &Body, Report &R);     // goto and switch into a block
void checkLongJumps(const Code &Body, Report &R); // longjmp over a block's border
void checkReturns(const Code &Body, Report &R);   // addresses of locals
void checkWords(const Code &Body, Report &R);     // cancel, either, or_else in their places
void checkImmutable(const clang::FunctionDecl &F, const Code &Body, Report &R);

// ---- of the whole file, since functions may come in any order ----

// ame_safe: what such a function does, and which functions become the value of such a pointer.
class SafeChecks {
  public:
    void see(const clang::FunctionDecl &F); // with a body
    void see(const Flow &F);
    void finish(Report &R);

  private:
    std::vector<const clang::FunctionDecl *> Functions; // all, since the word may come later
    std::vector<Flow> Pointers;
    std::vector<Flow> Replaced; // function, replacement, function, ...
};

// Blocks in signal handlers.
class SignalChecks {
  public:
    void see(const Flow &F);
    void finish(Report &R);

  private:
    std::vector<Flow> Handlers;
};

} // namespace ame

#endif
