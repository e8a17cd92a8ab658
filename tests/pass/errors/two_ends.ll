; A block with two ends, as other front ends might make it, is refused.
; RUN: (! %opt -passes=ame-prepare -S -o /dev/null %s 2>&1) | %FileCheck %s
; CHECK: error: {{.*}}ame: this atomic block has several ends
declare i32 @ame_region_begin__compile_this_file_with_the_ame_plugin()
declare void @ame_region_end__compile_this_file_with_the_ame_plugin(ptr)

define void @block(i1 %c) {
  %scope = alloca i32
  %begin = call i32 @ame_region_begin__compile_this_file_with_the_ame_plugin()
  store i32 %begin, ptr %scope
  br i1 %c, label %one, label %two
one:
  call void @ame_region_end__compile_this_file_with_the_ame_plugin(ptr %scope)
  ret void
two:
  call void @ame_region_end__compile_this_file_with_the_ame_plugin(ptr %scope)
  ret void
}
