// Obstacles.h - what would make a block run alone, seen in the source. The plugin for LLVM decides,
// see ../Calls.cpp and ../Intrinsics.cpp; this agrees with it or is stricter.
#ifndef AME_PASS_FRONTEND_OBSTACLES_H
#define AME_PASS_FRONTEND_OBSTACLES_H

#include "Code.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace ame {

struct Obstacle {
    enum Kind { Call, Irrevocable, PointerCall, Assembly, Atomic };
    Kind What;
    clang::SourceRange Where;
    const clang::FunctionDecl *Callee; // of a Call or Irrevocable
};

class Obstacles {
  public:
    explicit Obstacles(const clang::ASTContext &Context) : Context(Context) {}

    // Blocks call `Replacement` instead: see ame_replaces.
    void replace(const clang::FunctionDecl &F, const clang::FunctionDecl &Replacement) {
        Replacements[F.getCanonicalDecl()] = &Replacement;
    }
    const clang::FunctionDecl &calledInBlocks(const clang::FunctionDecl &F) const {
        auto *Replacement = Replacements.lookup(F.getCanonicalDecl());
        return Replacement ? *Replacement : F;
    }

    // Those in the body of F.
    std::vector<Obstacle> of(const clang::FunctionDecl &F);

    // The obstacle, in the body of F or of a function that it reaches, for which F, defined in this
    // file, is not safe; null if it is safe. Marked functions are taken at their word.
    const Obstacle *reason(const clang::FunctionDecl &F);

  private:
    const clang::ASTContext &Context;
    llvm::DenseMap<const clang::FunctionDecl *, const clang::FunctionDecl *> Replacements;
    llvm::DenseSet<const clang::FunctionDecl *> Safe;
    llvm::DenseMap<const clang::FunctionDecl *, Obstacle> Unsafe;
};

} // namespace ame

#endif
