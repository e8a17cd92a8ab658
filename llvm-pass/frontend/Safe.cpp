// Safe.cpp - ame_safe: a function that blocks call without ever running alone. What would make them
// is an error in its body, and so is another function in a pointer that is marked.
#include "Annotations.h"
#include "Callees.h"
#include "Checks.h"
#include "Names.h"
#include "Obstacles.h"

using namespace clang;

namespace ame {

void SafeChecks::see(const FunctionDecl &F) {
    Functions.push_back(&F);
}

void SafeChecks::see(const Flow &F) {
    if (annotation(*F.Into, ReplacesAnnotation))
        Replaced.push_back(F);
    else if (isSafePointer(*F.Into))
        Pointers.push_back(F);
}

// What keeps F from being safe: its body, or that nobody says it is.
static void sayWhy(const FunctionDecl &F, Obstacles &Known, Report &R) {
    const Obstacle *Reason = classify(F) == Callee::AsItsBodySays ? Known.reason(F) : nullptr;
    if (Reason)
        R.note(Reason->Where.getBegin(), "%0 is not safe because of this") << &F;
    else if (R.isUserCode(F.getLocation()))
        R.suggest(F, SafeAnnotation, "mark %0 ame_safe if blocks never run alone for it");
    else
        R.note(F.getLocation(), "%0 is declared here") << &F;
}

static void report(const FunctionDecl &F, const Obstacle &Found, Obstacles &Known, Report &R) {
    SourceLocation Where = Found.Where.getBegin();
    switch (Found.What) {
    case Obstacle::Call:
        R.error(Where, "ame: %0 is ame_safe and calls %1, which is not")
            << &F << Found.Callee << Found.Where;
        sayWhy(*Found.Callee, Known, R);
        return;
    case Obstacle::Irrevocable:
        R.error(Where, "ame: %0 is ame_safe and calls %1, for which blocks run alone")
            << &F << Found.Callee << Found.Where;
        R.note(Found.Callee->getLocation(), "%0 is declared here") << Found.Callee;
        return;
    case Obstacle::PointerCall:
        R.error(Where, "ame: %0 is ame_safe and calls a function through a pointer that is not")
            << &F << Found.Where;
        return;
    case Obstacle::Assembly:
        R.error(Where, "ame: %0 is ame_safe and contains assembly that may touch memory")
            << &F << Found.Where;
        return;
    case Obstacle::Atomic:
        R.error(Where, "ame: %0 is ame_safe and contains an atomic operation") << &F << Found.Where;
        return;
    }
}

void SafeChecks::finish(Report &R) {
    Obstacles Known(R.Context);
    for (size_t I = 0; I + 1 < Replaced.size(); I += 2)
        Known.replace(*Replaced[I].Function, *Replaced[I + 1].Function);
    for (const FunctionDecl *F : Functions)
        if (annotation(*F, SafeAnnotation))
            for (const Obstacle &Found : Known.of(*F))
                report(*F, Found, Known, R);
    for (const Flow &Stored : Pointers) {
        const FunctionDecl &F = Known.calledInBlocks(*Stored.Function);
        Callee What = classify(F);
        if (What == Callee::Safe || (What == Callee::AsItsBodySays && !Known.reason(F)))
            continue;
        R.error(Stored.Where, "ame: %0 is not ame_safe, and %1 is for functions that are")
            << &F << Stored.Into;
        sayWhy(F, Known, R);
    }
}

} // namespace ame
