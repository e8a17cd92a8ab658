#include "Code.h"
#include "Names.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/Builtins.h"

using namespace clang;

namespace ame {

bool Region::contains(const Region *Other) const {
    while (Other && Other != this)
        Other = Other->Around;
    return Other;
}

const Region *Region::outermost() const {
    return Around ? Around->outermost() : this;
}

static bool declaresEnd(const Stmt *S) {
    auto *Declaration = dyn_cast_or_null<DeclStmt>(S);
    if (!Declaration || !Declaration->isSingleDecl())
        return false;
    auto *Scope = dyn_cast<VarDecl>(Declaration->getSingleDecl());
    auto *Cleanup = Scope ? Scope->getAttr<CleanupAttr>() : nullptr;
    return Cleanup && Cleanup->getFunctionDecl()->getName() == RegionEnd;
}

bool isRegion(const Stmt &S) {
    if (auto *For = dyn_cast<ForStmt>(&S))
        return declaresEnd(For->getInit());
    auto *Braces = dyn_cast<CompoundStmt>(&S);
    return Braces && !Braces->body_empty() && declaresEnd(Braces->body_front());
}

// Pushes what is evaluated as a part of `S`.
static void pushParts(const Stmt &S, const Region *In, const ASTContext &Context,
                      SmallVectorImpl<Place> &Stack) {
    if (isa<UnaryExprOrTypeTraitExpr>(S))
        return;
    if (auto *Selection = dyn_cast<GenericSelectionExpr>(&S)) {
        if (!Selection->isResultDependent())
            Stack.push_back({Selection->getResultExpr(), In});
        return;
    }
    if (auto *Choice = dyn_cast<ChooseExpr>(&S)) {
        if (!Choice->isConditionDependent())
            Stack.push_back({Choice->getChosenSubExpr(), In});
        return;
    }
    if (auto *Call = dyn_cast<CallExpr>(&S))
        if (unsigned Builtin = Call->getBuiltinCallee())
            if (Context.BuiltinInfo.isUnevaluated(Builtin))
                return;
    size_t First = Stack.size();
    for (const Stmt *Part : S.children())
        if (Part)
            Stack.push_back({Part, In});
    std::reverse(Stack.begin() + First, Stack.end());
}

// Not recursive: generated expressions can be very deep.
Code::Code(const Stmt *Root, const ASTContext &Context) {
    SmallVector<Place, 64> Stack;
    if (Root)
        Stack.push_back({Root, nullptr});
    while (!Stack.empty()) {
        Place Next = Stack.pop_back_val();
        if (isRegion(*Next.What)) {
            Regions.push_back({Next.What, Next.In});
            Next.In = &Regions.back();
        }
        Places.push_back(Next);
        pushParts(*Next.What, Next.In, Context, Stack);
    }
}

const FunctionDecl *calledFunction(const CallExpr &Call) {
    return Call.getDirectCallee();
}

StringRef calledName(const CallExpr &Call) {
    const FunctionDecl *Callee = calledFunction(Call);
    return Callee && Callee->getIdentifier() ? Callee->getName() : StringRef();
}

const FunctionDecl *namedFunction(const Expr *E) {
    E = E->IgnoreParenCasts();
    if (auto *Address = dyn_cast<UnaryOperator>(E))
        if (Address->getOpcode() == UO_AddrOf)
            E = Address->getSubExpr()->IgnoreParenCasts();
    auto *Name = dyn_cast<DeclRefExpr>(E);
    return Name ? dyn_cast<FunctionDecl>(Name->getDecl()) : nullptr;
}

} // namespace ame
