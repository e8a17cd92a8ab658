// Immutable.cpp - writes of ame_immutable fields. Blocks do not record reads of them, so the
// runtime can't see a write that comes after the object is shared; the compiler sees who writes.
#include "Annotations.h"
#include "Checks.h"
#include "Names.h"
#include "clang/AST/Attr.h"
#include "llvm/ADT/DenseSet.h"

using namespace clang;

namespace ame {

namespace {
// What an lvalue is a part of.
struct Target {
    const FieldDecl *Immutable = nullptr; // the outermost such field on the way
    const VarDecl *Object = nullptr;      // the variable that it lies in,
    const VarDecl *Pointer = nullptr;     // or that points to it
};
} // namespace

// ---- what is written ----

// A record is written with all its fields.
static const FieldDecl *immutableIn(QualType T) {
    const RecordDecl *Record = T->getBaseElementTypeUnsafe()->getAsRecordDecl();
    if (!Record)
        return nullptr;
    for (const FieldDecl *Field : Record->fields()) {
        if (annotation(*Field, ImmutableAnnotation))
            return Field;
        if (const FieldDecl *Inner = immutableIn(Field->getType()))
            return Inner;
    }
    return nullptr;
}

static const Expr *container(const Expr *E, Target &T);

// The object that pointer `E` points into, if it can be named; else sets T.Pointer.
static const Expr *pointedTo(const Expr *E, Target &T) {
    while (true) {
        E = E->IgnoreParens();
        if (auto *Cast = dyn_cast<CastExpr>(E)) {
            if (Cast->getCastKind() == CK_ArrayToPointerDecay)
                return Cast->getSubExpr();
            E = Cast->getSubExpr();
        } else if (auto *Sum = dyn_cast<BinaryOperator>(E); Sum && Sum->isAdditiveOp()) {
            E = Sum->getLHS()->getType()->isPointerType() ? Sum->getLHS() : Sum->getRHS();
        } else if (auto *Address = dyn_cast<UnaryOperator>(E);
                   Address && Address->getOpcode() == UO_AddrOf) {
            return Address->getSubExpr();
        } else {
            if (auto *Name = dyn_cast<DeclRefExpr>(E))
                T.Pointer = dyn_cast<VarDecl>(Name->getDecl());
            return nullptr;
        }
    }
}

// The next larger lvalue around `E`, or null at the end.
static const Expr *container(const Expr *E, Target &T) {
    if (auto *Member = dyn_cast<MemberExpr>(E)) {
        auto *Field = dyn_cast<FieldDecl>(Member->getMemberDecl());
        if (Field && annotation(*Field, ImmutableAnnotation))
            T.Immutable = Field;
        return Member->isArrow() ? pointedTo(Member->getBase(), T) : Member->getBase();
    }
    if (auto *Element = dyn_cast<ArraySubscriptExpr>(E))
        return Element->getBase()->getType()->isPointerType() ? pointedTo(Element->getBase(), T)
                                                              : Element->getBase();
    if (auto *Operation = dyn_cast<UnaryOperator>(E))
        return Operation->getOpcode() == UO_Deref ? pointedTo(Operation->getSubExpr(), T) : nullptr;
    if (auto *Name = dyn_cast<DeclRefExpr>(E))
        T.Object = dyn_cast<VarDecl>(Name->getDecl());
    return nullptr;
}

static Target targetOf(const Expr *E) {
    Target T;
    T.Immutable = immutableIn(E->getType());
    while (E)
        E = container(E->IgnoreParens(), T);
    return T;
}

static const Expr *writtenBy(const Stmt &S) {
    if (auto *Operation = dyn_cast<BinaryOperator>(&S))
        return Operation->isAssignmentOp() ? Operation->getLHS() : nullptr;
    auto *Operation = dyn_cast<UnaryOperator>(&S);
    return Operation && Operation->isIncrementDecrementOp() ? Operation->getSubExpr() : nullptr;
}

// ---- objects that no other thread has yet ----

static bool allocates(const Expr *E) {
    auto *Call = dyn_cast<CallExpr>(E->IgnoreParenCasts());
    const FunctionDecl *Callee = Call ? calledFunction(*Call) : nullptr;
    if (!Callee)
        return false;
    StringRef Name = calledName(*Call);
    return Name == "malloc" || Name == "calloc" || Name == "aligned_alloc" || Name == "realloc" ||
           Callee->hasAttr<RestrictAttr>() || Callee->hasAttr<AllocSizeAttr>();
}

// The local pointers that are given the result of an allocation somewhere in the function.
static llvm::DenseSet<const VarDecl *> freshPointers(const Code &Body) {
    llvm::DenseSet<const VarDecl *> Fresh;
    for (const Place &P : Body.places()) {
        for (const VarDecl *Variable : declared<VarDecl>(*P.What))
            if (Variable->hasLocalStorage() && Variable->getInit() &&
                allocates(Variable->getInit()))
                Fresh.insert(Variable);
        auto *Assignment = dyn_cast<BinaryOperator>(P.What);
        if (!Assignment || Assignment->getOpcode() != BO_Assign)
            continue;
        auto *Name = dyn_cast<DeclRefExpr>(Assignment->getLHS()->IgnoreParens());
        auto *Variable = Name ? dyn_cast<VarDecl>(Name->getDecl()) : nullptr;
        if (Variable && Variable->hasLocalStorage() && allocates(Assignment->getRHS()))
            Fresh.insert(Variable);
    }
    return Fresh;
}

namespace {
class ImmutableCheck {
  public:
    ImmutableCheck(const FunctionDecl &F, const Code &Body, Report &R) : F(F), Body(Body), R(R) {}

    void write(const Stmt &Where, const Expr &Written) {
        Target T = targetOf(&Written);
        if (!T.Immutable || isPrivate(T))
            return;
        R.error(Where.getBeginLoc(),
                "ame: %0 is ame_immutable and is written here, where its object may be shared")
            << T.Immutable << Where.getSourceRange();
        if (!Suggested)
            R.suggest(F, ConstructorAnnotation,
                      "mark %0 ame_constructor if it writes only objects that are not shared yet");
        Suggested = true;
    }

    void passArguments(const CallExpr &Call) {
        const FunctionDecl *Callee = calledFunction(Call);
        if (!Callee)
            return;
        unsigned Count = std::min(Call.getNumArgs(), Callee->getNumParams());
        for (unsigned Index = 0; Index < Count; Index++) {
            QualType Parameter = Callee->getParamDecl(Index)->getType();
            if (Parameter->isPointerType() && !Parameter->getPointeeType().isConstQualified())
                passAddress(*Call.getArg(Index), *Callee);
        }
    }

  private:
    void passAddress(const Expr &Argument, const FunctionDecl &Callee) {
        const Expr *E = Argument.IgnoreParenImpCasts(); // a cast says that it is meant
        auto *Address = dyn_cast<UnaryOperator>(E);
        if (Address && Address->getOpcode() == UO_AddrOf)
            E = Address->getSubExpr();
        else if (!E->getType()->isArrayType())
            return;
        Target T = targetOf(E);
        if (T.Immutable && !immutableIn(E->getType()) && !isPrivate(T))
            R.warning(Group::DiscardsQualifiers, Argument.getBeginLoc(),
                      "ame: %0 is ame_immutable, and %1 takes its address and may write it")
                << T.Immutable << &Callee << Argument.getSourceRange();
    }

    bool isPrivate(const Target &T) {
        if (T.Object)
            return T.Object->hasLocalStorage();
        if (!T.Pointer)
            return false;
        if (!Fresh)
            Fresh = freshPointers(Body);
        return Fresh->contains(T.Pointer);
    }

    const FunctionDecl &F;
    const Code &Body;
    Report &R;
    std::optional<llvm::DenseSet<const VarDecl *>> Fresh; // found when they are asked for
    bool Suggested = false;
};
} // namespace

void checkImmutable(const FunctionDecl &F, const Code &Body, Report &R) {
    if (annotation(F, ConstructorAnnotation))
        return;
    ImmutableCheck Check(F, Body, R);
    for (const Place &P : Body.places()) {
        if (const Expr *Written = writtenBy(*P.What))
            Check.write(*P.What, *Written);
        else if (auto *Call = dyn_cast<CallExpr>(P.What))
            Check.passArguments(*Call);
    }
}

} // namespace ame
