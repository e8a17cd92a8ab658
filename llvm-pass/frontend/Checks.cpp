#include "Checks.h"
#include "Annotations.h"

using namespace clang;

namespace ame {

namespace {
class Checks : public ASTConsumer {
  public:
    void Initialize(ASTContext &Context) override { R = std::make_unique<Report>(Context); }

    bool HandleTopLevelDecl(DeclGroupRef Group) override {
        for (const Decl *D : Group)
            if (isWorthALook(*D) && R->isUserCode(D->getLocation()))
                look(*D);
        return true;
    }

    void HandleTagDeclDefinition(TagDecl *Tag) override {
        if (auto *Record = dyn_cast<RecordDecl>(Tag); Record && R->isUserCode(Tag->getLocation())) {
            checkAnnotations(*Record, *R);
            for (const FieldDecl *Field : Record->fields())
                checkAnnotations(*Field, *R);
        }
    }

    void HandleTranslationUnit(ASTContext &) override {
        Safe.finish(*R);
        Signals.finish(*R);
    }

  private:
    // Most declarations are those of headers and say nothing.
    static bool isWorthALook(const Decl &D) {
        return D.hasAttrs() || isa<VarDecl>(D) || isa<FunctionDecl>(D);
    }

    void look(const Decl &D) {
        if (auto *F = dyn_cast<FunctionDecl>(&D))
            return lookAtFunction(*F);
        if (!isa<RecordDecl>(D)) // it had its turn
            checkAnnotations(D, *R);
        if (auto *Global = dyn_cast<VarDecl>(&D))
            forEachFlow(*Global, [this](const Flow &F) { lookAtFlow(F); });
    }

    void lookAtFlow(const Flow &F) {
        Safe.see(F);
        Signals.see(F);
    }

    void lookAtFunction(const FunctionDecl &F) {
        checkAnnotations(F, *R);
        for (const ParmVarDecl *Parameter : F.parameters())
            checkAnnotations(*Parameter, *R);
        if (!F.doesThisDeclarationHaveABody() || F.isInvalidDecl())
            return;
        Code Body(F.getBody(), R->Context);
        for (const Place &P : Body.places())
            for (const Decl *Local : declared<Decl>(*P.What))
                if (!isa<RecordDecl>(Local))
                    checkAnnotations(*Local, *R);
        checkPureBody(F, Body, *R);
        checkImmutable(F, Body, *R);
        checkWords(Body, *R);
        if (!Body.regions().empty()) {
            checkJumps(Body, *R);
            checkLongJumps(Body, *R);
            checkReturns(Body, *R);
        }
        Safe.see(F);
        forEachFlow(Body, [this](const Flow &Into) { lookAtFlow(Into); });
    }

    std::unique_ptr<Report> R;
    SafeChecks Safe;
    SignalChecks Signals;
};
} // namespace

std::unique_ptr<ASTConsumer> makeChecks(CompilerInstance &) {
    return std::make_unique<Checks>();
}

} // namespace ame
