#!/bin/bash
# run.sh BUILD SOURCES PACKAGE: the work of a program from Debian, which PACKAGE.c puts into atomic
# blocks, must have the same results as without the plugin, in every mode and with aborts injected.
set -u
build=$1 sources=$2/$3 package=$3
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$sources" ] || { echo "skipped: $sources is not here, see differential.fetch"; exit 77; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

case $package in
lua5.4)
    files=("$sources"/src/l{api,auxlib,baselib,code,corolib,ctype,debug,do,dump,func,gc,lex,mathlib}.c
        "$sources"/src/l{mem,object,opcodes,parser,state,string,strlib,table,tablib,tm,undump,vm,zio}.c)
    options=("-I$sources/src" "-Dluai_makeseed(L)=1")
    # A function with computed goto has no twin; and no call of localeconv for each number.
    in_blocks=(-DLUA_USE_JUMPTABLE=0 "-Dlua_getlocaledecpoint()='.'")
    ;;
lz4)
    files=("$sources"/lib/{lz4,lz4hc,lz4frame,xxhash}.c)
    options=("-I$sources/lib")
    in_blocks=()
    ;;
expat)
    files=("$sources"/expat/lib/{xmlparse,xmlrole,xmltok}.c)
    options=("-I$sources/expat/lib" -D_GNU_SOURCE -DHAVE_GETRANDOM -DXML_DTD -DXML_NS
        -DXML_CONTEXT_BYTES=1024 -DBYTEORDER=1234)
    in_blocks=()
    ;;
esac
options+=(-w "-I$here" "-I$here/.." "$here/$package.c" "${files[@]}" -lm)
# Two compilers at a time. The plain program need not be fast.
clang-19 -O0 -DPLAIN "${options[@]}" -o "$directory/plain" &
"$build/tools/ame" cc -O2 "${in_blocks[@]}" "${options[@]}" "$build/tests/differential/faults.o" \
    $(cat "$build/tests/differential/barriers") -o "$directory/blocks" || exit 1
wait $! || exit 1
"$directory/plain" >"$directory/expected" || exit 1

run() { # MODE FAULTS
    AME_MODE=$1 AME_FAULTS=$2 timeout 100 "$directory/blocks" >"$directory/printed" \
        2>"$directory/said" && diff "$directory/expected" "$directory/printed"
    status=$?
    echo "mode $1, faults at $2: $(cat "$directory/said")"
    [ $status = 0 ] || exit 1
}
for mode in auto htm hybrid simulated stm serial; do
    run $mode 0
done
for barrier in 1 17 1000 40000; do
    run stm $barrier
    grep -qv ' 0 undone' "$directory/said" || exit 1
done
