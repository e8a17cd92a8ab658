/* An argument passed by value in memory is the callee's own; the caller copies it, so there it is
   read from shared memory with a barrier. */
// RUN: %clang -S -emit-llvm -o - -O1 -fno-inline %s | %FileCheck %s
struct big {
    long words[8];
};
struct big shared;

// CHECK-LABEL: define {{.*}}@ame_twin.callee(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret i64
long callee(struct big value, int i) {
    value.words[1] = 2;
    return value.words[i];
}

// CHECK-LABEL: define {{.*}}@ame_twin.caller(
// CHECK: [[COPY:%.*]] = alloca %struct.big
// CHECK: call void @ame_abi_read(ptr {{.*}}[[COPY]], ptr {{.*}}@shared, i64 64)
// CHECK: call i64 @ame_twin.callee(ptr {{.*}}byval(%struct.big) {{.*}}[[COPY]],
long caller(int i) { return callee(shared, i); }

// CHECK-LABEL: define {{.*}}@ame_twin.caller_of_own(
// CHECK-NOT: call {{.*}}@ame_abi_read(
// CHECK: ret i64
long caller_of_own(int i) {
    struct big own = {{i, 2, 3}};
    return callee(own, i);
}
