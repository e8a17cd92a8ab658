/* The file with main serves no other: only what its blocks, pointers or ame_safe lead to has a twin.
   In any other file each external function has one. */
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O1 -Dmain=other %s | %FileCheck %s --check-prefix=OTHER
#include <ame/atomic.h>

int number;

static __attribute__((noinline)) int only_main(int x) { return x - number; }
int by_name(int x) { return x + only_main(number); }
__attribute__((noinline)) int in_block(int x) { return x * number; }
int through_pointer(int x) { return x ^ number; }
int (*pointer)(int) = through_pointer;
ame_safe int safe(int x) { return x / number; }

int main(void) {
    int value;
    atomic { value = in_block(2); }
    return by_name(value);
}

// CHECK-NOT: define {{.*}}@ame_twin.main(
// CHECK-NOT: define {{.*}}@ame_twin.by_name(
// CHECK-NOT: define {{.*}}@ame_twin.only_main(
// CHECK-DAG: define {{.*}}@ame_twin.in_block(
// CHECK-DAG: define {{.*}}@ame_twin.through_pointer(
// CHECK-DAG: define {{.*}}@ame_twin.safe(
// CHECK-NOT: define {{.*}}@ame_twin.by_name(
// CHECK-NOT: define {{.*}}@ame_twin.only_main(

// OTHER-DAG: define {{.*}}@ame_twin.other(
// OTHER-DAG: define {{.*}}@ame_twin.by_name(
// OTHER-DAG: define {{.*}}@ame_twin.only_main(
// OTHER-DAG: define {{.*}}@ame_twin.in_block(
