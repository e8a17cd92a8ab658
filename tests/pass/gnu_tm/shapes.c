/* What the words become: the marks of a region, with the lines of the words. */
// RUN: %gnutm -O1 -g -emit-llvm -S -Xclang -disable-llvm-passes -o - %s | %FileCheck %s
// Preprocessed files keep the transactions.
// RUN: %gnutm -E %s -o %t.i && %gnutm -Wno-unused-command-line-argument -O1 -g -emit-llvm -S -Xclang -disable-llvm-passes -o - %t.i | %FileCheck %s

int x;

// CHECK-LABEL: @statement(
// CHECK: call i32 @ame_region_begin__compile{{.*}} !dbg [[STATEMENT:![0-9]+]]
// CHECK-NEXT: store i32
// CHECK: call void @ame_region_cancel__
// CHECK-NOT: call void @ame_region_cancel__
// CHECK: call void @ame_region_end__
// CHECK-NOT: call void @ame_region_end__
// CHECK-LABEL: @expression(
void statement(void) {
    __transaction_atomic {
        if (x)
            __transaction_cancel;
    }
}

// CHECK: call i32 @ame_region_begin__
// CHECK-NOT: cancel
// CHECK: call void @ame_region_end__
int expression(void) {
    return __transaction_relaxed (x);
}

// CHECK-LABEL: @outer(
// CHECK: call i32 @ame_region_begin_outer__
// CHECK-NEXT: store i32
// CHECK: call void @ame_abi_cancel_outer()
// CHECK: call void @ame_region_end__
void outer(void) {
    __transaction_atomic [[outer]] {
        if (x)
            __transaction_cancel [[outer]];
    }
}

// Words may come from macros and their arguments, and attributes behind directives.
#define BLOCK __transaction_atomic
#define IN(body) BLOCK { body }
#define TWICE(body) body body
// CHECK-LABEL: @macros(
// CHECK-COUNT-6: call i32 @ame_region_begin
// CHECK-NOT: call i32 @ame_region_begin
void macros(void) {
    TWICE(IN(x++; TWICE(IN(__transaction_cancel;))))
}
// CHECK: [[STATEMENT]] = !DILocation(line: 17,
