// Merge.h - neighbouring accesses of a twin that can share one barrier.
#ifndef AME_PASS_MERGE_H
#define AME_PASS_MERGE_H

#include "Elide.h"

namespace ame {

// Loads of neighbouring fields, with no write between them, become one load of up to eight bytes;
// stores likewise, with no access between them. The bytes are just those that were accessed
// before, so the program can't tell. Before any access of the twin is rewritten.
void mergeNeighbours(llvm::Function &Twin, Counts &Tally);

} // namespace ame

#endif
