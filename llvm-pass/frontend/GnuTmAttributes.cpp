// GnuTmAttributes.cpp - GCC's transaction_* attributes, as annotations that the pass and the checks
// know. They hold with and without -fgnu-tm.
#include "GnuTm.h"
#include "Names.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/DiagnosticSema.h"
#include "clang/Sema/Lookup.h"
#include "clang/Sema/ParsedAttr.h"
#include "clang/Sema/Sema.h"

using namespace clang;

namespace ame {

bool isAnnotated(const Decl *D, StringRef Text) {
    for (const Decl *Redecl : D->redecls()) {
        for (const auto *A : Redecl->specific_attrs<AnnotateAttr>())
            if (A->getAnnotation() == Text)
                return true;
        for (const auto *A : Redecl->specific_attrs<AnnotateTypeAttr>())
            if (A->getAnnotation() == Text)
                return true;
    }
    return false;
}

namespace {

// A type with which something can be called.
bool isCallable(QualType T) {
    while (!T->isFunctionType()) {
        if (const auto *Array = T->getAsArrayTypeUnsafe())
            T = Array->getElementType();
        else if (T->isPointerType())
            T = T->getPointeeType();
        else
            return false;
    }
    return true;
}

bool declaresCallable(const Decl *D) {
    if (const auto *Typedef = dyn_cast<TypedefNameDecl>(D))
        return isCallable(Typedef->getUnderlyingType());
    const auto *Value = dyn_cast<ValueDecl>(D);
    return Value && isCallable(Value->getType());
}

// As GCC does, a warning. Nothing else changes.
void warnIgnored(Sema &S, const ParsedAttr &Attr) {
    S.Diag(Attr.getLoc(), diag::warn_attribute_ignored) << Attr;
}

struct Marking : ParsedAttrInfo {
    StringRef Text; // of the annotation; empty for an attribute that tells ame nothing
    Spelling Names[1];

    Marking(const char *Name, StringRef TheText)
        : Text(TheText), Names{{ParsedAttr::AS_GNU, Name}} {
        Spellings = Names;
    }
    AttrHandling handleDeclAttribute(Sema &S, Decl *D, const ParsedAttr &Attr) const override {
        if (!declaresCallable(D)) {
            warnIgnored(S, Attr);
            return AttributeNotApplied;
        }
        if (Text.empty())
            return AttributeApplied;
        if (isa<FunctionDecl>(D))
            S.AddAnnotationAttr(D, Attr, Text, {});
        else
            D->addAttr(AnnotateTypeAttr::CreateImplicit(S.Context, Text, nullptr, 0, Attr));
        return AttributeApplied;
    }
};

struct Safe : Marking {
    Safe() : Marking("transaction_safe", SafeAnnotation) {}
};
struct Callable : Marking { // every function is
    Callable() : Marking("transaction_callable", "") {}
};
struct Pure : Marking {
    Pure() : Marking("transaction_pure", PureAnnotation) {}
};
struct Unsafe : Marking {
    Unsafe() : Marking("transaction_unsafe", IrrevocableAnnotation) {}
};
struct MayCancelOuter : Marking {
    MayCancelOuter() : Marking("transaction_may_cancel_outer", MayCancelOuterAnnotation) {}
};

// transaction_wrap(f) on w: in blocks, calls of f are calls of w. Leaves a note for Wraps below.
struct Wrap : ParsedAttrInfo {
    Spelling Names[1] = {{ParsedAttr::AS_GNU, "transaction_wrap"}};

    Wrap() {
        NumArgs = 1;
        Spellings = Names;
    }
    AttrHandling handleDeclAttribute(Sema &S, Decl *D, const ParsedAttr &Attr) const override;
};

void error(Sema &S, SourceLocation Where, StringRef Format, const NamedDecl *First,
           const NamedDecl *Second) {
    unsigned ID = S.Diags.getDiagnosticIDs()->getCustomDiagID(DiagnosticIDs::Error, Format);
    S.Diag(Where, ID) << First << Second;
}

// The function that the attribute names, or NULL after a message.
FunctionDecl *findWrapped(Sema &S, const FunctionDecl *Wrapper, const ParsedAttr &Attr) {
    IdentifierLoc *Name = Attr.isArgIdent(0) ? Attr.getArgAsIdent(0) : nullptr;
    if (!Name) {
        S.Diag(Attr.getLoc(), diag::err_attribute_argument_type) << Attr << AANT_ArgumentIdentifier;
        return nullptr;
    }
    NamedDecl *Found =
        S.LookupSingleName(S.TUScope, Name->Ident, Name->Loc, Sema::LookupOrdinaryName);
    if (!Found) {
        S.Diag(Name->Loc, diag::err_undeclared_var_use) << Name->Ident;
        return nullptr;
    }
    auto *Wrapped = dyn_cast<FunctionDecl>(Found);
    if (!Wrapped)
        error(S, Name->Loc, "ame: %0 in transaction_wrap of %1 is not a function", Found, Wrapper);
    else if (!S.Context.typesAreCompatible(Wrapped->getType(), Wrapper->getType()))
        error(S, Name->Loc, "ame: %0 has not the type of %1, which replaces it", Found, Wrapper);
    else
        return Wrapped;
    return nullptr;
}

ParsedAttrInfo::AttrHandling Wrap::handleDeclAttribute(Sema &S, Decl *D,
                                                       const ParsedAttr &Attr) const {
    auto *Wrapper = dyn_cast<FunctionDecl>(D);
    if (!Wrapper) {
        warnIgnored(S, Attr);
        return AttributeNotApplied;
    }
    FunctionDecl *Wrapped = findWrapped(S, Wrapper, Attr);
    if (!Wrapped)
        return AttributeNotApplied;
    // A reference to itself: a place to keep it.
    Expr *Note = S.BuildDeclRefExpr(Wrapped, Wrapped->getType(), VK_LValue, Attr.getLoc());
    D->addAttr(AnnotateTypeAttr::CreateImplicit(S.Context, ReplacesAnnotation, &Note, 1, Attr));
    return AttributeApplied;
}

// Writes the pair that the macro ame_replaces would, for each function that wraps another.
class Wraps : public ASTConsumer {
  public:
    explicit Wraps(CompilerInstance &TheCompiler) : Compiler(TheCompiler) {}

    bool HandleTopLevelDecl(DeclGroupRef Group) override {
        for (Decl *D : Group)
            if (auto *Wrapper = dyn_cast<FunctionDecl>(D))
                for (const auto *A : Wrapper->specific_attrs<AnnotateTypeAttr>())
                    if (A->getAnnotation() == ReplacesAnnotation)
                        writePair(*A->args_begin(), Wrapper);
        return true;
    }

  private:
    CompilerInstance &Compiler;

    void writePair(Expr *Wrapped, FunctionDecl *Wrapper);
};

// static void *const ame_replaces_pair[2] __attribute__((used, annotate("ame_replaces"))) = ...
void Wraps::writePair(Expr *Wrapped, FunctionDecl *Wrapper) {
    Sema &S = Compiler.getSema();
    ASTContext &Context = S.Context;
    SourceLocation Where = Wrapper->getLocation();
    auto Address = [&](Expr *Function) -> Expr * {
        QualType Pointer = Context.getPointerType(Function->getType());
        Expr *Decayed = S.ImpCastExprToType(Function, Pointer, CK_FunctionToPointerDecay).get();
        return S.ImpCastExprToType(Decayed, Context.VoidPtrTy, CK_BitCast).get();
    };
    Expr *Replacement = S.BuildDeclRefExpr(Wrapper, Wrapper->getType(), VK_LValue, Where);
    Expr *Both[] = {Address(Wrapped), Address(Replacement)};
    QualType Type =
        Context.getConstantArrayType(Context.VoidPtrTy.withConst(), llvm::APInt(64, 2), nullptr,
                                     ArraySizeModifier::Normal, /*IndexTypeQuals=*/0);
    auto *List = new (Context) InitListExpr(Context, Where, Both, Where);
    List->setType(Type);
    TranslationUnitDecl *Unit = Context.getTranslationUnitDecl();
    auto *Pair = VarDecl::Create(Context, Unit, Where, Where,
                                 &Context.Idents.get("ame_replaces_" + Wrapper->getName().str()),
                                 Type, Context.getTrivialTypeSourceInfo(Type), SC_Static);
    Pair->setInit(List);
    Pair->setImplicit();
    Pair->addAttr(UsedAttr::CreateImplicit(Context));
    Pair->addAttr(AnnotateAttr::CreateImplicit(Context, ReplacesAnnotation, nullptr, 0));
    Unit->addDecl(Pair);
    Compiler.getASTConsumer().HandleTopLevelDecl(DeclGroupRef(Pair));
}

} // namespace

template <typename T> using Register = ParsedAttrInfoRegistry::Add<T>;
static Register<Safe> RegisterSafe("transaction_safe", "");
static Register<Callable> RegisterCallable("transaction_callable", "");
static Register<Pure> RegisterPure("transaction_pure", "");
static Register<Unsafe> RegisterUnsafe("transaction_unsafe", "");
static Register<MayCancelOuter> RegisterMayCancelOuter("transaction_may_cancel_outer", "");
static Register<Wrap> RegisterWrap("transaction_wrap", "");

std::unique_ptr<ASTConsumer> makeWraps(CompilerInstance &Compiler) {
    return std::make_unique<Wraps>(Compiler);
}

} // namespace ame
