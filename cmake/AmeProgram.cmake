# For projects with atomic blocks, here and after find_package(ame):
#   ame_add_program(<target> <sources>...)   an executable whose sources may use blocks
#   ame_enable_blocks(<target>)              the same for a target that is there already,
#                                            a library for example
#   ame_enable_gnu_tm(<target>)              after either: its sources may use the transactions
#                                            of `gcc -fgnu-tm`
#   ame_export_runtime(<target>)             for a program that loads shared objects with
#                                            blocks: they use the program's runtime

function(ame_enable_blocks target)
    # -g: the profiler reports source lines.
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-fpass-plugin=$<TARGET_FILE:ame::ame-pass>>
        $<$<COMPILE_LANGUAGE:C>:-fplugin=$<TARGET_FILE:ame::ame-clang>>
        $<$<COMPILE_LANGUAGE:C>:-g>)
    add_dependencies(${target} ame::ame-pass ame::ame-clang)
    # New plugins compile the sources anew. OBJECT_DEPENDS takes no generator expression.
    get_target_property(sources ${target} SOURCES)
    get_target_property(directory ${target} SOURCE_DIR)
    set_property(SOURCE ${sources} DIRECTORY ${directory} APPEND PROPERTY
        OBJECT_DEPENDS "${AME_PASS_FILE};${AME_CLANG_FILE}")
endfunction()

function(ame_add_program target)
    add_executable(${target} ${ARGN})
    ame_enable_blocks(${target})
    target_link_libraries(${target} PRIVATE ame::ame)
endfunction()

function(ame_enable_gnu_tm target)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-fplugin-arg-ame-gnu-tm>
        "$<$<COMPILE_LANGUAGE:C>:SHELL:-include ame/gnu_tm.h>")
endfunction()

function(ame_export_runtime target)
    set_target_properties(${target} PROPERTIES ENABLE_EXPORTS ON)
    # All of it, since nobody knows yet what a shared object will call.
    target_link_options(${target} PRIVATE
        LINKER:--whole-archive $<TARGET_FILE:ame::ame> LINKER:--no-whole-archive)
endfunction()
