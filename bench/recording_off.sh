#!/usr/bin/env bash
# What the recorder costs when nothing is recorded: instructions of a block in software (by valgrind),
# as it is, and with a runtime without any test of whether something is recorded.
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
# At -O1 all blocks are called: those in line have their looks in the program's code.
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

# instructions NAME CASE TIMES: of the whole program.
instructions() {
    AME_MODE=stm valgrind --tool=lackey --basic-counts=yes "$work/$1/program" "$2" "$3" 2>&1 |
        sed -nE 's/.*guest instrs: +([0-9,]+).*/\1/p' | tr -d ,
}

# each NAME CASE: of one block, without the beginning and the end.
each() {
    awk -v few="$(instructions "$1" "$2" 2000)" -v many="$(instructions "$1" "$2" 12000)" \
        'BEGIN { printf "%.2f", (many - few) / 10000 }'
}

build_with usual
build_with never -DAME__NEVER_RECORDS
echo "| block | instructions | without the tests |"
echo "| --- | --- | --- |"
for case in empty read write write_64_lines allocate; do
    echo "| $case | $(each usual $case) | $(each never $case) |"
done
