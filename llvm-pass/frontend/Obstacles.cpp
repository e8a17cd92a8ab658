#include "Obstacles.h"
#include "Callees.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"

using namespace clang;

namespace ame {

// ---- one statement ----

static bool mayTouchMemory(StringRef Constraint) {
    return Constraint.find_first_of("moV<>") != StringRef::npos;
}

static bool isHarmlessAssembly(const AsmStmt &Assembly) {
    auto *Gnu = dyn_cast<GCCAsmStmt>(&Assembly);
    if (!Gnu)
        return false;
    if (Gnu->getAsmString()->getString().trim().empty())
        return true;
    for (unsigned I = 0; I < Gnu->getNumClobbers(); I++)
        if (Gnu->getClobber(I) == "memory")
            return false;
    for (unsigned I = 0; I < Gnu->getNumOutputs(); I++)
        if (mayTouchMemory(Gnu->getOutputConstraint(I)))
            return false;
    for (unsigned I = 0; I < Gnu->getNumInputs(); I++)
        if (mayTouchMemory(Gnu->getInputConstraint(I)) ||
            Gnu->getInputExpr(I)->getType()->isPointerType())
            return false;
    return true;
}

// Reads and writes of _Atomic objects need no name.
static bool isAtomicAccess(const Stmt &S) {
    if (auto *Operation = dyn_cast<AtomicExpr>(&S))
        return Operation->getOp() != AtomicExpr::AO__c11_atomic_init;
    if (auto *Cast = dyn_cast<CastExpr>(&S))
        return Cast->getCastKind() == CK_LValueToRValue &&
               Cast->getSubExpr()->getType()->isAtomicType();
    if (auto *Operation = dyn_cast<BinaryOperator>(&S))
        return Operation->isAssignmentOp() && Operation->getLHS()->getType()->isAtomicType();
    auto *Operation = dyn_cast<UnaryOperator>(&S);
    return Operation && Operation->isIncrementDecrementOp() &&
           Operation->getSubExpr()->getType()->isAtomicType();
}

// ---- one function ----

namespace {
class Finder {
  public:
    std::vector<Obstacle> Found;
    // Which of them are calls that are obstacles only if the callee's body has one.
    SmallVector<size_t, 16> Open;

    explicit Finder(const Obstacles &Known) : Known(Known) {}

    void call(const FunctionDecl &Named, SourceRange Where) {
        const FunctionDecl &F = Known.calledInBlocks(Named);
        switch (classify(F)) {
        case Callee::Safe:
            return;
        case Callee::Irrevocable:
            return add(Obstacle::Irrevocable, Where, &F);
        case Callee::Atomic:
            return add(Obstacle::Atomic, Where);
        case Callee::Unsafe:
            return add(Obstacle::Call, Where, &F);
        case Callee::AsItsBodySays:
            Open.push_back(Found.size());
            return add(Obstacle::Call, Where, &F);
        }
    }

    void visit(const Stmt &S) {
        if (auto *Call = dyn_cast<CallExpr>(&S)) {
            if (const FunctionDecl *F = calledFunction(*Call))
                call(*F, Call->getSourceRange());
            else if (!isSafePointer(*Call->getCallee()))
                add(Obstacle::PointerCall, Call->getSourceRange());
        } else if (auto *Assembly = dyn_cast<AsmStmt>(&S)) {
            if (!isHarmlessAssembly(*Assembly))
                add(Obstacle::Assembly, S.getSourceRange());
        } else if (isAtomicAccess(S)) {
            add(Obstacle::Atomic, S.getSourceRange());
        }
        for (const VarDecl *Variable : declared<VarDecl>(S))
            if (auto *Cleanup = Variable->getAttr<CleanupAttr>())
                call(*Cleanup->getFunctionDecl(), Variable->getSourceRange());
    }

  private:
    const Obstacles &Known;

    void add(Obstacle::Kind What, SourceRange Where, const FunctionDecl *Callee = nullptr) {
        Found.push_back({What, Where, Callee});
    }
};
} // namespace

std::vector<Obstacle> Obstacles::of(const FunctionDecl &F) {
    Finder Own(*this);
    Code Body(F.getBody(), Context);
    for (const Place &P : Body.places())
        Own.visit(*P.What);
    // From the end, since it erases.
    for (size_t Index : llvm::reverse(Own.Open))
        if (!reason(*Own.Found[Index].Callee))
            Own.Found.erase(Own.Found.begin() + Index);
    return std::move(Own.Found);
}

// A search through all that F reaches, not a recursion: functions that call each other are safe
// together or not at all. Only F itself is known at the end, or all that was seen if it is safe.
const Obstacle *Obstacles::reason(const FunctionDecl &F) {
    const FunctionDecl *First = F.getDefinition();
    SmallVector<const FunctionDecl *, 16> Reached = {First};
    llvm::DenseSet<const FunctionDecl *> Seen;
    while (!Reached.empty()) {
        const FunctionDecl *Next = Reached.pop_back_val();
        if (Safe.contains(Next) || !Seen.insert(Next).second)
            continue;
        auto Known = Unsafe.find(Next);
        if (Known != Unsafe.end()) {
            Obstacle Copy = Known->second; // the insertion may move it
            return &(Unsafe[First] = Copy);
        }
        Finder Here(*this);
        Code Body(Next->getBody(), Context);
        for (const Place &P : Body.places())
            Here.visit(*P.What);
        size_t Open = 0;
        for (size_t Index = 0; Index < Here.Found.size(); Index++) {
            if (Open == Here.Open.size() || Here.Open[Open] != Index)
                return &(Unsafe[First] = Here.Found[Index]);
            Reached.push_back(Here.Found[Index].Callee->getDefinition());
            Open++;
        }
    }
    Safe.insert(Seen.begin(), Seen.end());
    return nullptr;
}

} // namespace ame
