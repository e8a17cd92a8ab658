// GnuTmChecks.cpp - what GCC refuses in transactions, where the tokens alone don't tell.
#include "GnuTm.h"
#include "Names.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace clang;

namespace ame {

namespace {

class Visitor : public RecursiveASTVisitor<Visitor> {
    using Base = RecursiveASTVisitor<Visitor>;

  public:
    Visitor(DiagnosticsEngine &TheDiags, const FunctionDecl *F)
        : Diags(TheDiags), IsSafe(isAnnotated(F, SafeAnnotation)),
          InOuter(isAnnotated(F, MayCancelOuterAnnotation)) {}

    bool TraverseCompoundStmt(CompoundStmt *S, DataRecursionQueue * = nullptr);
    bool VisitCallExpr(CallExpr *Call);
    bool VisitGCCAsmStmt(GCCAsmStmt *Asm);

  private:
    DiagnosticsEngine &Diags;
    bool IsSafe;  // the function is transaction_safe
    bool InOuter; // in an outer block, or in a function that may cancel one
    bool InAtomic = false;

    template <typename... Arguments>
    void error(SourceLocation Where, StringRef Format, Arguments... Values) {
        auto Report = Diags.Report(
            Where, Diags.getDiagnosticIDs()->getCustomDiagID(DiagnosticIDs::Error, Format));
        (void)std::initializer_list<int>{(Report << Values, 0)...};
    }
};

// The variable of the block whose first bracket this is, as GnuTm.cpp puts it; else NULL.
const VarDecl *scopeVariable(const CompoundStmt *S) {
    const auto *First = S->body_empty() ? nullptr : dyn_cast<DeclStmt>(S->body_front());
    const auto *Variable =
        First && First->isSingleDecl() ? dyn_cast<VarDecl>(First->getSingleDecl()) : nullptr;
    const auto *Begin =
        Variable && Variable->hasInit() ? dyn_cast<CallExpr>(Variable->getInit()) : nullptr;
    const FunctionDecl *Callee = Begin ? Begin->getDirectCallee() : nullptr;
    if (!Callee || (Callee->getName() != RegionBegin && Callee->getName() != RegionBeginOuter))
        return nullptr;
    return Variable;
}

bool Visitor::TraverseCompoundStmt(CompoundStmt *S, DataRecursionQueue *) {
    llvm::SaveAndRestore<bool> Atomic(InAtomic), Outer(InOuter);
    if (const VarDecl *Variable = scopeVariable(S)) {
        bool IsOuter = Variable->getName().starts_with(OuterScope);
        InOuter |= IsOuter;
        InAtomic |= IsOuter || Variable->getName().starts_with(AtomicScope);
        if (IsSafe && Variable->getName().starts_with(RelaxedScope))
            error(Variable->getLocation(),
                  "ame: __transaction_relaxed in a transaction_safe function");
    }
    return Base::TraverseCompoundStmt(S);
}

// What is called: a function, or the variable, field or parameter that points to one.
const ValueDecl *calledDeclaration(const CallExpr *Call) {
    const Expr *Callee = Call->getCallee()->IgnoreParenImpCasts();
    while (const auto *Operator = dyn_cast<UnaryOperator>(Callee)) // (*f)() and (&f)()
        Callee = Operator->getSubExpr()->IgnoreParenImpCasts();
    while (const auto *Element = dyn_cast<ArraySubscriptExpr>(Callee))
        Callee = Element->getBase()->IgnoreParenImpCasts();
    if (const auto *Name = dyn_cast<DeclRefExpr>(Callee))
        return Name->getDecl();
    if (const auto *Member = dyn_cast<MemberExpr>(Callee))
        return Member->getMemberDecl();
    return nullptr;
}

// On the declaration, or on a typedef in its type.
bool isMarked(const ValueDecl *D, StringRef Text) {
    if (isAnnotated(D, Text))
        return true;
    for (QualType T = D->getType(); !T.isNull();) {
        if (const auto *Typedef = T->getAs<TypedefType>()) {
            if (isAnnotated(Typedef->getDecl(), Text))
                return true;
            T = Typedef->desugar();
        } else {
            T = T->getPointeeType();
        }
    }
    return false;
}

bool Visitor::VisitCallExpr(CallExpr *Call) {
    const ValueDecl *Callee = calledDeclaration(Call);
    if (!Callee)
        return true;
    if (InAtomic && isMarked(Callee, IrrevocableAnnotation))
        error(Call->getBeginLoc(),
              "ame: call of %0, which is transaction_unsafe, in a __transaction_atomic block; use "
              "__transaction_relaxed",
              Callee);
    if (!InOuter && Callee->getName() == CancelOuter)
        error(Call->getBeginLoc(),
              "ame: __transaction_cancel [[outer]] outside a __transaction_atomic [[outer]] block "
              "and a transaction_may_cancel_outer function");
    if (!InOuter && isMarked(Callee, MayCancelOuterAnnotation))
        error(Call->getBeginLoc(),
              "ame: call of %0, which is transaction_may_cancel_outer, outside a "
              "__transaction_atomic [[outer]] block and a transaction_may_cancel_outer function",
              Callee);
    return true;
}

bool Visitor::VisitGCCAsmStmt(GCCAsmStmt *Asm) {
    if (InAtomic)
        error(Asm->getBeginLoc(), "ame: asm in a __transaction_atomic block; use "
                                  "__transaction_relaxed");
    return true;
}

class Checks : public ASTConsumer {
  public:
    explicit Checks(CompilerInstance &Compiler) : Diags(Compiler.getDiagnostics()) {}

    bool HandleTopLevelDecl(DeclGroupRef Group) override {
        for (Decl *D : Group)
            if (auto *F = dyn_cast<FunctionDecl>(D); F && F->doesThisDeclarationHaveABody())
                Visitor(Diags, F).TraverseDecl(F);
        return true;
    }

  private:
    DiagnosticsEngine &Diags;
};

} // namespace

std::unique_ptr<ASTConsumer> makeGnuTmChecks(CompilerInstance &Compiler) {
    return std::make_unique<Checks>(Compiler);
}

} // namespace ame
