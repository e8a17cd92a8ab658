/* What is stored to next is read by the barrier that takes its record at once. */
// RUN: %clang -S -emit-llvm -o - -O2 -fno-vectorize -fno-unroll-loops %s | %FileCheck %s

struct account {
    long balance;
    int moves;
    char blocked;
};

// CHECK-LABEL: define {{.*}}@ame_twin.move(
// CHECK: call i64 @ame_abi_read_for_write_u64(
// CHECK: call void @ame_abi_write_u64(
// CHECK: call i32 @ame_abi_read_for_write_u32(
// CHECK: call void @ame_abi_write_u32(
// CHECK: ret
void move(struct account *from, long amount) {
    from->balance -= amount;
    from->moves++;
}

// In a loop too: after the first write to a stripe the fast path in line would not do.
// CHECK-LABEL: define {{.*}}@ame_twin.add_to_all(
// CHECK: call i64 @ame_abi_read_for_write_u64(
// CHECK-NOT: ame_abi_orecs
void add_to_all(long *values, int n) {
    for (int i = 0; i < n; i++)
        values[16 * i]++;
}

// It may not come to the write, and others may read meanwhile.
// CHECK-LABEL: define {{.*}}@ame_twin.move_if_open(
// CHECK-NOT: read_for_write
// CHECK: ret
void move_if_open(struct account *from, long amount) {
    if (from->balance < amount)
        return;
    from->blocked = 1;
}

// Another place.
// CHECK-LABEL: define {{.*}}@ame_twin.copy_one(
// CHECK-NOT: read_for_write
// CHECK: ret
void copy_one(struct account *to, struct account *from) { to->balance = from->balance; }
