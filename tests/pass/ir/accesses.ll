; Each type of access and the barrier that it becomes.
; RUN: %opt -passes=ame-instrument -S %s | %FileCheck %s
; Run again, as link time optimization may, it changes nothing.
; RUN: %opt -passes=ame-instrument,ame-instrument -S %s | %FileCheck %s
; RUN: %opt -passes=ame-instrument,ame-instrument -S %s | %FileCheck %s --check-prefix=AGAIN
; AGAIN: @ame.version =
; AGAIN-NOT: @ame.version.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"

; CHECK-LABEL: define void @ame_twin.sized(
define void @ame_twin.sized(ptr %p, ptr %q) #0 {
; CHECK: [[A:%.*]] = notail call zeroext i8 @ame_abi_read_u8(ptr %p)
; CHECK: notail call void @ame_abi_write_u8(ptr %q, i8 zeroext [[A]])
  %a = load i8, ptr %p
  store i8 %a, ptr %q
; CHECK: [[B:%.*]] = notail call zeroext i16 @ame_abi_read_u16(ptr %p)
; CHECK: notail call void @ame_abi_write_u16(ptr %q, i16 zeroext [[B]])
  %b = load i16, ptr %p, align 1
  store i16 %b, ptr %q, align 1
; CHECK: [[F:%.*]] = notail call i32 @ame_abi_read_u32(ptr %p)
; CHECK: [[G:%.*]] = bitcast i32 [[F]] to float
; CHECK: [[H:%.*]] = bitcast float [[G]] to i32
; CHECK: notail call void @ame_abi_write_u32(ptr %q, i32 [[H]])
  %f = load float, ptr %p
  store float %f, ptr %q
; CHECK: notail call i64 @ame_abi_read_u64(ptr %p)
; CHECK: inttoptr
; CHECK: ptrtoint
; CHECK: notail call void @ame_abi_write_u64(
  %r = load ptr, ptr %p
  store volatile ptr %r, ptr %q
  ret void
}

; CHECK-LABEL: define void @ame_twin.general(
; CHECK-DAG: [[BOOL:%.*]] = alloca i1,
; CHECK-DAG: [[ODD:%.*]] = alloca i24,
; CHECK-DAG: [[WIDE:%.*]] = alloca i128,
; CHECK-DAG: [[LONG:%.*]] = alloca x86_fp80,
; CHECK-DAG: [[VECTOR:%.*]] = alloca <3 x i32>,
; CHECK-DAG: [[STRUCT:%.*]] = alloca { i32, i8 },
define void @ame_twin.general(ptr %p, ptr %q) #0 {
; CHECK: notail call void @ame_abi_read(ptr [[BOOL]], ptr %p, i64 1)
; CHECK: notail call void @ame_abi_write(ptr %q, ptr [[BOOL]], i64 1)
  %a = load i1, ptr %p
  store i1 %a, ptr %q
; CHECK: notail call void @ame_abi_read(ptr [[ODD]], ptr %p, i64 3)
; CHECK: notail call void @ame_abi_write(ptr %q, ptr [[ODD]], i64 3)
  %b = load i24, ptr %p
  store i24 %b, ptr %q
; CHECK: notail call void @ame_abi_read(ptr [[WIDE]], ptr %p, i64 16)
  %c = load i128, ptr %p
  store i128 %c, ptr %q
; CHECK: notail call void @ame_abi_read(ptr [[LONG]], ptr %p, i64 10)
  %d = load x86_fp80, ptr %p
  store x86_fp80 %d, ptr %q
; CHECK: notail call void @ame_abi_read(ptr [[VECTOR]], ptr %p, i64 12)
  %e = load <3 x i32>, ptr %p
  store <3 x i32> %e, ptr %q
; CHECK: notail call void @ame_abi_read(ptr [[STRUCT]], ptr %p, i64 8)
  %f = load { i32, i8 }, ptr %p
  store { i32, i8 } %f, ptr %q
  ret void
}

; CHECK-LABEL: define void @ame_twin.bytes(
define void @ame_twin.bytes(ptr %p, ptr %q, i64 %n) #0 {
  %local = alloca [64 x i8]
; CHECK: notail call void @ame_abi_copy(ptr %q, ptr %p, i64 %n)
  call void @llvm.memcpy.p0.p0.i64(ptr %q, ptr %p, i64 %n, i1 false)
; CHECK: notail call void @ame_abi_copy(ptr %q, ptr %p, i64 5)
  call void @llvm.memmove.p0.p0.i32(ptr %q, ptr %p, i32 5, i1 false)
; CHECK: notail call void @ame_abi_read(ptr %local, ptr %p, i64 64)
  call void @llvm.memcpy.p0.p0.i64(ptr %local, ptr %p, i64 64, i1 false)
; CHECK: notail call void @ame_abi_write(ptr %q, ptr %local, i64 64)
  call void @llvm.memcpy.p0.p0.i64(ptr %q, ptr %local, i64 64, i1 false)
; CHECK: notail call void @ame_abi_fill(ptr %q, i32 7, i64 %n)
  call void @llvm.memset.p0.i64(ptr %q, i8 7, i64 %n, i1 false)
; CHECK: call void @llvm.memset.p0.i64(ptr %local, i8 0, i64 64, i1 false)
  call void @llvm.memset.p0.i64(ptr %local, i8 0, i64 64, i1 false)
  ret void
}

; Only the lanes that the mask chooses are touched.
; CHECK-LABEL: define <2 x i32> @ame_twin.masked(
; CHECK: extractelement <2 x i1> %mask, i64 0
; CHECK: br i1
; CHECK: call i32 @ame_abi_read_u32(
; CHECK: phi <2 x i32>
; CHECK: extractelement <2 x i1> %mask, i64 1
; CHECK: br i1
; CHECK: call i32 @ame_abi_read_u32(
; CHECK: phi <2 x i32>
; CHECK: br i1
; CHECK: call void @ame_abi_write_u32(
; CHECK-NOT: @llvm.masked
; CHECK: ret <2 x i32>
define <2 x i32> @ame_twin.masked(ptr %p, ptr %q, <2 x i1> %mask, <2 x i32> %other) #0 {
  %v = call <2 x i32> @llvm.masked.load.v2i32.p0(ptr %p, i32 4, <2 x i1> %mask, <2 x i32> %other)
  call void @llvm.masked.store.v2i32.p0(<2 x i32> %v, ptr %q, i32 4, <2 x i1> %mask)
  ret <2 x i32> %v
}

; What sanitizers add is not the program's.
; CHECK-LABEL: define i8 @ame_twin.instrumentation(
; CHECK-NOT: ame_abi_
; CHECK: ret i8
define i8 @ame_twin.instrumentation(ptr %shadow) #0 {
  %a = load i8, ptr %shadow, !nosanitize !0
  ret i8 %a
}

; Functions that are not twins stay as they are.
; CHECK-LABEL: define i8 @original(
; CHECK-NEXT: load i8
; CHECK-NEXT: ret i8
define i8 @original(ptr %p) {
  %a = load i8, ptr %p
  ret i8 %a
}

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memmove.p0.p0.i32(ptr, ptr, i32, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare <2 x i32> @llvm.masked.load.v2i32.p0(ptr, i32, <2 x i1>, <2 x i32>)
declare void @llvm.masked.store.v2i32.p0(<2 x i32>, ptr, i32, <2 x i1>)

attributes #0 = { "ame-twin"="function" }
!0 = !{}
