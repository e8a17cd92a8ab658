#include "Callees.h"
#include "Annotations.h"
#include "Flow.h"
#include "Names.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/Builtins.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringSet.h"

using namespace clang;

namespace ame {

// ---- by name ----

static bool isInLibraryTable(StringRef Name) {
    static const llvm::StringSet<> Safe = {
#define PURE(name) #name,
#define ARGUMENTS(name) #name,
#define TWIN(name) #name,
#define DEFERRED(name) #name,
#define FRESH(name) #name,
#define SERIAL(name)
#include "LibraryTable.def"
#undef PURE
#undef ARGUMENTS
#undef TWIN
#undef DEFERRED
#undef FRESH
#undef SERIAL
        // No entries there, since they are not calls for long: see ../Calls.cpp and ../Outline.cpp.
        "setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp"};
    return Safe.contains(Name) || Name.starts_with("ame_region_") || Name.starts_with("ame_abi_");
}

static bool isProcessorsOwnState(StringRef Name) {
    return Name == "__builtin_ia32_pause" || Name == "__builtin_ia32_rdtsc";
}

static Callee classifyBuiltin(const FunctionDecl &F, unsigned Builtin) {
    const Builtin::Context &Builtins = F.getASTContext().BuiltinInfo;
    StringRef Name = Builtins.getName(Builtin);
    if (Name.starts_with("__sync_") || Name.starts_with("__atomic_") ||
        Name.starts_with("__c11_atomic_"))
        return Name.ends_with("_lock_free") ? Callee::Safe : Callee::Atomic;
    if (Builtins.isTSBuiltin(Builtin))
        return Builtins.isConst(Builtin) || isProcessorsOwnState(Name) ? Callee::Safe
                                                                       : Callee::Unsafe;
    if (Name == "__builtin_setjmp" || Name == "__builtin_longjmp")
        return Callee::Unsafe;
    // Those that stand for a function of the library; clang does the others itself.
    if (!Builtins.isLibFunction(Builtin))
        return Callee::Safe;
    Name.consume_front("__builtin_");
    if (Name.consume_front("__"))
        Name.consume_back("_chk");
    return Builtins.isConst(Builtin) || isInLibraryTable(Name) ? Callee::Safe : Callee::Unsafe;
}

Callee classify(const FunctionDecl &F) {
    if (annotation(F, IrrevocableAnnotation))
        return Callee::Irrevocable;
    if (annotation(F, SafeAnnotation) || annotation(F, PureAnnotation))
        return Callee::Safe;
    const Builtin::Context &Builtins = F.getASTContext().BuiltinInfo;
    unsigned Builtin = F.getBuiltinID();
    if (Builtin && !Builtins.isPredefinedLibFunction(Builtin))
        return classifyBuiltin(F, Builtin);
    StringRef Name = F.getIdentifier() ? F.getName() : StringRef();
    if (Name == "ame_irrevocable")
        return Callee::Irrevocable;
    // The library's headers may define its functions, by other names of its own.
    const FunctionDecl *Definition = F.getDefinition();
    const SourceManager &Sources = F.getASTContext().getSourceManager();
    bool Own = Definition && !Sources.isInSystemHeader(Definition->getLocation());
    if (!Own && isInLibraryTable(Name))
        return Callee::Safe;
    return Definition ? Callee::AsItsBodySays : Callee::Unsafe;
}

// ---- function pointers ----

static bool isSafeType(QualType T) {
    while (true) {
        if (auto *Name = T->getAs<TypedefType>()) {
            if (annotation(*Name->getDecl(), SafeAnnotation))
                return true;
            T = Name->desugar();
        } else if (T->isPointerType()) {
            T = T->getPointeeType();
        } else {
            return false;
        }
    }
}

bool isSafePointer(const ValueDecl &D) {
    return annotation(D, SafeAnnotation) ||
           isSafeType(QualType(D.getType()->getBaseElementTypeUnsafe(), 0));
}

bool isSafePointer(const Expr &E) {
    const ValueDecl *Pointer = pointerNamed(&E);
    return (Pointer && annotation(*Pointer, SafeAnnotation)) ||
           isSafeType(E.IgnoreParenImpCasts()->getType());
}

} // namespace ame
