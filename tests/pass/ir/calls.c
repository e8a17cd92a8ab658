/* What becomes of each kind of call, and what the user is told about it. */
// RUN: %clang -S -emit-llvm -o %t.ll -O1 -Rpass-missed=^ame -Rpass-analysis=^ame %s 2> %t.remarks
// RUN: %FileCheck %s < %t.ll
// RUN: %FileCheck %s --check-prefix=REMARK < %t.remarks
// Under ThreadSanitizer nothing but the plugin keeps pure functions from being inlined.
// RUN: %clang -S -emit-llvm -o - -O1 -fsanitize=thread %s | %FileCheck %s --check-prefix=PURE
#include <ame/ame.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

ame_pure int marked_pure(int);
ame_pure int defined_pure(int *p) { return *p + 1; }
ame_irrevocable_fn void marked_irrevocable(int);
int unknown(int);
int number;

// CHECK-DAG: [[REMOVE:@ame.text[.0-9]*]] = {{.*}}c"remove\00"
// CHECK-DAG: [[MARKED:@ame.text[.0-9]*]] = {{.*}}c"marked_irrevocable\00"
// CHECK-DAG: [[UNKNOWN:@ame.text[.0-9]*]] = {{.*}}c"unknown\00"

// CHECK-LABEL: define {{.*}}@ame_twin.pure(
// CHECK: call {{.*}}@marked_pure(
// CHECK: call {{.*}}@defined_pure(
// CHECK: call {{.*}}@cbrt(
// CHECK-NOT: ame_abi_
// CHECK: ret double
// PURE-LABEL: define {{.*}}@ame_twin.pure(
// PURE: call {{.*}}@defined_pure(
// PURE-NOT: ame_abi_
// PURE: ret double
double pure(double x) { return cbrt(x + marked_pure(1) + defined_pure(&number)); }

// CHECK-LABEL: define {{.*}}@ame_twin.with_twin(
// CHECK: notail call i64 @ame_twin.strlen(
// CHECK: notail call void @ame_twin.ame_counter_add(
// CHECK-NOT: ame_abi_serial
// CHECK: ret void
void with_twin(const char *text, ame_counter *counter) { ame_counter_add(counter, strlen(text)); }

// CHECK-LABEL: define {{.*}}@ame_twin.serial(
// CHECK: notail call void @ame_abi_serial(ptr {{.*}}[[REMOVE]])
// CHECK: call {{.*}}@remove(
// CHECK: notail call void @ame_abi_serial(ptr {{.*}}[[MARKED]])
// CHECK: call {{.*}}@marked_irrevocable(
// REMARK: calls.c:[[@LINE+2]]:5: remark: call to 'remove' makes the block run alone (serial)
void serial(void) {
    remove("text");
    marked_irrevocable(1);
}
// REMARK: calls.c:[[@LINE-2]]:5: remark: call to 'marked_irrevocable' makes the block run alone

// CHECK-LABEL: define {{.*}}@ame_twin.not_known(
// CHECK: [[NULL:%.*]] = icmp eq ptr @ame_twin.unknown, null
// CHECK: br i1 [[NULL]], label %[[MISSING:[a-z0-9.]+]], label %[[CALL:[a-z0-9.]+]]
// CHECK: [[MISSING]]:
// CHECK: [[FOUND:%.*]] = notail call ptr @ame_abi_twin_of_named(ptr {{.*}}@unknown, ptr {{.*}}[[UNKNOWN]])
// CHECK: [[CALL]]:
// CHECK: [[CALLEE:%.*]] = phi ptr [ [[FOUND]], %[[MISSING]] ], [ @ame_twin.unknown, %{{.*}} ]
// CHECK: call i32 [[CALLEE]](
// REMARK: remark: call to 'unknown': no twin is known here; if its file is not built with the plugin
int not_known(int x) { return unknown(x) + 1; }

// CHECK-LABEL: define {{.*}}@ame_twin.pointer(
// CHECK: [[TWIN:%.*]] = notail call ptr @ame_abi_twin_of(ptr
// CHECK: call i32 [[TWIN]](
int pointer(int (*function)(int)) { return function(1) + 1; }

// CHECK-LABEL: define {{.*}}@ame_twin.same_file(
// CHECK: call i32 @ame_twin.recursive(
// CHECK-LABEL: define {{.*}}@ame_twin.recursive(
// CHECK: call i32 @ame_twin.recursive(
int recursive(int n);
int same_file(int n) { return recursive(n) * 2; }
int recursive(int n) { return n ? recursive(n - 1) * recursive(n - 2) : number; }

// CHECK: declare extern_weak i32 @ame_twin.unknown(

// REMARK: calls.c:[[@LINE+3]]:5: remark: this block: barriers for 1 reads, 1 writes, 0 copies or fills
int with_block(int n) {
    int before;
    atomic {
        before = number;
        number = n;
    }
    return before;
}
