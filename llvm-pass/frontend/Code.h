// Code.h - a function's body, or an initializer, as the checks see it: a list of statements, each
// with the atomic block that it stands in.
#ifndef AME_PASS_FRONTEND_CODE_H
#define AME_PASS_FRONTEND_CODE_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"
#include <deque>
#include <vector>

namespace ame {

// An atomic block of the source.
struct Region {
    const clang::Stmt *Whole;
    const Region *Around; // the block that this one is part of

    clang::SourceLocation begin() const { return Whole->getBeginLoc(); }
    bool contains(const Region *Other) const;
    const Region *outermost() const;
};

// Whether `S` is a block, in either form: the `for` of include/ame/atomic.h, or braces that begin
// with the variable whose cleanup is the block's end.
bool isRegion(const clang::Stmt &S);

struct Place {
    const clang::Stmt *What;
    const Region *In; // the innermost, or null
};

// All that is evaluated, in the order of the source.
class Code {
  public:
    Code(const clang::Stmt *Root, const clang::ASTContext &Context);
    Code(const Code &) = delete;

    const std::vector<Place> &places() const & { return Places; }
    const std::vector<Place> &places() && = delete; // they would end before a loop over them
    const std::deque<Region> &regions() const { return Regions; }

  private:
    std::vector<Place> Places;
    std::deque<Region> Regions; // places refer to them
};

// The function that a call names, or null if it is made through a pointer.
const clang::FunctionDecl *calledFunction(const clang::CallExpr &Call);

// Its name, empty if there is none.
llvm::StringRef calledName(const clang::CallExpr &Call);

// The function whose name `E` is, or whose address it takes.
const clang::FunctionDecl *namedFunction(const clang::Expr *E);

// The functions, variables and such of a declaration statement.
template <typename Kind> std::vector<const Kind *> declared(const clang::Stmt &S) {
    std::vector<const Kind *> Found;
    if (auto *Declaration = llvm::dyn_cast<clang::DeclStmt>(&S))
        for (const clang::Decl *D : Declaration->decls())
            if (auto *K = llvm::dyn_cast<Kind>(D))
                Found.push_back(K);
    return Found;
}

} // namespace ame

#endif
