// Instrument.cpp - the accesses and calls that optimization has left in the twins become
// barriers and calls of twins.
#include "Barriers.h"
#include "Calls.h"
#include "Diagnostics.h"
#include "MaskedAccess.h"
#include "Merge.h"
#include "Names.h"
#include "Stages.h"
#include "Twins.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace ame {

// ---- twins that nobody can reach any more ----

// Early on every static function whose address was taken kept its twin (see Twins.cpp).
static void releaseTwinsOfFormerPointees(Module &M) {
    SmallPtrSet<const Constant *, 16> Needed;
    for (Function &F : M)
        if (isTwin(F))
            // Calls through pointers of which the optimizer has found out where they lead.
            for (Instruction &I : instructions(F)) {
                auto *Call = dyn_cast<CallBase>(&I);
                Function *Callee = Call ? calledFunction(*Call) : nullptr;
                if (Callee && !isTwin(*Callee) && !Callee->isDeclaration())
                    Needed.insert(twinOf(*Callee));
            }
        else if (mayBePointee(F))
            for (Function *Twin : {twinOf(F), replacementOf(F)})
                Needed.insert(Twin);
    removeFromUsedLists(M, [&](Constant *C) {
        auto *F = dyn_cast<Function>(C->stripPointerCasts());
        return F && isTwin(*F) && F->hasLocalLinkage() && !Needed.count(F);
    });
}

static bool isUsedOutside(const Value &V, const SmallSetVector<Function *, 16> &Candidates) {
    return any_of(V.users(), [&](const User *U) {
        if (auto *I = dyn_cast<Instruction>(U))
            return !Candidates.count(const_cast<Function *>(I->getFunction()));
        return isa<GlobalValue>(U) || isUsedOutside(*U, Candidates);
    });
}

static void eraseDeadTwins(Module &M) {
    SmallSetVector<Function *, 16> Dead;
    for (Function &F : M)
        if (isTwin(F) && F.hasLocalLinkage())
            Dead.insert(&F);
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (Function *F : to_vector(Dead))
            Changed |= isUsedOutside(*F, Dead) && Dead.remove(F);
    }
    for (Function *F : Dead)
        F->dropAllReferences();
    for (Function *F : Dead)
        F->eraseFromParent();
}

// ---- one twin ----

namespace {
class TwinWriter {
  public:
    TwinWriter(Function &F, Counts &C)
        : Twin(F), Tally(C), Barriers(F, Tally), Calls(F, Barriers, Tally) {}

    void run() {
        expandMaskedAccesses(Twin);
        mergeNeighbours(Twin, Tally);
        // All decisions look at the twin as the optimizer left it, so calls are rewritten last.
        SmallVector<Instruction *, 64> Accesses, CallsFound;
        for (Instruction &I : instructions(Twin)) {
            if (isa<CallBase>(I) && !isa<MemIntrinsic>(I))
                CallsFound.push_back(&I);
            else if (I.mayReadOrWriteMemory())
                Accesses.push_back(&I);
        }
        for (Instruction *I : Accesses)
            rewriteAccess(*I);
        for (Instruction *I : CallsFound)
            Calls.rewrite(cast<CallBase>(*I));
    }

  private:
    void rewriteAccess(Instruction &I);
    void rewriteUnusual(Instruction &I);

    Function &Twin;
    Counts &Tally;
    BarrierWriter Barriers;
    CallWriter Calls;
};
} // namespace

static bool inOtherAddressSpace(const Instruction &I) {
    return any_of(I.operands(), [](const Use &Operand) {
        return Operand->getType()->isPointerTy() &&
               Operand->getType()->getPointerAddressSpace() != 0;
    });
}

void TwinWriter::rewriteAccess(Instruction &I) {
    if (I.isAtomic() || inOtherAddressSpace(I))
        return rewriteUnusual(I);
    if (auto *Load = dyn_cast<LoadInst>(&I))
        return Barriers.rewrite(*Load);
    if (auto *Store = dyn_cast<StoreInst>(&I))
        return Barriers.rewrite(*Store);
    if (auto *Copy = dyn_cast<MemTransferInst>(&I))
        return Barriers.rewrite(*Copy);
    if (auto *Fill = dyn_cast<MemSetInst>(&I))
        return Barriers.rewrite(*Fill);
    rewriteUnusual(I);
}

// Atomics are for threads that run at the same time; a block that uses them on memory that
// others see can't be undone behind their back.
void TwinWriter::rewriteUnusual(Instruction &I) {
    Value *Address = nullptr;
    if (isa<LoadInst>(I) || isa<StoreInst>(I))
        Address = getLoadStorePointerOperand(&I);
    else if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I))
        Address = I.getOperand(0);
    if (Address) {
        Reason R = reasonOfWrite(I, Address);
        if (R != Reason::Shared && R != Reason::Constant)
            return Tally.leaveOut(R);
    }
    if (inOtherAddressSpace(I))
        return Calls.makeSerial(I, "an access through a segment register");
    Calls.makeSerial(I, isa<FenceInst>(I)   ? "a memory fence"
                        : isa<VAArgInst>(I) ? "va_arg"
                                            : "an atomic operation");
}

// ---- all twins ----

using Tallies = MapVector<Function *, Counts>;

// What the user is told of a block: its own figures and those of the functions of this file that
// it surely reaches.
static void reportBlock(Function &Body, const Tallies &Known) {
    SmallSetVector<Function *, 16> Reached;
    Reached.insert(&Body);
    Counts Sum;
    for (size_t Next = 0; Next < Reached.size(); Next++) {
        Sum.add(Known.lookup(Reached[Next]));
        for (const Instruction &I : instructions(*Reached[Next]))
            if (auto *Call = dyn_cast<CallBase>(&I))
                if (Function *Callee = calledFunction(*Call); Callee && Known.count(Callee))
                    Reached.insert(Callee);
    }
    std::string With;
    if (size_t Others = Reached.size() - 1)
        With = ", with " + std::to_string(Others) + (Others > 1 ? " functions" : " function") +
               " of this file that it calls";
    remarkBody(Body, "this block" + With + ": " + Sum.describe());
}

static void finish(Function &Twin) {
    Twin.setAttributes(attributesOfTwin(Twin.getContext(), Twin.getAttributes(), Twin.arg_size()));
    if (Twin.hasFnAttribute(NoVectorsAttribute)) {
        Twin.removeFnAttr(NoVectorsAttribute);
        Twin.removeFnAttr(Attribute::NoImplicitFloat);
    }
    if (Twin.hasFnAttribute(NoSpeculationAttribute)) {
        Twin.removeFnAttr(NoSpeculationAttribute);
        Twin.removeFnAttr(Attribute::SanitizeThread);
    }
}

void instrumentTwins(Module &M) {
    releaseTwinsOfFormerPointees(M);
    eraseDeadTwins(M);
    SmallVector<Function *, 32> Twins;
    for (Function &F : M)
        if (isTwin(F) && !F.isDeclaration())
            Twins.push_back(&F);
    Tallies Known;
    for (Function *Twin : Twins)
        TwinWriter(*Twin, Known[Twin]).run();
    for (Function *Twin : Twins)
        if (Twin->getFnAttribute(TwinAttribute).getValueAsString() == "body")
            reportBlock(*Twin, Known);
    for (Function *Twin : Twins)
        finish(*Twin);
}

} // namespace ame
