// Intrinsics.h - which of LLVM's own operations a block may run as they are.
#ifndef AME_PASS_INTRINSICS_H
#define AME_PASS_INTRINSICS_H

#include "llvm/IR/InstrTypes.h"

namespace ame {

// Memory intrinsics that become barriers are not asked about here.
bool isHarmless(const llvm::CallBase &Intrinsic);
bool isHarmlessAssembly(const llvm::CallBase &Assembly);

} // namespace ame

#endif
