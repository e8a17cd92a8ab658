#!/usr/bin/env bash
# What the recorder costs when nothing is recorded: instructions of a block in software (by valgrind),
# as it is, and with a runtime in which nothing of the recorder is left on a block's path.
#   recording_off.sh [BUILD]
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-build/release}" 2>/dev/null && pwd) || { echo "recording_off.sh: no ${1:-build/release}" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "recording_off.sh: $*" >&2
    exit 2
}

command -v valgrind >/dev/null || fail "no valgrind here, which counts: apt-get install valgrind"
[ -x "$build/tools/ame" ] || fail "no $build/tools/ame; build first: cmake --build --preset release"
# At -O1 all blocks are called: those in line have their test in the program's code.
"$build/tools/ame" cc -O1 -c "$here/recording_off.c" -o "$work/program.o" || fail "the program does not compile"

# build_with NAME OPTIONS...: the runtime, and the program with it.
build_with() {
    local name=$1 source
    shift
    mkdir "$work/$name"
    # Not what stands on blocks, and needs the plugin.
    for source in "$here"/../runtime/{base,events,core,watch,memory,libc,count,stm,htm,serial,policy,tx}/*.c; do
        printf '%s\0%s\0' "$work/$name/$(basename "$(dirname "$source")")-$(basename "$source").o" "$source"
    done | xargs -0 -n 2 -P "$(nproc)" clang-19 -std=gnu11 -D_GNU_SOURCE= -O2 -fPIC -fvisibility=hidden \
        -I"$here/../include" -I"$here/../runtime" "$@" -c -o || fail "the runtime does not compile"
    clang-19 "$work/program.o" "$work/$name"/*.o -lpthread -o "$work/$name/program" || fail "it does not link"
}

# counts NAME CASE TIMES: instructions and conditional branches of the whole program.
counts() {
    AME_MODE=stm valgrind --tool=lackey --basic-counts=yes "$work/$1/program" "$2" "$3" 2>&1 | tr -d , |
        sed -nE -e 's/.*guest instrs: +([0-9]+).*/\1/p' -e '/Jccs/,$s/.*total: +([0-9]+).*/\1/p' | paste -s
}

# each NAME CASE: of one block, without the beginning and the end.
each() {
    printf '%s\n' "$(counts "$1" "$2" 2000)" "$(counts "$1" "$2" 12000)" |
        awk '{ i[NR] = $2; b[NR] = $1 } END { printf "%.2f, %.2f branches", (i[2] - i[1]) / 10000, (b[2] - b[1]) / 10000 }'
}

build_with usual
build_with never -DAME__NEVER_RECORDS
echo "| block | instructions | without the recorder |"
echo "| --- | --- | --- |"
for case in empty read write write_64_lines allocate; do
    echo "| $case | $(each usual $case) | $(each never $case) |"
done
