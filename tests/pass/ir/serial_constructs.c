/* Constructs that can't be undone run alone; harmless ones of the same kind don't. */
// RUN: %clang -S -emit-llvm -o - -O1 %s -Rpass-missed=^ame 2> %t.remarks | %FileCheck %s
// RUN: %FileCheck %s --check-prefix=REMARK < %t.remarks
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

atomic_int shared;
jmp_buf buffer;
void use(atomic_int *own);

// CHECK-LABEL: define {{.*}}@ame_twin.atomics(
// CHECK: call void @ame_abi_serial(
// CHECK: atomicrmw
// REMARK: :[[@LINE+1]]:{{.*}} an atomic operation makes the block run alone (serial)
int atomics(void) { return atomic_fetch_add(&shared, 1); }

// CHECK-LABEL: define {{.*}}@ame_twin.atomic_load_and_store(
// CHECK: call void @ame_abi_serial(
// CHECK: load atomic
// CHECK: call void @ame_abi_serial(
// CHECK: store atomic
void atomic_load_and_store(void) {
    int x = atomic_load_explicit(&shared, memory_order_relaxed);
    atomic_store(&shared, x + 1);
}

// CHECK-LABEL: define {{.*}}@ame_twin.compare(
// CHECK: call void @ame_abi_serial(
// CHECK: cmpxchg
_Bool compare(int x) { return atomic_compare_exchange_strong(&shared, &x, 2); }

// CHECK-LABEL: define {{.*}}@ame_twin.fence(
// CHECK: call void @ame_abi_serial(
// CHECK: fence
// REMARK: a memory fence makes the block run alone
void fence(void) { atomic_thread_fence(memory_order_seq_cst); }

// CHECK-LABEL: define {{.*}}@ame_twin.own_atomic(
// CHECK-NOT: ame_abi_serial
// CHECK: ret i32
int own_atomic(void) {
    atomic_int own = 0;
    atomic_fetch_add(&own, 1);
    return own;
}

// CHECK-LABEL: define {{.*}}@ame_twin.assembly(
// CHECK: call void @ame_abi_serial(
// CHECK: asm
// REMARK: inline assembly makes the block run alone
void assembly(int *p) { __asm__("incl %0" : "+m"(*p)); }

// CHECK-LABEL: define {{.*}}@ame_twin.assembly_on_registers(
// CHECK-NOT: ame_abi_serial
// CHECK: ret i32
int assembly_on_registers(int x) {
    __asm__("incl %0" : "+r"(x));
    __asm__ volatile("" ::: "memory");
    return x;
}

// CHECK-LABEL: define {{.*}}@ame_twin.jump(
// CHECK: call void @ame_abi_setjmp(
// CHECK: call {{.*}}@_setjmp(
// CHECK-NOT: ame_abi_serial
// CHECK: ret i32
int jump(void) { return setjmp(buffer); }

// CHECK-LABEL: define {{.*}}@ame_twin.segment(
// CHECK: call void @ame_abi_serial(
int segment(__seg_fs int *p) { return *p; }

// CHECK-LABEL: define {{.*}}@ame_twin.list_elsewhere(
// CHECK-NOT: ame_abi_serial
// CHECK: call void @ame_abi_copy(ptr %{{.*}}, i64 24)
void list_elsewhere(va_list *from, va_list *to) { va_copy(*to, *from); }

// CHECK-LABEL: define {{.*}}@ame_twin.builtins(
// CHECK-NOT: ame_abi_serial
// CHECK: ret i32
int builtins(int n, int *p) {
    __builtin_prefetch(p);
    if (!__builtin_expect(n, 1))
        __builtin_trap();
    __builtin_assume(n > 0);
    char *memory = __builtin_alloca((unsigned)n);
    __builtin_memset(memory, n, (unsigned)n);
    return memory[n / 2] + __builtin_popcount(n) + (int)__builtin_ia32_rdtsc();
}
