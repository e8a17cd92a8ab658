/* Reads of immutable fields have no barrier; writes of them, other fields and other annotations do. */
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s --check-prefix=PLAIN
#include <ame/atomic.h>

struct name {
    int length, first;
    char text[40];
};
struct node {
    ame_immutable long key;
    long value;
    ame_immutable struct name name;
    __attribute__((annotate("other"))) long other;
    ame_immutable ame_safe void (*first)(void);
    ame_safe ame_immutable void (*second)(void);
};
struct name copied;

// PLAIN-NOT: call {{.*}}annotation{{.*}}ame_immutable
// PLAIN-NOT: invariant.load

// CHECK-LABEL: define {{.*}}@ame_twin.reads_key(
// CHECK-NOT: ame_abi_
// CHECK: load i64, {{.*}}!ame.immutable
// CHECK-NOT: ame_abi_
long reads_key(struct node *node) { return node->key; }

// CHECK-LABEL: define {{.*}}@ame_twin.reads_part(
// CHECK-NOT: ame_abi_
// CHECK: ret i32
int reads_part(struct node *node) { return node->name.first; }

// A copy of an immutable struct to shared memory reads it as private memory.
// CHECK-LABEL: define {{.*}}@ame_twin.copies_part(
// CHECK-NOT: ame_abi_{{read|copy}}
// CHECK: ame_abi_write
// CHECK-NOT: ame_abi_{{read|copy}}
// CHECK: ret void
void copies_part(struct node *node) { copied = node->name; }

// CHECK-LABEL: define {{.*}}@ame_twin.reads_value(
// CHECK: call i64 @ame_abi_read_u64(
long reads_value(struct node *node) { return node->value; }

// CHECK-LABEL: define {{.*}}@ame_twin.writes_key(
// CHECK: call void @ame_abi_write_u64(
void writes_key(struct node *node) { node->key = 1; }

// CHECK-LABEL: define {{.*}}@ame_twin.reads_other(
// CHECK: annotation
// CHECK: call i64 @ame_abi_read_u64(
long reads_other(struct node *node) { return node->other; }

// Words on variables and second words on fields are gone too, and the second does not hide the first.
// CHECK-LABEL: define {{.*}}@ame_twin.calls(
// CHECK-NOT: {{ame_abi_(read|write)|annotation}}
// CHECK: load ptr, {{.*}}!ame.immutable
// CHECK-NOT: {{ame_abi_(read|write)|annotation}}
// CHECK: load ptr, {{.*}}!ame.immutable
// CHECK-NOT: {{ame_abi_(read|write)|annotation}}
// CHECK: ret void
void calls(struct node *node, ame_safe void (*given)(void)) {
    ame_safe void (*local)(void) = node->first;
    local();
    node->second();
    given();
}
