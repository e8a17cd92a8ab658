// Names.h - the names that the source language, the stages and the runtime share.
#ifndef AME_PASS_NAMES_H
#define AME_PASS_NAMES_H

#include "llvm/ADT/StringRef.h"

namespace ame {

// The marks of a region, see include/ame/region.h: its begin and its end; the begin of one that can
// be cancelled from the functions that it calls, and of one with two alternatives; and the cancel.
constexpr llvm::StringLiteral
    RegionBegin("ame_region_begin__compile_this_file_with_the_ame_plugin");
constexpr llvm::StringLiteral
    RegionBeginOuter("ame_region_begin_outer__compile_this_file_with_the_ame_plugin");
constexpr llvm::StringLiteral
    RegionBeginEither("ame_region_begin_either__compile_this_file_with_the_ame_plugin");
constexpr llvm::StringLiteral RegionEnd("ame_region_end__compile_this_file_with_the_ame_plugin");
constexpr llvm::StringLiteral
    RegionCancel("ame_region_cancel__compile_this_file_with_the_ame_plugin");
constexpr llvm::StringLiteral CancelOuter("ame_abi_cancel_outer");

// What atomic_retry() calls.
constexpr llvm::StringLiteral Retry("ame_retry");

// A twin's symbol is this and the name of its original.
constexpr llvm::StringLiteral TwinPrefix("ame_twin.");

// What the plugin adds to a file is in sections of its own: in the others all is where it would be
// without the plugin.
constexpr llvm::StringLiteral TwinSection(".text.ame");
constexpr llvm::StringLiteral TableSection(".data.rel.ro.ame");

// Texts of __attribute__((annotate(...))).
constexpr llvm::StringLiteral ImmutableAnnotation("ame_immutable");
constexpr llvm::StringLiteral PureAnnotation("ame_pure");
constexpr llvm::StringLiteral IrrevocableAnnotation("ame_irrevocable_fn");
constexpr llvm::StringLiteral SafeAnnotation("ame_safe");
constexpr llvm::StringLiteral MayCancelOuterAnnotation("ame_may_cancel_outer");
constexpr llvm::StringLiteral ReplacesAnnotation("ame_replaces");
constexpr llvm::StringLiteral ConstructorAnnotation("ame_constructor");

// Metadata kind of loads of immutable fields.
constexpr llvm::StringLiteral ImmutableMetadata("ame.immutable");

// Function attributes by which the early stages leave notes for the late ones.
constexpr llvm::StringLiteral PureAttribute("ame-pure");
constexpr llvm::StringLiteral IrrevocableAttribute("ame-irrevocable");
constexpr llvm::StringLiteral ReplacedAttribute("ame-replaced-by");
constexpr llvm::StringLiteral BodyAttribute("ame-body");
constexpr llvm::StringLiteral TwinAttribute("ame-twin");
constexpr llvm::StringLiteral NoSpeculationAttribute("ame-no-speculation");
constexpr llvm::StringLiteral NoVectorsAttribute("ame-no-vectors");
constexpr llvm::StringLiteral SafeAttribute("ame-safe");

// The same on the global variable that describes a block to the runtime.
constexpr llvm::StringLiteral BlockAttribute("ame-block");

} // namespace ame

#endif
