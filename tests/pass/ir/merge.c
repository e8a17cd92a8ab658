/* Neighbouring fields share a barrier where nobody can tell; elsewhere each has its own. */
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s --check-prefix=O0
struct pair {
    int a, b;
    long c;
};
struct bytes {
    char first, second;
    short third;
    int fourth;
};
void other(void);

// CHECK-LABEL: define {{.*}}@ame_twin.sum(
// CHECK: call i64 @ame_abi_read_u64(
// CHECK-NOT: ame_abi_read
// CHECK: ret
// O0-LABEL: define {{.*}}@ame_twin.sum(
// O0: call i32 @ame_abi_read_u32(
// O0: call i32 @ame_abi_read_u32(
long sum(struct pair *p) { return p->a * p->b; }

// CHECK-LABEL: define {{.*}}@ame_twin.backwards(
// CHECK: call i64 @ame_abi_read_u64(
// CHECK-NOT: ame_abi_read
// CHECK: ret
int backwards(struct pair *p) { return p->b - p->a; }

// CHECK-LABEL: define {{.*}}@ame_twin.set(
// CHECK: call void @ame_abi_write_u64(
// CHECK-NOT: ame_abi_write
// CHECK: ret
void set(struct pair *p, int a, int b) {
    p->a = a;
    p->b = b;
}

// Three fields in one aligned word; with the fourth it would be eight bytes, aligned to four.
// CHECK-LABEL: define {{.*}}@ame_twin.all_sizes(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK-NOT: ame_abi_read
// CHECK: ret
int all_sizes(struct bytes *p) { return p->first + p->second * p->third - p->fourth; }

// Three of four bytes: not a size that a barrier has, so the pair alone.
// CHECK-LABEL: define {{.*}}@ame_twin.three(
// CHECK: call {{.*}}i16 @ame_abi_read_u16(
// CHECK: call {{.*}}i8 @ame_abi_read_u8(
// CHECK-NOT: ame_abi_read
// CHECK: ret
int three(char *p) {
    p = __builtin_assume_aligned(p, 4);
    return p[0] + p[1] * p[2];
}

// Nobody says that the pair does not straddle two stripes.
// CHECK-LABEL: define {{.*}}@ame_twin.unaligned(
// CHECK: call {{.*}}i32 @ame_abi_read_u32(
// CHECK: call {{.*}}i32 @ame_abi_read_u32(
int unaligned(int *p) { return p[0] * p[1]; }

// Not neighbours.
// CHECK-LABEL: define {{.*}}@ame_twin.apart(
// CHECK: call {{.*}}i32 @ame_abi_read_u32(
// CHECK: call {{.*}}i32 @ame_abi_read_u32(
int apart(struct pair *p) { return p[0].a * p[1].b; }

// What is written between the loads could be the second field.
// CHECK-LABEL: define {{.*}}@ame_twin.written_between(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: call void @ame_abi_write_u32(
// CHECK: call i32 @ame_abi_read_u32(
int written_between(struct pair *p, int *q) {
    int a = p->a;
    *q = 5;
    return a * p->b;
}

// CHECK-LABEL: define {{.*}}@ame_twin.called_between(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: call {{.*}}void %
// CHECK: call i32 @ame_abi_read_u32(
int called_between(struct pair *p) {
    int a = p->a;
    other();
    return a * p->b;
}

// A load between the stores could read what the first one wrote.
// CHECK-LABEL: define {{.*}}@ame_twin.read_between(
// CHECK: call void @ame_abi_write_u32(
// CHECK: call i64 @ame_abi_read_u64(
// CHECK: call void @ame_abi_write_u32(
long read_between(struct pair *p, long *q) {
    p->a = 1;
    long value = *q;
    p->b = 2;
    return value;
}

// The second field is read only under the condition.
// CHECK-LABEL: define {{.*}}@ame_twin.conditional(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: br i1
// CHECK: call i32 @ame_abi_read_u32(
int conditional(struct pair *p) {
    if (!p->a)
        return 0;
    other();
    return p->b;
}

// CHECK-LABEL: define {{.*}}@ame_twin.volatile_fields(
// CHECK: call i32 @ame_abi_read_u32(
// CHECK: call i32 @ame_abi_read_u32(
int volatile_fields(volatile struct pair *p) { return p->a * p->b; }
