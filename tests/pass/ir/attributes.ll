; What is inferred of the plain code of a twin is not true of it once it has barriers.
; RUN: %opt -passes=ame-instrument -S %s | %FileCheck %s

@number = global i32 0

declare noalias ptr @make(i64) allocsize(0)

; CHECK-LABEL: define i32 @ame_twin.read(ptr noalias %p)
; CHECK-SAME: [[ATTRIBUTES:#[0-9]+]]
define i32 @ame_twin.read(ptr noalias nocapture readonly %p) #0 {
  %a = load i32, ptr %p
  %b = load i32, ptr @number
  %c = add i32 %a, %b
  ret i32 %c
}

; CHECK-LABEL: define i32 @ame_twin.call(
; CHECK: call i32 @ame_twin.read(ptr %p) [[CALL:#[0-9]+]]
define i32 @ame_twin.call(ptr %p) #0 {
  %a = call i32 @ame_twin.read(ptr nocapture readonly %p) #1
  ret i32 %a
}

; CHECK: attributes [[ATTRIBUTES]] = { nounwind "ame-twin"="function" }
; CHECK: attributes [[CALL]] = { nounwind }
attributes #0 = { nofree nosync nounwind willreturn memory(read) sanitize_thread "ame-twin"="function" "ame-no-speculation" }
attributes #1 = { nofree nosync nounwind willreturn memory(read) }
