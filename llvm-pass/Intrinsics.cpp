#include "Intrinsics.h"
#include "Elide.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;

namespace ame {

static bool pointersArePrivate(const CallBase &Call) {
    return all_of(Call.args(), [&](const Use &Argument) {
        return !Argument->getType()->isPtrOrPtrVectorTy() ||
               reasonOfAddress(*Call.getFunction(), Argument.get()) != Reason::Shared;
    });
}

bool isHarmless(const CallBase &Call) {
    switch (Call.getIntrinsicID()) {
    // They say something about memory, or hint at it, and touch none.
    case Intrinsic::assume:
    case Intrinsic::lifetime_start:
    case Intrinsic::lifetime_end:
    case Intrinsic::invariant_start:
    case Intrinsic::invariant_end:
    case Intrinsic::launder_invariant_group:
    case Intrinsic::strip_invariant_group:
    case Intrinsic::experimental_noalias_scope_decl:
    case Intrinsic::annotation:
    case Intrinsic::ptr_annotation:
    case Intrinsic::var_annotation:
    case Intrinsic::objectsize:
    case Intrinsic::prefetch:
    case Intrinsic::sideeffect:
    case Intrinsic::donothing:
    case Intrinsic::pseudoprobe:
    // The frame and the processor's own state.
    case Intrinsic::stacksave:
    case Intrinsic::stackrestore:
    case Intrinsic::returnaddress:
    case Intrinsic::frameaddress:
    case Intrinsic::readcyclecounter:
    case Intrinsic::x86_rdtsc:
    case Intrinsic::x86_sse2_pause:
    case Intrinsic::get_rounding:
    case Intrinsic::vaend:
    // Counters of the compiler's own runtime.
    case Intrinsic::instrprof_increment:
    case Intrinsic::instrprof_increment_step:
    case Intrinsic::instrprof_cover:
    case Intrinsic::instrprof_value_profile:
    // The end of the program.
    case Intrinsic::trap:
    case Intrinsic::ubsantrap:
    case Intrinsic::debugtrap:
        return true;
    // A va_list is a local in all but contrived programs.
    case Intrinsic::vastart:
    case Intrinsic::vacopy:
        return pointersArePrivate(Call);
    default:
        return Call.doesNotAccessMemory() || Call.onlyAccessesInaccessibleMemory() ||
               (Call.onlyAccessesArgMemory() && pointersArePrivate(Call));
    }
}

bool isHarmlessAssembly(const CallBase &Call) {
    auto *Assembly = cast<InlineAsm>(Call.getCalledOperand());
    // A barrier to the compiler, or a value hidden from it: no instruction.
    if (StringRef(Assembly->getAsmString()).trim().empty())
        return true;
    for (const InlineAsm::ConstraintInfo &Constraint : Assembly->ParseConstraints())
        if (Constraint.isIndirect || is_contained(Constraint.Codes, "{memory}"))
            return false;
    return none_of(Call.args(),
                   [](const Use &Argument) { return Argument->getType()->isPtrOrPtrVectorTy(); });
}

} // namespace ame
