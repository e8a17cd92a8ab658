/* A body asks why it is called, first of all, if its block may be undone alone; others don't. */
// RUN: %clang -O1 -g -emit-llvm -S -o - %s | %FileCheck %s
// RUN: %clang -O0 -g -emit-llvm -S -o - %s | %FileCheck %s
#include <ame/atomic.h>

int number;

// The last field is the kind: AME_ABI_BLOCK_*.
// CHECK-DAG: @plain.ame_block = internal global {{.*}}, i32 0, i32 0 }
// CHECK-DAG: @cancels.ame_block = internal global {{.*}}, i32 1, i32 0 }
// CHECK-DAG: @either.ame_block = internal global {{.*}}, i32 4, i32 0 }
// CHECK-DAG: @both.ame_block = internal global {{.*}}, i32 5, i32 0 }
// CHECK-DAG: @inner.ame_block = internal global {{.*}}, i32 1, i32 0 }
// CHECK-DAG: @inner.ame_block.{{[0-9]+}} = internal global {{.*}}, i32 0 }
// The file calls atomic_retry().
// CHECK-DAG: @llvm.global_ctors = {{.*}} @ame.retries

// CHECK-LABEL: define internal void @plain.ame_body
// CHECK-NOT: ame_abi_entrance
// CHECK: ret void
void plain(void) {
    atomic {
        number++;
    }
}

// CHECK-LABEL: define internal void @cancels.ame_body
// CHECK: call i32 @ame_abi_entrance()
// CHECK: call void @ame_abi_cancel()
void cancels(void) {
    atomic {
        if (number)
            atomic_cancel();
    }
}

// CHECK-LABEL: define internal void @either.ame_body
// CHECK: call i32 @ame_abi_entrance()
// CHECK: call void @ame_retry()
void either(void) {
    atomic_either {
        if (number)
            atomic_retry();
    } atomic_or_else {
        number++;
    }
}

// CHECK-LABEL: define internal void @both.ame_body
// CHECK: call i32 @ame_abi_entrance()
// CHECK: call void @ame_abi_cancel()
void both(void) {
    atomic_either {
        number++;
    } atomic_or_else {
        atomic_cancel();
    }
}

// Only the inner block is undone, and only it asks.
// CHECK-LABEL: define internal void @inner.ame_body
// CHECK: call i32 @ame_abi_entrance()
// CHECK-LABEL: define internal void @inner.ame_body
// CHECK-NOT: ame_abi_entrance
// CHECK: call void @ame_abi_run
void inner(void) {
    atomic {
        number++;
        atomic {
            number++;
            atomic_cancel();
        }
    }
}
// The twin of a retry is the runtime's.
// CHECK-LABEL: define {{.*}} @ame_twin.either.ame_body
// CHECK: call void @ame_twin.ame_retry()
