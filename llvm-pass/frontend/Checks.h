// Checks.h - the checks of the clang plugin.
#ifndef AME_PASS_FRONTEND_CHECKS_H
#define AME_PASS_FRONTEND_CHECKS_H

#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"

namespace ame {

// Looks at each top-level declaration as it is complete.
std::unique_ptr<clang::ASTConsumer> makeChecks(clang::CompilerInstance &Compiler);

} // namespace ame

#endif
