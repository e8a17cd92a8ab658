// LongJumps.cpp - setjmp and longjmp belong into the same block: a jump over its border would leave
// it without its end, or enter it without its beginning. Buffers are the same if the source says
// so.
#include "Checks.h"
#include "llvm/ADT/FoldingSet.h"
#include "llvm/ADT/StringSwitch.h"

using namespace clang;

namespace ame {

namespace {
enum class Kind { None, Set, Jump, Builtin };

struct Jump {
    const CallExpr *Call;
    const Region *Block; // the outermost: inner blocks are part of it
    llvm::FoldingSetNodeID Buffer;
};
} // namespace

static Kind kindOf(const CallExpr &Call) {
    return llvm::StringSwitch<Kind>(calledName(Call))
        .Cases("setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", Kind::Set)
        .Cases("longjmp", "_longjmp", "siglongjmp", Kind::Jump)
        .Cases("__builtin_setjmp", "__builtin_longjmp", Kind::Builtin)
        .Default(Kind::None);
}

static Jump describe(const Place &P, const CallExpr &Call, const ASTContext &Context) {
    Jump J{&Call, P.In ? P.In->outermost() : nullptr, {}};
    if (Call.getNumArgs())
        Call.getArg(0)->IgnoreParenImpCasts()->Profile(J.Buffer, Context, /*Canonical=*/true);
    return J;
}

// One in a block needs a setjmp there; one outside must not reach into a block.
static void checkLongJump(const Jump &Long, ArrayRef<Jump> Sets, Report &R) {
    auto Inside = [&](const Jump &Set) {
        return Set.Block == Long.Block && Set.Buffer == Long.Buffer;
    };
    auto InABlock = [&](const Jump &Set) { return Set.Block && Set.Buffer == Long.Buffer; };
    if (llvm::any_of(Sets, Inside))
        return;
    if (Long.Block) {
        R.error(Long.Call->getBeginLoc(),
                "ame: longjmp out of an atomic block; leave it with goto, return or break")
            << Long.Call->getSourceRange();
        return;
    }
    const Jump *Set = llvm::find_if(Sets, InABlock);
    if (Set == Sets.end())
        return;
    R.error(Long.Call->getBeginLoc(), "ame: longjmp into an atomic block, which has ended")
        << Long.Call->getSourceRange();
    R.note(R.use(Set->Call->getBeginLoc()), "the setjmp in the block is here");
}

void checkLongJumps(const Code &Body, Report &R) {
    SmallVector<Jump, 4> Sets, Longs;
    for (const Place &P : Body.places()) {
        auto *Call = dyn_cast<CallExpr>(P.What);
        switch (Call ? kindOf(*Call) : Kind::None) {
        case Kind::None:
            break;
        case Kind::Set:
            Sets.push_back(describe(P, *Call, R.Context));
            break;
        case Kind::Jump:
            Longs.push_back(describe(P, *Call, R.Context));
            break;
        case Kind::Builtin:
            if (P.In)
                R.error(Call->getBeginLoc(),
                        "ame: %0 in an atomic block; use setjmp and longjmp of <setjmp.h>")
                    << calledName(*Call) << Call->getSourceRange();
        }
    }
    for (const Jump &Long : Longs)
        checkLongJump(Long, Sets, R);
}

} // namespace ame
