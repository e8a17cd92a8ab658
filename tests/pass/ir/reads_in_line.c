/* In loops the fast path of a read stands in line; not elsewhere, nor where size counts, nor for
 * ThreadSanitizer, which would not see it. */
// RUN: %clang -S -emit-llvm -o - -O2 -fno-vectorize -fno-unroll-loops %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -Os -fno-vectorize -fno-unroll-loops %s | %FileCheck %s --check-prefix=CALLS
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s --check-prefix=CALLS
// RUN: %clang -S -emit-llvm -o - -O2 -fsanitize=thread %s | %FileCheck %s --check-prefix=CALLS

struct node {
    struct node *next;
    long value;
};

// The record before and after the load, and the read set, which the read may enter; else the call.
// CHECK-LABEL: define {{.*}}@ame_twin.sum(
// CHECK: [[READS:%.*]] = call ptr @llvm.threadlocal.address.p0(ptr @ame_abi_reads)
// CHECK: call { i64, i8, i64, i64, i64, i64 } asm sideeffect "{{.*}}movq ($6), $0{{.*}}(ptr {{.*}}, ptr {{.*}}, ptr @ame_abi_orecs)
// CHECK: br i1 {{.*}}, label %[[SLOW:.*]], label %[[DONE:.*]], !prof
// CHECK: [[SLOW]]:
// CHECK: call preserve_mostcc i64 @ame_abi_slow_read_u64(
// CHECK: [[DONE]]:
// CHECK: phi i64
// CALLS-LABEL: define {{.*}}@ame_twin.sum(
// CALLS-NOT: ame_abi_orecs
// CALLS: ret
long sum(struct node *node) {
    long total = 0;
    for (; node; node = node->next)
        total += node->value;
    return total;
}

// CHECK-LABEL: define {{.*}}@ame_twin.once(
// CHECK-NOT: ame_abi_orecs
// CHECK: ret
long once(struct node *node) { return node->value; }

// It may lie in two stripes.
// CHECK-LABEL: define {{.*}}@ame_twin.unaligned(
// CHECK-NOT: ame_abi_orecs
// CHECK: ret
struct __attribute__((packed)) packed {
    char tag;
    struct packed *next;
    long value;
};
long unaligned(struct packed *p) {
    long total = 0;
    for (; p; p = p->next)
        total += p->value;
    return total;
}

// What is freed next has often been allocated by the block itself: the barrier asks that first.
// CHECK-LABEL: define {{.*}}@ame_twin.sum_and_free(
// CHECK-NOT: ame_abi_orecs
// CHECK: ret
void free(void *);
long sum_and_free(struct node *node) {
    long total = 0;
    for (struct node *next; node; node = next) {
        next = node->next;
        total += node->value;
        free(node);
    }
    return total;
}
