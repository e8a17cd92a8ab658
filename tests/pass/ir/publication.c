/* A block that reads `data` only if `published` must not read it before: the optimizer may
   hoist the load in plain code, but not in the twin. */
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O3 %s | %FileCheck %s --check-prefix=LOOP
#include <ame/atomic.h>

int published, data;

// CHECK-LABEL: define {{.*}}@reader(
// CHECK: call void @ame_abi_run(
// CHECK-LABEL: define internal void @reader.ame_body(
// CHECK: load i32, ptr @published
// CHECK-NOT: br
// CHECK: load i32, ptr @data
// CHECK-LABEL: define internal void @ame_twin.reader.ame_body(
// CHECK: call i32 @ame_abi_read_u32(ptr {{.*}}@published)
// CHECK: br i1
// CHECK: call i32 @ame_abi_read_u32(ptr {{.*}}@data)
int reader(void) {
    int value = 0;
    atomic {
        if (published)
            value = data;
    }
    return value;
}

// The same for what the vectorizer does, and where the flags are read ahead.
int flags[64], values[64];
// LOOP-LABEL: define {{.*}}@sum(
// LOOP: load <4 x i32>
// LOOP-LABEL: define {{.*}}@ame_twin.sum(
// LOOP: call void @ame_abi_read(ptr {{.*}}@flags
// LOOP-NOT: ame_abi_read(
// LOOP: ret i32
int sum(void) {
    int total = 0;
    for (int i = 0; i < 64; i++)
        if (flags[i])
            total += values[i];
    return total;
}

// Twins have no vectors where there are barriers: these take a word at most.
int far_apart[64][20];
// LOOP-LABEL: define {{.*}}@ame_twin.sum_of_all(
// LOOP-NOT: <4 x i32>
// LOOP: ret i32
int sum_of_all(void) {
    int total = 0;
    for (int i = 0; i < 64; i++)
        total += far_apart[i][0] + far_apart[i][2] + far_apart[i][4] + far_apart[i][6];
    return total;
}

// The restriction is for the time of optimization only.
// LOOP-NOT: attributes {{.*}}sanitize_thread
// LOOP-NOT: attributes {{.*}}noimplicitfloat
