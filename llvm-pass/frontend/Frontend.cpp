// Frontend.cpp - the clang plugin: what needs the source and not its LLVM code.
//
// `-fpass-plugin=` makes programs work, `-fplugin=` of the same library adds attributes that are
// checked and errors with source ranges. It runs before clang's own code generation.
#include "Checks.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"

using namespace clang;

namespace ame {

namespace {
class Action : public PluginASTAction {
  protected:
    std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &Compiler, StringRef) override {
        return makeChecks(Compiler);
    }
    bool ParseArgs(const CompilerInstance &, const std::vector<std::string> &) override {
        return true;
    }
    ActionType getActionType() override { return AddBeforeMainAction; }
};
} // namespace

static FrontendPluginRegistry::Add<Action> Registered("ame", "atomic blocks for C");

} // namespace ame
