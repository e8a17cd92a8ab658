/* Loops that access memory in chunks, and those that must not. */
// RUN: %clang -S -emit-llvm -o - -O2 -fno-discard-value-names %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s --check-prefix=SCALAR
// RUN: %clang -S -emit-llvm -o - -Oz %s | %FileCheck %s --check-prefix=NEVER
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s --check-prefix=NEVER
// RUN: %clang -S -emit-llvm -o - -O2 -flto %s | %FileCheck %s --check-prefix=SCALAR
// RUN: %clang -S -emit-llvm -o - -O2 -fsanitize=address %s | %FileCheck %s --check-prefix=ASAN
#include <ame/ame.h>

// NEVER-NOT: call void @ame_abi_read(
// NEVER-NOT: call void @ame_abi_write(
// NEVER-NOT: call void @ame_abi_read_for_write(

// The rest of the array, a chunk at most, to a local of the twin; and vectors on that. The first
// chunk goes to the end of a page.
// CHECK-LABEL: define {{.*}}@ame_twin.sum(
// CHECK: [[COPY:%.*]] = alloca [4096 x i8], align 64
// CHECK: [[BEGIN:%.*]] = and i64 {{.*}}, 4095
// CHECK: [[REST:%.*]] = sub nuw nsw i64 4103, [[BEGIN]]
// CHECK: [[FIRST:%.*]] = lshr i64 [[REST]], 3
// CHECK: [[MOST:%.*]] = phi i64 [ [[FIRST]], {{.*}} ], [ 512, {{.*}} ]
// CHECK: [[COUNT:%.*]] = {{.*}}call i64 @llvm.umin.i64(i64 {{.*}}, i64 [[MOST]])
// CHECK: [[SIZE:%.*]] = shl nuw i64 [[COUNT]], 3
// CHECK: notail call void @ame_abi_read(ptr {{.*}}[[COPY]], ptr {{.*}}, i64 [[SIZE]])
// CHECK: load <2 x i64>
// CHECK-NOT: ame_abi_
// CHECK: ret i64
// SCALAR-LABEL: define {{.*}}@ame_twin.sum(
// SCALAR: call void @ame_abi_read(
// SCALAR: ret i64
// ASAN-LABEL: define {{.*}}@ame_twin.sum(
// ASAN: call void @__asan_loadN(i64 {{.*}}, i64 [[SIZE:%.*]])
// ASAN: call void @ame_abi_read(ptr {{.*}}, ptr {{.*}}, i64 [[SIZE]])
long sum(const long *a, long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i];
    return total;
}

// A range for each array, half a chunk each.
// CHECK-LABEL: define {{.*}}@ame_twin.product(
// CHECK: i64 512)
// CHECK: call void @ame_abi_read(ptr {{.*}}, ptr {{.*}}, i64
// CHECK: call void @ame_abi_read(ptr {{.*}}, ptr {{.*}}, i64
// CHECK-NOT: ame_abi_
// CHECK: ret float
float product(const float *a, const float *b, int n) {
    float total = 0;
    for (int i = 0; i < n; i++)
        total += a[i] * b[i];
    return total;
}

// Two fields in one range, from the first to the last.
// CHECK-LABEL: define {{.*}}@ame_twin.fields(
// CHECK: call void @ame_abi_read(
// CHECK-NOT: ame_abi_
// CHECK: ret i64
// What lies between them may be poisoned.
// ASAN-LABEL: define {{.*}}@ame_twin.fields(
// ASAN-NOT: call void @ame_abi_read(
// ASAN: ret i64
struct item {
    long unused, first, between, second, rest;
};
long fields(const struct item *a, long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i].first ^ a[i].second;
    return total;
}

// The second loop begins at what the first one has read last.
// CHECK-LABEL: define {{.*}}@ame_twin.one_after_the_other(
// CHECK: call void @ame_abi_read(
// CHECK: call void @ame_abi_read(
// CHECK-NOT: ame_abi_
// CHECK: ret i64
long one_after_the_other(const long *const *table, long n, long m) {
    const long *at = 0;
    long total = 0;
    for (long i = 0; i < n; i++) {
        at = table[i];
        total ^= (long)at;
    }
    for (long i = 0; i < m; i++)
        total += at[i];
    return total;
}

// A known number of iterations needs no more room than they read.
// CHECK-LABEL: define {{.*}}@ame_twin.known(
// CHECK: alloca [832 x i8]
// CHECK: call void @ame_abi_read(ptr {{.*}}, ptr {{.*}}, i64 800)
int known(const int *a) {
    int largest = 0;
    for (int i = 0; i < 200; i++)
        largest = a[i] > largest ? a[i] : largest;
    return largest;
}

// Written by a barrier behind the loop, in which there are vectors. They can't be to what is read.
// CHECK-LABEL: define {{.*}}@ame_twin.to_floats(
// CHECK: call i64 @llvm.umin.i64(i64 {{.*}}, i64 512)
// CHECK: call void @ame_abi_read(
// CHECK: store <4 x float>
// CHECK: call void @ame_abi_write(
// CHECK-NOT: ame_abi_
// CHECK: ret void
// ASAN-LABEL: define {{.*}}@ame_twin.to_floats(
// ASAN: call void @__asan_loadN(
// ASAN: call void @__asan_storeN(
// ASAN: ret void
void to_floats(const int *a, float *b, long n) {
    for (long i = 0; i < n; i++)
        b[i] = (float)a[i];
}

// Here they may be: to what a later iteration reads only if `b` begins behind `a`, before its end.
// CHECK-LABEL: define {{.*}}@ame_twin.to_ints(
// CHECK: icmp ule ptr %b, %a
// CHECK: [[APART:%.*]] = or i1
// CHECK: [[MOST:%.*]] = select i1 [[APART]], i64 512, i64 1
// CHECK: call i64 @llvm.umin.i64(i64 {{.*}}, i64 [[MOST]])
// CHECK: call void @ame_abi_read(
// CHECK: call void @ame_abi_write(
// CHECK: ret void
void to_ints(const int *a, int *b, long n) {
    for (long i = 0; i < n; i++)
        b[i] = a[i] + 1;
}

// CHECK-LABEL: define {{.*}}@ame_twin.restricted(
// CHECK-NOT: select
// CHECK: call void @ame_abi_read(
// CHECK: call void @ame_abi_write(
// CHECK: ret void
void restricted(const int *restrict a, int *restrict b, long n) {
    for (long i = 0; i < n; i++)
        b[i] = a[i] + 1;
}

// One copy of what is read and written: the records are taken before the loop.
// CHECK-LABEL: define {{.*}}@ame_twin.updates(
// CHECK: call void @ame_abi_read_for_write(ptr {{.*}}[[COPY:%.*]], ptr {{.*}}[[AT:%.*]], i64 [[SIZE:%.*]])
// CHECK: call void @ame_abi_write_back(ptr {{.*}}[[AT]], ptr {{.*}}[[COPY]], i64 [[SIZE]])
// CHECK-NOT: ame_abi_
// CHECK: ret void
void updates(long *a, long n) {
    for (long i = 0; i < n; i++)
        a[i] ^= i;
}

// Of what is read the first word is not written.
// CHECK-LABEL: define {{.*}}@ame_twin.running_sums(
// CHECK: call void @ame_abi_read(ptr {{.*}}[[COPY:%.*]], ptr
// CHECK: call void @ame_abi_write(
// CHECK-NOT: ame_abi_
// CHECK: ret void
void running_sums(long *a, long n) {
    for (long i = 1; i < n; i++)
        a[i] += a[i - 1];
}

// What lies between is not written.
// CHECK-LABEL: define {{.*}}@ame_twin.gaps(
// CHECK-NOT: call void @ame_abi_write(
// CHECK: call void @ame_abi_write_u64(
// CHECK: ret void
void gaps(struct item *a, long n) {
    for (long i = 0; i < n; i++)
        a[i].between = i;
}

// CHECK-LABEL: define {{.*}}@ame_twin.not_all(
// CHECK-NOT: call void @ame_abi_write(
// CHECK: call void @ame_abi_write_u64(
// CHECK: ret void
void not_all(long *a, long n, long from) {
    for (long i = 0; i < n; i++)
        if (i > from)
            a[i * 2] = i;
}

// The store comes before a load, perhaps of the same memory: one iteration at a time would not do.
// CHECK-LABEL: define {{.*}}@ame_twin.in_the_wrong_order(
// CHECK-NOT: call void @ame_abi_write(
// CHECK: call void @ame_abi_write_u64(
// CHECK: ret i64
long in_the_wrong_order(long *a, const long *b, long n) {
    long total = 0;
    for (long i = 0; i < n; i++) {
        a[i] = i;
        total += b[i];
    }
    return total;
}

// Nobody knows where this one reads.
// CHECK-LABEL: define {{.*}}@ame_twin.gathered(
// CHECK: call void @ame_abi_read(
// CHECK: call void @ame_abi_write_u64(
// CHECK: ret void
void gathered(long *a, const int *index, const long *b, long n) {
    for (long i = 0; i < n; i++)
        a[i] = b[index[i]];
}

// The memory may end where the loop does.
// CHECK-LABEL: define {{.*}}@ame_twin.search(
// CHECK-NOT: call void @ame_abi_read(
// CHECK: ret i64
long search(const int *a, long n) {
    for (long i = 0; i < n; i++)
        if (a[i] == 7)
            return i;
    return n;
}

// A call that may write, or not come back.
void unknown(long);
// CHECK-LABEL: define {{.*}}@ame_twin.with_a_call(
// CHECK-NOT: call void @ame_abi_read(
// CHECK: ret void
void with_a_call(const long *a, long n) {
    for (long i = 0; i < n; i++)
        unknown(a[i]);
}

// More than a stripe from one to the next: stripes in between would be read for nothing.
// CHECK-LABEL: define {{.*}}@ame_twin.far_apart(
// CHECK-NOT: call void @ame_abi_read(
// CHECK: ret i64
long far_apart(const long (*a)[9], long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i][0];
    return total;
}

// CHECK-LABEL: define {{.*}}@ame_twin.a_stripe_apart(
// CHECK: call void @ame_abi_read(
// CHECK: ret i64
long a_stripe_apart(const long (*a)[8], long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i][0];
    return total;
}

// Not in every iteration.
// CHECK-LABEL: define {{.*}}@ame_twin.sometimes(
// CHECK-NOT: call void @ame_abi_read(
// CHECK: ret i64
long sometimes(const long *a, long n, long from) {
    long total = 0;
    for (long i = 0; i < n; i++)
        if (i > from)
            total += a[i * 2];
    return total;
}

// CHECK-LABEL: define {{.*}}@ame_twin.observed(
// CHECK-NOT: call void @ame_abi_read(
// CHECK: ret i64
long observed(const volatile long *a, long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i];
    return total;
}

// What has no barrier is not copied.
struct fixed {
    ame_immutable long value;
};
// CHECK-LABEL: define {{.*}}@ame_twin.immutable(
// CHECK-NOT: ame_abi_
// CHECK-NOT: load <
// CHECK: ret i64
long immutable(const struct fixed *a, long n) {
    long total = 0;
    for (long i = 0; i < n; i++)
        total += a[i].value;
    return total;
}

// All that this loop accesses is the block's own: vectors, as in the original.
// CHECK-LABEL: define {{.*}}@ame_twin.own(
// CHECK: store <{{[0-9]}} x i32>
// CHECK-NOT: ame_abi_
// CHECK: ret i32
int own(int n) {
    int local[256], total = 0;
    for (int i = 0; i < 256; i++)
        local[i] = i ^ n;
    for (int i = 0; i < 256; i++)
        total ^= local[(local[i] + n) & 255];
    return total;
}
