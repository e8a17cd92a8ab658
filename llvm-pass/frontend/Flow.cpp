#include "Flow.h"

using namespace clang;

namespace ame {

namespace {
class FlowFinder {
  public:
    explicit FlowFinder(llvm::function_ref<void(const Flow &)> Visit) : Visit(Visit) {}

    void store(const Expr *Value, const ValueDecl *Into, const FunctionDecl *Callee = nullptr) {
        if (!Value || !Into)
            return;
        Value = Value->IgnoreParenCasts();
        // An array of function pointers.
        if (auto *List = dyn_cast<InitListExpr>(Value); List && List->getType()->isArrayType()) {
            for (const Expr *Element : List->inits())
                store(Element, Into, Callee);
            return;
        }
        if (const FunctionDecl *F = namedFunction(Value))
            Visit({F, Into, Callee, Value->getBeginLoc()});
    }

    void visit(const Stmt &S) {
        if (auto *Operation = dyn_cast<BinaryOperator>(&S)) {
            if (Operation->getOpcode() == BO_Assign && Operation->getType()->isPointerType())
                store(Operation->getRHS(), pointerNamed(Operation->getLHS()));
        } else if (auto *Call = dyn_cast<CallExpr>(&S)) {
            passArguments(*Call);
        } else if (auto *List = dyn_cast<InitListExpr>(&S)) {
            fillRecord(*List);
        } else {
            for (const VarDecl *Variable : declared<VarDecl>(S))
                store(Variable->getInit(), Variable);
        }
    }

  private:
    void passArguments(const CallExpr &Call) {
        const FunctionDecl *Callee = calledFunction(Call);
        if (!Callee)
            return;
        unsigned Count = std::min(Call.getNumArgs(), Callee->getNumParams());
        for (unsigned Index = 0; Index < Count; Index++)
            store(Call.getArg(Index), Callee->getParamDecl(Index), Callee);
    }

    void fillRecord(const InitListExpr &List) {
        const RecordDecl *Record = List.getType()->getAsRecordDecl();
        if (!Record)
            return;
        if (Record->isUnion()) {
            if (List.getNumInits() == 1)
                store(List.getInit(0), List.getInitializedFieldInUnion());
            return;
        }
        unsigned Index = 0;
        for (const FieldDecl *Field : Record->fields())
            if (!Field->isUnnamedBitField() && Index < List.getNumInits())
                store(List.getInit(Index++), Field);
    }

    llvm::function_ref<void(const Flow &)> Visit;
};
} // namespace

void forEachFlow(const Code &C, llvm::function_ref<void(const Flow &)> Visit) {
    FlowFinder Finder(Visit);
    for (const Place &P : C.places())
        Finder.visit(*P.What);
}

void forEachFlow(const VarDecl &Global, llvm::function_ref<void(const Flow &)> Visit) {
    // No functions in a table of numbers, however long.
    const Type *Element = Global.getType()->getBaseElementTypeUnsafe();
    if (!Global.getInit() || !(Element->isPointerType() || Element->isRecordType()))
        return;
    FlowFinder(Visit).store(Global.getInit(), &Global);
    forEachFlow(Code(Global.getInit(), Global.getASTContext()), Visit);
}

const ValueDecl *pointerNamed(const Expr *E) {
    while (true) {
        E = E->IgnoreParenCasts();
        if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) {
            E = Element->getBase();
            continue;
        }
        if (auto *Operation = dyn_cast<UnaryOperator>(E)) {
            if (Operation->getOpcode() != UO_Deref)
                return nullptr;
            E = Operation->getSubExpr();
            continue;
        }
        if (auto *Member = dyn_cast<MemberExpr>(E))
            return Member->getMemberDecl();
        auto *Name = dyn_cast<DeclRefExpr>(E);
        return Name ? dyn_cast<VarDecl>(Name->getDecl()) : nullptr;
    }
}

} // namespace ame
