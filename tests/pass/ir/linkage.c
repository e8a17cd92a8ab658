/* The names, linkage and registration of twins. */
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s --check-prefix=TABLE
#include <stdlib.h>

// TABLE: @ame.twins = internal constant
// TABLE-DAG: { ptr @visible, ptr @ame_twin.visible }
// TABLE-DAG: { ptr @pointee, ptr @ame_twin.pointee }
// TABLE-DAG: { ptr @ame.own.replaceable, ptr @ame_twin.replaceable }
// TABLE-DAG: { ptr @abs, ptr @abs }
// TABLE-DAG: { ptr @free, ptr @ame_twin.free }
// TABLE-NOT: main
// TABLE: @llvm.global_ctors = {{.*}}i32 101, ptr @ame.register
// TABLE: @llvm.global_dtors = {{.*}}i32 101, ptr @ame.unregister
// TABLE: @ame_abi_version_10 = external global i8
// TABLE: @ame.version = internal constant ptr @ame_abi_version_10
// TABLE: @llvm.compiler.used = {{.*}}@ame.version
// TABLE: @ame.own.replaceable = internal alias {{.*}} @replaceable

int number;
static int pointee(int x) { return x + number; }
static __attribute__((noinline)) int reached(int x) { return x * number; }
int (*function)(int) = pointee;
int (*pure_function)(int) = abs;
void (*library_function)(void *) = free;

/* No pointer to it is left after optimization. */
static int once(int x) { return x + number; }
int calls_once(int x) {
    int (*pointer)(int) = once;
    return pointer(x);
}

__attribute__((weak)) int replaceable(void) { return 1; }
inline int only_to_inline(int x) { return x ^ number; }

__attribute__((visibility("hidden"))) int hidden(int x) { return reached(x) + only_to_inline(x); }

int visible(int x) { return hidden(x) + 1; }
extern int other_name(int x) __attribute__((alias("visible")));

// CHECK-DAG: @ame_twin.other_name = alias i32 (i32), ptr @ame_twin.visible
// Other files' declarations may not say that it is pure.
__attribute__((annotate("ame_pure"))) int pure(int x) { return x * 7; }

// CHECK-DAG: @ame_twin.pure = alias i32 (i32), ptr @pure
// CHECK-DAG: define internal {{.*}}@ame_twin.pointee(
// CHECK-DAG: define internal {{.*}}@ame_twin.reached(
// CHECK-DAG: define internal {{.*}}@ame_twin.replaceable(
// CHECK-DAG: define hidden {{.*}}@ame_twin.hidden(
// CHECK-DAG: define dso_local {{.*}}@ame_twin.visible(
// TABLE-NOT: define {{.*}}@only_to_inline
// The optimizer has found out where the pointer leads: the twin is called.
// TABLE: call {{.*}}@ame_twin.once(
