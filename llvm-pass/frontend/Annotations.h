// Annotations.h - the words of include/ame/atomic.h on declarations.
#ifndef AME_PASS_FRONTEND_ANNOTATIONS_H
#define AME_PASS_FRONTEND_ANNOTATIONS_H

#include "Code.h"
#include "Report.h"

namespace ame {

// The annotation of this text on `D`, or null. A function's may be on any of its declarations.
const clang::Attr *annotation(const clang::Decl &D, llvm::StringRef Text);

// Unknown words, words in the wrong place, and words that contradict each other.
void checkAnnotations(const clang::Decl &D, Report &R);

// No blocks in an ame_pure function.
void checkPureBody(const clang::FunctionDecl &F, const Code &Body, Report &R);

} // namespace ame

#endif
