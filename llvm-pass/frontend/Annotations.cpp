#include "Annotations.h"
#include "Names.h"
#include "clang/AST/Attr.h"
#include "clang/Lex/Lexer.h"

using namespace clang;

namespace ame {

const Attr *annotation(const Decl &D, StringRef Text) {
    auto *F = dyn_cast<FunctionDecl>(&D);
    const Decl &Last = F ? *F->getMostRecentDecl() : D;
    if (!Last.hasAttrs())
        return nullptr;
    for (const auto *A : Last.specific_attrs<AnnotateAttr>())
        if (A->getAnnotation() == Text)
            return A;
    for (const auto *A : Last.specific_attrs<AnnotateTypeAttr>()) // see GnuTmAttributes.cpp
        if (A->getAnnotation() == Text)
            return A;
    return nullptr;
}

// ---- unknown words ----

static const StringRef Known[] = {
    ImmutableAnnotation,   PureAnnotation,     IrrevocableAnnotation,   SafeAnnotation,
    ConstructorAnnotation, ReplacesAnnotation, MayCancelOuterAnnotation};

static StringRef nearest(StringRef Text) {
    StringRef Best;
    unsigned Least = 4; // more than three letters wrong is another word
    for (StringRef Word : Known) {
        unsigned Distance = Text.edit_distance(Word, /*AllowReplacements=*/true, Least);
        if (Distance < Least) {
            Best = Word;
            Least = Distance;
        }
    }
    return Best;
}

// The fix-it that puts `Word` into annotate("...").
static FixItHint replaceText(const AnnotateAttr &A, StringRef Word, const Report &R) {
    const SourceManager &Sources = R.Context.getSourceManager();
    SourceLocation Where = Sources.getSpellingLoc(A.getLocation());
    for (int Tokens = 0; Tokens < 5; Tokens++) { // at most: clang :: annotate ( "..."
        auto Next = Lexer::findNextToken(Where, Sources, R.Context.getLangOpts());
        if (!Next)
            break;
        if (Next->is(tok::string_literal))
            return FixItHint::CreateReplacement(Next->getLocation(), ("\"" + Word + "\"").str());
        Where = Next->getLocation();
    }
    return {};
}

static void checkWord(const AnnotateAttr &A, Report &R) {
    StringRef Text = A.getAnnotation();
    StringRef Meant = nearest(Text);
    if (Meant.empty())
        R.warning(Group::UnknownAttributes, A.getLocation(), "ame: unknown annotation '%0'")
            << Text << A.getRange();
    else
        R.warning(Group::UnknownAttributes, A.getLocation(),
                  "ame: unknown annotation '%0'; did you mean '%1'?")
            << Text << Meant << A.getRange() << replaceText(A, Meant, R);
}

// ---- words in the wrong place ----

static bool isFunctionPointer(QualType T) {
    T = QualType(T->getBaseElementTypeUnsafe(), 0);
    while (T->isPointerType())
        T = T->getPointeeType();
    return T->isFunctionType();
}

static bool mayBeSafe(const Decl &D) {
    if (auto *Value = dyn_cast<ValueDecl>(&D))
        return isFunctionPointer(Value->getType());
    auto *Name = dyn_cast<TypedefNameDecl>(&D);
    return Name && isFunctionPointer(Name->getUnderlyingType());
}

static void checkPlace(const Decl &D, const AnnotateAttr &A, Report &R) {
    StringRef Text = A.getAnnotation();
    SourceLocation Where = R.use(A.getLocation());
    if (Text == ImmutableAnnotation) {
        if (!isa<FieldDecl>(D))
            R.warning(
                Group::IgnoredAttributes, Where,
                "ame: ame_immutable is for fields of a struct or union and says nothing here");
    } else if (Text == SafeAnnotation) {
        if (!isa<FunctionDecl>(D) && !mayBeSafe(D))
            R.warning(Group::IgnoredAttributes, Where,
                      "ame: ame_safe is for functions and function pointers and says nothing here");
    } else if (Text != ReplacesAnnotation && !isa<FunctionDecl>(D)) {
        R.warning(Group::IgnoredAttributes, Where, "ame: %0 is for functions and says nothing here")
            << Text;
    }
}

// ---- contradictions ----

static void checkField(const FieldDecl &Field, Report &R) {
    if (!annotation(Field, ImmutableAnnotation))
        return;
    QualType T = Field.getType();
    if (T.isVolatileQualified() || T->isAtomicType())
        R.error(Field.getLocation(), "ame: field %0 is ame_immutable, which never changes, and "
                                     "%select{volatile|_Atomic}1, which others change")
            << &Field << !T.isVolatileQualified() << Field.getSourceRange();
}

// Reported once, on the declaration that brings the two together.
static void checkPair(const FunctionDecl &F, StringRef Word, Report &R) {
    const AnnotateAttr *Serial = nullptr, *Other = nullptr;
    for (const auto *A : F.specific_attrs<AnnotateAttr>()) {
        if (A->getAnnotation() == IrrevocableAnnotation)
            Serial = A;
        else if (A->getAnnotation() == Word)
            Other = A;
    }
    if (Serial && Other && !(Serial->isInherited() && Other->isInherited()))
        R.error(F.getLocation(), "ame: %0 is %1, so it can't be ame_irrevocable_fn") << &F << Word;
}

void checkAnnotations(const Decl &D, Report &R) {
    if (!D.hasAttrs())
        return;
    for (const auto *A : D.specific_attrs<AnnotateAttr>()) {
        if (A->isInherited() || !A->getAnnotation().starts_with("ame_"))
            continue;
        if (is_contained(Known, A->getAnnotation()))
            checkPlace(D, *A, R);
        else
            checkWord(*A, R);
    }
    if (auto *Field = dyn_cast<FieldDecl>(&D))
        checkField(*Field, R);
    if (auto *F = dyn_cast<FunctionDecl>(&D)) {
        checkPair(*F, PureAnnotation, R);
        checkPair(*F, SafeAnnotation, R);
    }
}

void checkPureBody(const FunctionDecl &F, const Code &Body, Report &R) {
    const Attr *Pure = Body.regions().empty() ? nullptr : annotation(F, PureAnnotation);
    if (!Pure)
        return;
    R.error(R.use(Body.regions().front().begin()),
            "ame: an atomic block in %0, which is ame_pure: it touches memory that blocks share")
        << &F;
    R.note(R.use(Pure->getLocation()), "marked ame_pure here");
}

} // namespace ame
