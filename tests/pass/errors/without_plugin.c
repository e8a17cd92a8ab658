/* A file with blocks that is built without the plugin does not link, and one built with it does not
   link with a runtime of another version, or none. */
// RUN: (! %plain %s -o %t 2>&1) | %FileCheck %s
// RUN: (! %clang %s -o %t 2>&1) | %FileCheck %s --check-prefix=VERSION
// CHECK: ame_region_begin__compile_this_file_with_the_ame_plugin
// VERSION: ame_abi_version_10
#include <ame/atomic.h>
int main(void) {
    atomic {}
    return 0;
}
