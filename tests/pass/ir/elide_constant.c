/* Memory that nobody writes needs no barriers; a variable that is not const does. */
// RUN: %clang -S -emit-llvm -o - -O0 %s | %FileCheck %s
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
extern const int constants[10];
extern int variables[10];

// CHECK-LABEL: define {{.*}}@ame_twin.reads_constant(
// CHECK-NOT: call {{.*}}@ame_abi_
// CHECK: ret i32
int reads_constant(int i) { return constants[i]; }

// CHECK-LABEL: define {{.*}}@ame_twin.reads_variable(
// CHECK: call i32 @ame_abi_read_u32(
int reads_variable(int i) { return variables[i]; }

// CHECK-LABEL: define {{.*}}@ame_twin.reads_either(
// CHECK: call i32 @ame_abi_read_u32(
int reads_either(int i) { return (i > 4 ? constants : variables)[i]; }
