/* A body's inputs and results travel in a record that needs no barriers; what an input points to
   does, and so does a local of the caller whose address is taken. */
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
#include <ame/atomic.h>

// CHECK-LABEL: define {{.*}}@values(
// CHECK: alloca { i32, i32, i32 }
// CHECK: call void @ame_abi_run(ptr{{.*}} @values.ame_block, ptr
// CHECK-LABEL: define internal void @ame_twin.values.ame_body(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: store i32
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret void
int values(int a, int b) {
    int c;
    atomic { c = a * b; }
    return c;
}

// CHECK-LABEL: define internal void @ame_twin.through_input.ame_body(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: ret void
int through_input(int *a) {
    int c;
    atomic { c = *a; }
    return c;
}

void use(int *number);
// CHECK-LABEL: define internal void @ame_twin.escaped.ame_body(
// CHECK: call void @ame_abi_write_u32(
// CHECK: ret void
int escaped(int a) {
    int c = 0;
    use(&c);
    atomic { c = a; }
    use(&c);
    return c;
}
