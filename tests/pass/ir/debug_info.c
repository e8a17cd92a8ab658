/* Barriers carry the line of the access, are never tail calls, and blocks know where they are. */
// RUN: %clang -g -S -emit-llvm -o - -O2 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s --check-prefix=NODEBUG
#include <ame/atomic.h>

int number;

// NODEBUG: @block.ame_block = internal global %struct.ame_abi_block { ptr @block.ame_body, ptr @ame_twin.block.ame_body, ptr @{{.*}}, ptr null, i32 0, i32 0, ptr @block.ame_body, i32 0, i32 0 }

// CHECK-DAG: [[FILE:@ame.text[.0-9]*]] = {{.*}}debug_info.c\00"
// CHECK-DAG: [[NAME:@ame.text[.0-9]*]] = {{.*}}c"block\00"
// CHECK: @block.ame_block = internal global %struct.ame_abi_block { ptr @block.ame_body, ptr @ame_twin.block.ame_body, ptr [[NAME]], ptr [[FILE]], i32 [[@LINE+2]], i32 0, ptr @block.ame_body, i32 0, i32 0 }
void block(void) {
    atomic { number = 1; }
}

// CHECK-LABEL: define {{.*}}@ame_twin.set(
// CHECK: notail call void @ame_abi_write_u32(ptr {{.*}}@number, i32 %{{.*}}){{.*}}, !dbg [[WRITE:![0-9]+]]
void set(int x) {
    number = x;
}
// CHECK: [[WRITE]] = !DILocation(line: [[@LINE-2]], column: 12
