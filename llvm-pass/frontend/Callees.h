// Callees.h - what is known of a function without looking into its body.
#ifndef AME_PASS_FRONTEND_CALLEES_H
#define AME_PASS_FRONTEND_CALLEES_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"

namespace ame {

enum class Callee {
    Safe,         // blocks call it without running alone
    Irrevocable,  // marked so, or ame_irrevocable() itself
    Atomic,       // a builtin that is an atomic operation or a fence
    Unsafe,       // anything else that has no body here
    AsItsBodySays // not marked, and defined in this file
};

Callee classify(const clang::FunctionDecl &F);

// Whether calls through the function pointer that `E` reads are promised to be safe: the variable,
// field or parameter is marked, or the name of its type.
bool isSafePointer(const clang::Expr &E);
bool isSafePointer(const clang::ValueDecl &D);

} // namespace ame

#endif
