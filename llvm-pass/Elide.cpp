#include "Elide.h"
#include "LibraryTable.h"
#include "Names.h"
#include "Twins.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"

using namespace llvm;

namespace ame {

const char *describe(Reason R) {
    switch (R) {
    case Reason::Shared:
        return "shared";
    case Reason::Local:
        return "local";
    case Reason::Record:
        return "of the block's inputs and results";
    case Reason::Constant:
        return "constant";
    case Reason::Fresh:
        return "freshly allocated";
    case Reason::Immutable:
        return "immutable";
    case Reason::Instrumentation:
        return "of instrumentation";
    case Reason::Merged:
        return "merged with a neighbour";
    }
    llvm_unreachable("every reason is described");
}

void Counts::add(const Counts &Other) {
    Reads += Other.Reads;
    Writes += Other.Writes;
    Copies += Other.Copies;
    for (unsigned R = 0; R < Reasons; R++)
        LeftOut[R] += Other.LeftOut[R];
    Serial.insert(Serial.end(), Other.Serial.begin(), Other.Serial.end());
    Unknown.insert(Unknown.end(), Other.Unknown.begin(), Other.Unknown.end());
}

std::string Counts::describe() const {
    std::string Text = "barriers for " + std::to_string(Reads) + " reads, " +
                       std::to_string(Writes) + " writes, " + std::to_string(Copies) +
                       " copies or fills";
    const char *Separator = "; left out: ";
    for (unsigned R = 1; R < Reasons; R++)
        if (LeftOut[R]) {
            Text += Separator + std::to_string(LeftOut[R]) + " " +
                    ame::describe(static_cast<Reason>(R));
            Separator = ", ";
        }
    if (!Serial.empty())
        Text += "; runs alone at: " + join(Serial, ", ");
    if (!Unknown.empty())
        Text += "; runs alone where not built with the plugin: " + join(Unknown, ", ");
    return Text;
}

static Reason reasonOfGlobal(const GlobalVariable &Global) {
    // Profile counters are kept by the compiler's own runtime.
    StringRef Section = Global.getSection();
    if (Section.starts_with("__llvm_prf") || Section.starts_with("__sancov") ||
        Global.getName().starts_with("__llvm_gcov"))
        return Reason::Instrumentation;
    // Thread-local variables are not elided: an undone block must leave them as they were.
    return Global.isConstant() ? Reason::Constant : Reason::Shared;
}

static Reason reasonOfArgument(const Function &Twin, const Argument &A) {
    // The callee's own copy, in the frame of a caller inside the block.
    if (A.hasByValAttr())
        return Reason::Local;
    // Inputs are never written in the body, and the slots of results never read, so a body
    // that runs again finds the record as it was.
    if (A.getArgNo() == 0 && Twin.getFnAttribute(TwinAttribute).getValueAsString() == "body")
        return Reason::Record;
    return Reason::Shared;
}

// Whether the result is memory that was allocated during the call, or NULL. Attributes do not
// tell: a pool's memory is `noalias` too, but an undone block must leave it as it was.
static bool isFresh(const CallBase &Call, unsigned Depth) {
    constexpr unsigned Deepest = 4;
    Function *Callee = calledFunction(Call);
    if (!Callee || isFreshAllocation(*Callee))
        return Callee;
    if (Depth == Deepest || !isTwin(*Callee) || Callee->isDeclaration() ||
        Callee->isInterposable() || !Callee->getReturnType()->isPointerTy())
        return false;
    return all_of(*Callee, [&](const BasicBlock &Block) {
        auto *Return = dyn_cast<ReturnInst>(Block.getTerminator());
        SmallVector<const Value *, 4> Objects;
        if (Return)
            getUnderlyingObjects(Return->getReturnValue(), Objects, nullptr, /*MaxLookup=*/0);
        return all_of(Objects, [&](const Value *Object) {
            auto *Source = dyn_cast<CallBase>(Object);
            return isa<ConstantPointerNull>(Object) || (Source && isFresh(*Source, Depth + 1));
        });
    });
}

static Reason reasonOfObject(const Function &Twin, const Value *Object) {
    // Twins run inside a block from their start to their end: their frames are the block's own
    // and vanish when it is undone, whoever has the address of a variable.
    if (isa<AllocaInst>(Object))
        return Reason::Local;
    if (auto *A = dyn_cast<Argument>(Object))
        return reasonOfArgument(Twin, *A);
    if (auto *Global = dyn_cast<GlobalVariable>(Object))
        return reasonOfGlobal(*Global);
    // No other block can reach the memory before this one commits, and if it is undone the
    // memory is gone. Only what is based on the call's result is known to be that memory.
    if (auto *Call = dyn_cast<CallBase>(Object))
        return isFresh(*Call, 0) ? Reason::Fresh : Reason::Shared;
    // An access through NULL is never executed in a correct program.
    if (isa<ConstantPointerNull>(Object) &&
        !NullPointerIsDefined(&Twin, Object->getType()->getPointerAddressSpace()))
        return Reason::Local;
    return isa<UndefValue>(Object) ? Reason::Local : Reason::Shared;
}

Reason reasonOfAddress(const Function &Twin, const Value *Address) {
    SmallVector<const Value *, 4> Objects;
    getUnderlyingObjects(Address, Objects, nullptr, /*MaxLookup=*/0);
    Reason Found = Reason::Shared;
    for (const Value *Object : Objects) {
        Found = reasonOfObject(Twin, Object);
        if (Found == Reason::Shared)
            return Found;
    }
    return Found;
}

// Code that the front end or a sanitizer adds for itself is marked !nosanitize.
static bool isInstrumentation(const Instruction &I) {
    return I.hasMetadata(LLVMContext::MD_nosanitize);
}

Reason reasonOfRead(const Instruction &Access, const Value *Address) {
    if (isInstrumentation(Access))
        return Reason::Instrumentation;
    if (Access.hasMetadata(ImmutableMetadata))
        return Reason::Immutable;
    return reasonOfAddress(*Access.getFunction(), Address);
}

Reason reasonOfWrite(const Instruction &Access, const Value *Address) {
    if (isInstrumentation(Access))
        return Reason::Instrumentation;
    return reasonOfAddress(*Access.getFunction(), Address);
}

} // namespace ame
