#include "Checks.h"

using namespace clang;

namespace ame {

namespace {
class Checks : public ASTConsumer {
  public:
    bool HandleTopLevelDecl(DeclGroupRef) override { return true; }
};
} // namespace

std::unique_ptr<ASTConsumer> makeChecks(CompilerInstance &) {
    return std::make_unique<Checks>();
}

} // namespace ame
