/* Variables of the twin's own frame need no barriers, not even those whose address escapes; what a
   pointer that was passed in points to does. */
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O1 -fno-inline %s | %FileCheck %s

void use(int *numbers) { numbers[0]++; }

// CHECK-LABEL: define {{.*}}@ame_twin.own(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: call {{.*}}@ame_twin.use(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret i32
int own(int i) {
    int numbers[8] = {1, 2, 3};
    use(numbers);
    return numbers[i & 7];
}

// Each way that the pointer may have come leads to the frame.
// CHECK-LABEL: define {{.*}}@ame_twin.either_own(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret i32
int either_own(int i) {
    int a[2] = {i, 2}, b[2] = {3, i};
    use(a);
    use(b);
    return (i > 3 ? a : b)[i & 1];
}

// CHECK-LABEL: define {{.*}}@ame_twin.passed(
// CHECK: call i32 @ame_abi_read_u32(
int passed(int *number) { return *number; }

// One of the ways leads to memory that may be shared.
// CHECK-LABEL: define {{.*}}@ame_twin.own_or_passed(
// CHECK: call i32 @ame_abi_read_u32(
int own_or_passed(int *passed, int i) {
    int a[2] = {i, 2};
    use(a);
    return (i > 3 ? a : passed)[i & 1];
}

// CHECK-LABEL: define {{.*}}@ame_twin.passed_or_own(
// CHECK: call i32 @ame_abi_read_u32(
int passed_or_own(int *passed, int i) {
    int a[2] = {i, 2};
    use(a);
    return (i > 3 ? passed : a)[i & 1];
}

// A thread-local variable outlives the block: an undone block must leave it as it was.
// CHECK-LABEL: define {{.*}}@ame_twin.thread_local_variable(
// CHECK: call void @ame_abi_write_u32(
_Thread_local int mine;
void thread_local_variable(void) { mine = 1; }
