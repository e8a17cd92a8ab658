// Returns.cpp - blocks that return the address of a local. Clang warns of some; in a block, whose
// locals live in a frame that is undone and run again, it is an error.
#include "Checks.h"

using namespace clang;

namespace ame {

// The local that the lvalue `E` is a part of, or null.
static const VarDecl *localOf(const Expr *E) {
    while (true) {
        E = E->IgnoreParens();
        if (auto *Member = dyn_cast<MemberExpr>(E); Member && !Member->isArrow()) {
            E = Member->getBase();
        } else if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) {
            auto *Decay = dyn_cast<ImplicitCastExpr>(Element->getBase()->IgnoreParens());
            if (!Decay || Decay->getCastKind() != CK_ArrayToPointerDecay)
                return nullptr;
            E = Decay->getSubExpr();
        } else {
            auto *Name = dyn_cast<DeclRefExpr>(E);
            auto *Variable = Name ? dyn_cast<VarDecl>(Name->getDecl()) : nullptr;
            return Variable && Variable->hasLocalStorage() ? Variable : nullptr;
        }
    }
}

// The local whose address the value of `E` is, or may be.
static const VarDecl *addressOfLocal(const Expr *E) {
    E = E->IgnoreParens();
    if (auto *Cast = dyn_cast<CastExpr>(E)) {
        if (Cast->getCastKind() == CK_ArrayToPointerDecay)
            return localOf(Cast->getSubExpr());
        return Cast->getCastKind() == CK_LValueToRValue ? nullptr
                                                        : addressOfLocal(Cast->getSubExpr());
    }
    if (auto *Choice = dyn_cast<ConditionalOperator>(E)) {
        const VarDecl *Local = addressOfLocal(Choice->getTrueExpr());
        return Local ? Local : addressOfLocal(Choice->getFalseExpr());
    }
    if (auto *Sum = dyn_cast<BinaryOperator>(E); Sum && Sum->isAdditiveOp()) {
        const Expr *Pointer =
            Sum->getLHS()->getType()->isPointerType() ? Sum->getLHS() : Sum->getRHS();
        return addressOfLocal(Pointer);
    }
    auto *Address = dyn_cast<UnaryOperator>(E);
    return Address && Address->getOpcode() == UO_AddrOf ? localOf(Address->getSubExpr()) : nullptr;
}

void checkReturns(const Code &Body, Report &R) {
    for (const Place &P : Body.places()) {
        auto *Return = dyn_cast<ReturnStmt>(P.What);
        const Expr *Value = Return ? Return->getRetValue() : nullptr;
        if (!P.In || !Value || !Value->getType()->isPointerType())
            continue;
        const VarDecl *Local = addressOfLocal(Value);
        if (!Local)
            continue;
        R.error(Value->getBeginLoc(),
                "ame: returns the address of %0, which ends with the atomic block")
            << Local << Value->getSourceRange();
        R.note(Local->getLocation(), "%0 is declared here") << Local;
    }
}

} // namespace ame
