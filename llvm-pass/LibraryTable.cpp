#include "LibraryTable.h"
#include "Names.h"
#include "Twins.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace ame {

namespace {
struct Entry {
    Library Kind;
    bool Fresh;
};
} // namespace

static const StringMap<Entry> &table() {
    static const StringMap<Entry> Table = {
#define PURE(name) {#name, {Library::Pure, false}},
#define ARGUMENTS(name) {#name, {Library::Arguments, false}},
#define TWIN(name) {#name, {Library::Twin, false}},
#define DEFERRED(name) TWIN(name)
#define FRESH(name) {#name, {Library::Twin, true}},
#define SERIAL(name) {#name, {Library::Serial, false}},
#include "LibraryTable.def"
#undef PURE
#undef ARGUMENTS
#undef DEFERRED
#undef TWIN
#undef FRESH
#undef SERIAL
    };
    return Table;
}

// Functions whose callers are compilers.
static bool isCompilerRuntime(StringRef Name) {
    return any_of(ArrayRef<StringRef>{"ame_abi_", "__asan_", "__ubsan_", "__tsan_", "__hwasan_",
                                      "__sanitizer_", "__cyg_profile_func_", "__llvm_profile_",
                                      "llvm_gcov_"},
                  [&](StringRef Prefix) { return Name.starts_with(Prefix); });
}

Library classify(const Function &F) {
    if (F.hasFnAttribute(IrrevocableAttribute))
        return Library::Serial;
    if (F.hasFnAttribute(PureAttribute))
        return Library::Pure;
    StringRef Name = sourceName(F);
    auto Found = table().find(Name);
    if (F.isDeclaration() && Found != table().end())
        return Found->second.Kind;
    return isCompilerRuntime(Name) ? Library::Pure : Library::Unknown;
}

bool isFreshAllocation(const Function &F) {
    StringRef Name = sourceName(F);
    Name.consume_front(TwinPrefix); // the call may have been rewritten already
    auto Found = table().find(Name);
    return F.isDeclaration() && Found != table().end() && Found->second.Fresh;
}

} // namespace ame
