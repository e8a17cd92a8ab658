// Ranges.h - what loops access, as far as that is known on entry to them: Ranges.cpp finds it, and
// Chunks.cpp changes the loops.
#ifndef AME_PASS_RANGES_H
#define AME_PASS_RANGES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PassManager.h"
#include "llvm/IR/ValueHandle.h"
#include <ame/abi.h>

namespace ame {

constexpr int64_t Stripe = 1 << AME_ABI_STRIPE_BITS;
// For the copies of one loop, but for gaps between them: in the twin's frame, where all loops
// share it, and in the first cache.
constexpr int64_t CopyBytes = 4096;

struct Access {
    llvm::Instruction *I;    // a load or a store
    const llvm::SCEV *Start; // its address in the first iteration
    int64_t Stride, Size;
    int64_t Offset = 0; // from the lowest address of its group

    bool writes() const { return llvm::isa<llvm::StoreInst>(I); }
};

// Accesses that keep their distances from each other: one range.
struct Group {
    llvm::SmallVector<Access, 4> Accesses; // by their offsets
    int64_t Width = 0;                     // of what one iteration accesses,
    int64_t Written = 0, WrittenWidth = 0; // and of what it writes, from that offset on

    int64_t stride() const { return Accesses.front().Stride; }
    int64_t step() const { return std::abs(stride()); }
    int64_t bytes(int64_t Iterations) const { return (Iterations - 1) * step() + Width; }
    bool writes() const { return WrittenWidth > 0; }
    bool reads() const {
        return llvm::any_of(Accesses, [](const Access &A) { return !A.writes(); });
    }
    // All that is read is written.
    bool updates() const { return reads() && WrittenWidth == Width; }
    const Access &firstStore() const {
        return *llvm::find_if(Accesses, [](const Access &A) { return A.writes(); });
    }
};
using Groups = llvm::SmallVector<Group, 4>;

// Groups, by their numbers, of which the first one writes what the other might access.
using Pair = std::pair<size_t, size_t>;

// What becomes of a loop. The values are there on entry to it; the change of another loop may put
// others in their place.
struct Plan {
    llvm::Loop *L;
    ame::Groups Groups;
    llvm::SmallVector<Pair, 4> Compared; // on entry: R2
    llvm::SmallVector<llvm::WeakTrackingVH, 4>
        Starts;                 // the lowest address that the first iteration accesses of each
    llvm::WeakTrackingVH Total; // iterations
    int64_t Iterations;         // of a chunk

    // Where the copy of each group is, from the first one's start, and at last the end of all.
    llvm::SmallVector<int64_t, 4> places() const {
        llvm::SmallVector<int64_t, 4> Places = {0};
        for (const Group &G : Groups)
            Places.push_back(llvm::alignTo(Places.back() + G.bytes(Iterations), Stripe));
        return Places;
    }
};

// Of the loops that can be changed. All are made before the first change, after which the analyses
// don't hold. `Changed`: whether the making has brought loops to another form.
llvm::SmallVector<Plan, 8> planChunks(llvm::Function &Twin, llvm::FunctionAnalysisManager &FAM,
                                      bool &Changed);

} // namespace ame

#endif
