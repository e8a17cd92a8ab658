// Flow.h - which functions are stored where.
#ifndef AME_PASS_FRONTEND_FLOW_H
#define AME_PASS_FRONTEND_FLOW_H

#include "Code.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace ame {

// A function's name becomes the value of a variable, a field or a parameter.
struct Flow {
    const clang::FunctionDecl *Function;
    const clang::ValueDecl *Into;
    const clang::FunctionDecl *Callee; // whose parameter that is, or null
    clang::SourceLocation Where;
};

void forEachFlow(const Code &C, llvm::function_ref<void(const Flow &)> Visit);

// A global variable's initializer.
void forEachFlow(const clang::VarDecl &Global, llvm::function_ref<void(const Flow &)> Visit);

// What a function pointer is read from, or stored to: a variable, a field or a parameter, also as
// an element of an array. Null for others.
const clang::ValueDecl *pointerNamed(const clang::Expr *E);

} // namespace ame

#endif
