// LibraryTable.h - what is known of functions that are not built with the plugin.
#ifndef AME_PASS_LIBRARYTABLE_H
#define AME_PASS_LIBRARYTABLE_H

#include "llvm/IR/Function.h"

namespace ame {

enum class Library {
    Unknown,   // not in the table
    Pure,      // touches no memory that blocks share: called as it is
    Arguments, // touches only what its arguments point to: so if that is private
    Twin,      // the runtime has a twin of it
    Serial,    // has effects that can't be undone: the block runs alone
};

// What a function declared here is by its name, or by what the source says of it. A function
// that is defined here is Unknown unless it is marked.
Library classify(const llvm::Function &F);

// Whether the call's result is memory that nobody else has.
bool isFreshAllocation(const llvm::Function &F);

} // namespace ame

#endif
