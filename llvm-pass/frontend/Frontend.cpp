// Frontend.cpp - the clang plugin: what needs the source and not its LLVM code.
//
// `-fpass-plugin=` makes programs work, `-fplugin=` of the same library adds attributes that are
// checked and errors with source ranges. It runs before clang's own code generation.
#include "Checks.h"
#include "GnuTm.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"
#include "clang/Frontend/MultiplexConsumer.h"

using namespace clang;

namespace ame {

namespace {
class Action : public PluginASTAction {
  protected:
    std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &Compiler, StringRef) override {
        std::vector<std::unique_ptr<ASTConsumer>> Consumers;
        Consumers.push_back(makeChecks(Compiler));
        Consumers.push_back(makeWraps(Compiler));
        if (GnuTm) {
            watchTransactions(Compiler);
            Consumers.push_back(makeGnuTmChecks(Compiler));
        }
        return std::make_unique<MultiplexConsumer>(std::move(Consumers));
    }
    bool ParseArgs(const CompilerInstance &, const std::vector<std::string> &Arguments) override {
        GnuTm = llvm::is_contained(Arguments, "gnu-tm");
        return true;
    }
    ActionType getActionType() override { return AddBeforeMainAction; }

  private:
    bool GnuTm = false; // -fplugin-arg-ame-gnu-tm: GCC's transactions are words of the language
};
} // namespace

static FrontendPluginRegistry::Add<Action> Registered("ame", "atomic blocks for C");

} // namespace ame
