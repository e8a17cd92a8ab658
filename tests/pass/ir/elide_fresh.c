/* Memory allocated in this function needs no barriers; memory that another function gave, or that
   realloc may have taken from what others know, does. */
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck %s
#include <stdlib.h>
#include <string.h>

struct node {
    struct node *next;
    long value;
};
struct node *head;

// CHECK-LABEL: define {{.*}}@ame_twin.push(
// CHECK: call {{.*}}@ame_twin.malloc(
// CHECK-NOT: call {{.*}}@ame_abi_write
// CHECK: call i64 @ame_abi_read_for_write_u64(ptr @head)
// CHECK-NOT: call {{.*}}@ame_abi_write
// CHECK: call void @ame_abi_write_u64(ptr @head,
// CHECK-NOT: call {{.*}}@ame_abi_write
// CHECK: ret void
void push(long value) {
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->next = head;
    head = node;
}

// CHECK-LABEL: define {{.*}}@ame_twin.both(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret ptr
void *both(int big) {
    char *memory = big ? malloc(100) : calloc(1, 10);
    memory[3] = 1;
    return memory;
}

struct node *make(void);
// CHECK-LABEL: define {{.*}}@ame_twin.made_elsewhere(
// CHECK: call void @ame_abi_write_u64(
void made_elsewhere(void) { make()->value = 1; }

// CHECK-LABEL: define {{.*}}@ame_twin.grown(
// CHECK: call {{.*}}@ame_twin.realloc(
// CHECK: call void @ame_abi_write_u8(
void *grown(char *memory) {
    memory = realloc(memory, 100);
    memory[3] = 1;
    return memory;
}

// CHECK-LABEL: define {{.*}}@ame_twin.fresh_or_known(
// CHECK: call void @ame_abi_write_u64(
void fresh_or_known(int fresh) {
    struct node *node = fresh ? malloc(sizeof *node) : head;
    node->value = 1;
}

// Based on the allocation, but one step further: what the memory holds.
// CHECK-LABEL: define {{.*}}@ame_twin.one_step_further(
// CHECK: call {{.*}}@ame_twin.malloc(
// CHECK: call void @ame_abi_write_u64(
void one_step_further(void) {
    struct node **nodes = malloc(8 * sizeof *nodes);
    memcpy(nodes, head, 64);
    nodes[2]->value = 1;
}

__attribute__((noinline)) static struct node *new_node(long value) {
    struct node *node = malloc(sizeof *node);
    if (!node)
        return 0;
    node->value = value;
    return node;
}
__attribute__((noinline)) static struct node *new_list(long value) { return new_node(value); }

// From a function that returns nothing but what it has allocated.
// CHECK-LABEL: define {{.*}}@ame_twin.made_by_callee(
// CHECK-NOT: call {{.*}}@ame_abi_write
// CHECK: ret
void made_by_callee(void) { new_list(1)->next = 0; }

// One that may return what others know.
__attribute__((noinline)) static struct node *new_or_known(long value) {
    return value ? new_node(value) : head;
}
// CHECK-LABEL: define {{.*}}@ame_twin.may_be_known(
// CHECK: call void @ame_abi_write_u64(
void may_be_known(long value) { new_or_known(value)->next = 0; }

// A pool's memory is like malloc's to its user, but an undone block must not leave it changed.
__attribute__((malloc, noinline)) static struct node *from_pool(void) {
    struct node *node = head;
    head = node->next;
    return node;
}
// CHECK-LABEL: define {{.*}}@ame_twin.pooled(
// CHECK: call void @ame_abi_write_u64(
void pooled(void) { from_pool()->value = 1; }
