// GnuTm.h - transactions as `gcc -fgnu-tm` has them; docs/gnu-tm.md lists what becomes what.
//
// Three parts: GnuTm.cpp puts atomic blocks for the words, in the stream of tokens;
// GnuTmAttributes.cpp knows the attributes; GnuTmChecks.cpp refuses what only the syntax tree
// shows.
#ifndef AME_PASS_FRONTEND_GNU_TM_H
#define AME_PASS_FRONTEND_GNU_TM_H

#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"

namespace ame {

// A block's variable is called one of these and a number: that tells the checks its kind.
constexpr llvm::StringLiteral AtomicScope("ame_atomic_");
constexpr llvm::StringLiteral OuterScope("ame_outer_");
constexpr llvm::StringLiteral RelaxedScope("ame_relaxed_");

// Before the first token is read.
void watchTransactions(clang::CompilerInstance &Compiler);

std::unique_ptr<clang::ASTConsumer> makeGnuTmChecks(clang::CompilerInstance &Compiler);

// For transaction_wrap.
std::unique_ptr<clang::ASTConsumer> makeWraps(clang::CompilerInstance &Compiler);

// Whether `D` has the annotation, on any of its declarations. Types and variables have it as an
// annotate_type attribute, for which clang makes no code.
bool isAnnotated(const clang::Decl *D, llvm::StringRef Text);

} // namespace ame

#endif
