/* Small blocks that call nothing but the allocator run in a hardware transaction in line: xbegin is 0xc7 0xf8, xend
 * 0x0f 0x01 0xd5, xabort 0xc6 0xf8. */
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck --check-prefix=CALLS %s
// RUN: %clang -S -emit-llvm -o - -O1 %s | %FileCheck --check-prefix=NONE %s
// RUN: %clang -S -emit-llvm -o - -Os %s | %FileCheck --check-prefix=NONE %s
// NONE-NOT: asm sideeffect ".byte 0xc7
#include <ame/ame.h>
#include <stdbool.h>
#include <stdlib.h>

long one, two;
long many[64];

// What speaks against it is asked before, and what may change in the transaction, too. A recording
// costs one test, of what the commit is counted by.
// CHECK-LABEL: define {{.*}}@moves(
// CHECK-NOT: recording
// CHECK: load atomic i64, ptr @ame_abi_phase monotonic
// CHECK: load atomic i32, ptr getelementptr inbounds (%struct.ame_abi_block, ptr @moves.ame_block, i32 0, i32 5) monotonic
// CHECK: load ptr, ptr {{.*}}
// CHECK: [[AT_ONCE:%.*]] = load atomic i64, ptr {{.*}} monotonic
// CHECK-NEXT: and i64 [[AT_ONCE]], 1
// CHECK: load i32, ptr
// CHECK: br i1
// CHECK-NOT: br i1
// CHECK: load atomic i32, ptr getelementptr inbounds (%struct.ame_abi_block, ptr @moves.ame_block, i32 0, i32 8) monotonic
// CHECK-NOT: br i1
// CHECK: [[COUNT:%.*]] = load i64, ptr
// CHECK: [[START:%.*]] = load i64, ptr
// CHECK-NEXT: [[TURN:%.*]] = add i64 [[COUNT]], [[START]]
// CHECK-NEXT: [[PASSES:%.*]] = icmp sge i64 [[TURN]], 0
// CHECK-NEXT: br i1 [[PASSES]]
// CHECK-NOT: br i1
// CHECK: asm sideeffect ".byte 0xc7, 0xf8; .long 0"
// CHECK: call void @ame_abi_run_after(ptr {{[^,]*}}@moves.ame_block
// CHECK: asm sideeffect ".byte 0xc6, 0xf8, 1"
// A copy, for use beside a block in software, looks at the records, and at what that block has read
// where it writes; a place is looked at once.
// CHECK: [[PHASE:%.*]] = load atomic i64, ptr @ame_abi_phase monotonic
// CHECK: [[BITS:%.*]] = and i64 [[PHASE]], -4
// CHECK: inttoptr i64 [[BITS]]
// CHECK: load i64, ptr @one
// CHECK-COUNT-1: @ame_abi_orecs
// CHECK: [[RECORD:%.*]] = load atomic i64
// CHECK: icmp slt i64 [[RECORD]], 0
// CHECK: asm sideeffect ".byte 0xc6, 0xf8, 1"
// CHECK-NOT: @ame_abi_orecs
// CHECK: store i64 {{.*}}, ptr @one
// CHECK-COUNT-1: @ame_abi_orecs
// CHECK-NOT: @ame_abi_orecs
// CHECK: store i64 {{.*}}, ptr @two
// CHECK: load atomic i64, ptr @ame_abi_counts_in_hardware monotonic
// CHECK: asm sideeffect ".byte 0x0f, 0x01, 0xd5"
// The body as written, in a phase of hardware.
// CHECK: load atomic i64, ptr @ame_abi_phase monotonic
// CHECK-NOT: call {{.*}}@{{ame_|moves}}
// CHECK-NOT: @ame_abi_orecs
// CHECK: store i64 {{.*}}, ptr @one
// CHECK: call void @ame_abi_await_additions()
// CHECK: call void @ame_abi_run(ptr {{[^,]*}}@moves.ame_block
void moves(long n) {
    atomic {
        one -= n;
        two += n;
    }
}

// Inputs are loaded before the transaction and results stored after it, and who needs them gets the
// values: a load in the transaction would wait for the store before it.
// CHECK-LABEL: define {{.*}}@exchanges(
// CHECK: load i64, ptr %
// CHECK: asm sideeffect ".byte 0xc7, 0xf8; .long 0"
// CHECK: call void @ame_abi_run_after(
// CHECK: [[SEEN_AFTER:%[0-9]+]] = load i64, ptr %
// CHECK: asm sideeffect ".byte 0x0f, 0x01, 0xd5"
// CHECK: store i64 {{.*}}, ptr %
// CHECK: store i64 [[SEEN:%[0-9]+]], ptr %
// CHECK-NOT: load i64, ptr %
// CHECK: call void @ame_abi_run(
// CHECK: [[SEEN_ELSEWHERE:%[0-9]+]] = load i64, ptr %
// CHECK: phi i64 {{.*}}[ [[SEEN]], {{.*}}[ [[SEEN_AFTER]], {{.*}}[ [[SEEN_ELSEWHERE]],
// CHECK-NEXT: mul nsw i64
long exchanges(long n) {
    long seen;
    atomic {
        seen = one;
        one = n;
    }
    return seen * 3;
}

struct entry {
    struct entry *next;
    long value;
} *list;
_Noreturn void fail(const char *why);

// The allocator asks nobody whether the thread is in a block; what does not return gives up, and is
// called when the runtime runs the block. Beside a block in software the allocator's writes would
// not be looked at.
// CHECK-LABEL: define {{.*}}@pushes(
// CHECK: asm sideeffect ".byte 0xc7, 0xf8; .long 0"
// CHECK: call {{.*}}@malloc(
// CHECK-NOT: @ame_abi_orecs
// CHECK: asm sideeffect ".byte 0xc6, 0xf8, 1"
// CHECK-NEXT: unreachable
// CHECK: store ptr {{.*}}, ptr @list
// CHECK-NOT: @fail
// CHECK: ret void
void pushes(long value) {
    atomic {
        struct entry *entry = malloc(sizeof *entry);
        if (!entry)
            fail("no memory");
        *entry = (struct entry){list, value};
        list = entry;
    }
}

struct node {
    struct node *child[2];
    long key;
} *root;

// Where a comparison becomes a number, registers are written first (RunInLine.cpp).
// CHECK-LABEL: define {{.*}}@finds(
// CHECK: asm sideeffect ".byte 0xc7, 0xf8; .long 0"
// CHECK: asm sideeffect "xorl $0, $0; xorl $1, $1; xorl $2, $2"
// CHECK: load ptr, ptr @root
bool finds(long key) {
    const struct node *node;
    atomic {
        node = root;
        while (node && node->key != key)
            node = node->child[node->key < key];
    }
    return node;
}

struct {
    char name;
    long value;
} __attribute__((packed)) packed;

// What may lie in two stripes is looked at in both.
// CHECK-LABEL: define {{.*}}@writes_packed(
// CHECK: and i64 {{.*}}, -4
// CHECK-COUNT-2: @ame_abi_orecs
// CHECK: store i64 {{.*}}@packed
void writes_packed(long n) {
    atomic { packed.value = n; }
}

// But a read: in no transaction, in any phase but that in which a block runs alone.
// CHECK-LABEL: define {{.*}}@only_reads(
// CHECK-NOT: asm sideeffect
// CHECK: [[PHASES:%.*]] = load atomic i64, ptr @ame_abi_phases acquire
// CHECK: [[PHASE:%.*]] = load atomic i64, ptr @ame_abi_phase acquire
// CHECK: icmp ne i64 [[PHASE]], 2
// CHECK: getelementptr i64, ptr @ame_abi_orecs
// CHECK-NEXT: [[RECORD:%.*]] = load atomic i64
// CHECK-NEXT: load atomic i64, ptr @one acquire
// CHECK-NEXT: icmp sge i64 [[RECORD]], 0
// CHECK-NEXT: load atomic i64, ptr {{.*}} acquire
// CHECK: load atomic i64, ptr @ame_abi_phases acquire
// CHECK: call void @ame_abi_run(ptr {{[^,]*}}@only_reads.ame_block
long only_reads(void) {
    long sum;
    atomic { sum = one; }
    return sum;
}

// What was changed before the read would be changed twice if the read has to be made again.
// CHECK-LABEL: define {{.*}}@changes_before_it_reads(
// CHECK: asm sideeffect ".byte 0xc7, 0xf8; .long 0"
long changes_before_it_reads(void) {
    volatile long changes = 0;
    long sum;
    atomic {
        changes++;
        sum = one;
    }
    return sum + changes;
}

// CHECK-LABEL: define {{.*}}@does_nothing(
// CHECK-NOT: asm sideeffect
// CHECK: call void @ame_abi_run(
void does_nothing(void) {
    atomic {}
}

long look(long *word);

// CALLS-LABEL: define {{.*}}@calls(
// CALLS-NOT: asm sideeffect
// CALLS: call void @ame_abi_run(
long calls(void) {
    long seen;
    atomic { seen = look(&one); }
    return seen;
}

// CALLS-LABEL: define {{.*}}@is_large(
// CALLS-NOT: asm sideeffect
// CALLS: call void @ame_abi_run(
#define STEP(i) many[i] = many[many[i] & 63] * one + two;
#define STEPS(i) STEP(i) STEP(i + 1) STEP(i + 2) STEP(i + 3) STEP(i + 4)
void is_large(void) {
    atomic { STEPS(0) STEPS(5) }
}

// CALLS-LABEL: define {{.*}}@may_be_cancelled(
// CALLS-NOT: asm sideeffect
// CALLS: call void @ame_abi_run(
void may_be_cancelled(void) {
    atomic {
        if (one++)
            atomic_cancel();
    }
}

// CALLS-LABEL: define {{.*}}@is_cold(
// CALLS-NOT: asm sideeffect
// CALLS: call void @ame_abi_run(
__attribute__((minsize)) void is_cold(void) {
    atomic { one++; }
}
