#include "Record.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace ame {

static StructType *recordType(const CallInst &Call, unsigned Inputs) {
    SmallVector<Type *, 16> Members;
    for (unsigned Index = 0; Index < Call.arg_size(); Index++) {
        Value *Argument = Call.getArgOperand(Index);
        Members.push_back(Index < Inputs ? Argument->getType()
                                         : cast<AllocaInst>(Argument)->getAllocatedType());
    }
    return StructType::get(Call.getContext(), Members);
}

// The caller: inputs are stored before the call, and the locals for results become members.
static AllocaInst *fillRecord(CallInst &Call, StructType *Type, unsigned Inputs) {
    BasicBlock &Entry = Call.getFunction()->getEntryBlock();
    IRBuilder<> AtEntry(&Entry, Entry.begin()), AtCall(&Call);
    AllocaInst *Record = AtEntry.CreateAlloca(Type, nullptr, "ame.record");
    for (unsigned Index = 0; Index < Inputs; Index++)
        AtCall.CreateStore(Call.getArgOperand(Index), AtCall.CreateStructGEP(Type, Record, Index));
    for (unsigned Index = Inputs; Index < Call.arg_size(); Index++) {
        auto *Local = cast<AllocaInst>(Call.getArgOperand(Index));
        for (User *U : make_early_inc_range(Local->users()))
            if (auto *Marker = dyn_cast<LifetimeIntrinsic>(U))
                Marker->eraseFromParent();
        Local->replaceAllUsesWith(AtEntry.CreateStructGEP(Type, Record, Index));
        Local->eraseFromParent();
    }
    return Record;
}

// The body: inputs are loaded first.
static void readRecord(Function &Body, Function &Extracted, StructType *Type, unsigned Inputs) {
    IRBuilder<> Builder(&Body.getEntryBlock(), Body.getEntryBlock().begin());
    for (Argument &Old : Extracted.args()) {
        unsigned Index = Old.getArgNo();
        Value *New = Builder.CreateStructGEP(Type, Body.getArg(0), Index);
        if (Index < Inputs)
            New = Builder.CreateLoad(Old.getType(), New);
        New->takeName(&Old);
        Old.replaceAllUsesWith(New);
    }
}

Function *passByRecord(Function *Extracted, unsigned Results) {
    LLVMContext &Context = Extracted->getContext();
    auto *Call = cast<CallInst>(Extracted->user_back());
    unsigned Inputs = Call->arg_size() - Results;
    StructType *Type = recordType(*Call, Inputs);

    auto *BodyType = FunctionType::get(Type::getVoidTy(Context), {PointerType::getUnqual(Context)},
                                       /*isVarArg=*/false);
    Function *Body = Function::Create(BodyType, GlobalValue::InternalLinkage,
                                      Extracted->getAddressSpace(), "", Extracted->getParent());
    Body->takeName(Extracted);
    Body->addFnAttrs(AttrBuilder(Context, Extracted->getAttributes().getFnAttrs()));
    Body->setSubprogram(Extracted->getSubprogram());
    Extracted->setSubprogram(nullptr);
    Body->splice(Body->begin(), Extracted);
    readRecord(*Body, *Extracted, Type, Inputs);

    AllocaInst *Record = fillRecord(*Call, Type, Inputs);
    CallInst *NewCall = CallInst::Create(BodyType, Body, {Record}, "", Call->getIterator());
    NewCall->setDebugLoc(Call->getDebugLoc());
    Call->eraseFromParent();
    Extracted->eraseFromParent();
    // The record is a local that nobody else can name.
    Body->addParamAttr(0, Attribute::NoAlias);
    return Body;
}

} // namespace ame
