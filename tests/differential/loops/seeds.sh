#!/bin/bash
# seeds.sh BUILD FIRST COUNT: programs of random loops over arrays (generate.awk), at a level of
# optimization each, with aborts injected. Says which failed; these stay in
# BUILD/tests/differential/failed.
set -u
[ $# = 3 ] || { echo "usage: $0 BUILD FIRST COUNT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) || exit 2
flags=$(cat "$build/tests/differential/flags")
barriers=$(cat "$build/tests/differential/barriers")
levels=(-O2 -O1 "-O3 -march=x86-64-v2" -Os)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failed=0

fail() {
    kept=$build/tests/differential/failed
    mkdir -p "$kept" && cp "$directory/$seed.c" "$kept/loops$seed.c"
    echo "FAILED $seed ${level}: $1; kept in $kept"
    failed=1
}

undone=0
for ((seed = $2; seed < $2 + $3; seed++)); do
    level=${levels[seed % ${#levels[@]}]}
    program=$directory/$seed
    awk -v seed="$seed" -f "$here/generate.awk" >"$program.c"
    # The arrays of other types are the same bytes.
    "$build/tools/ame" cc -w -fno-strict-aliasing $level $flags -I"$here" "$program.c" \
        "$build/tests/differential/faults.o" $barriers -o "$program" -lm || { fail "compile"; continue; }
    for faults in 0 1 2 3 5 8 40; do
        AME_MODE=stm AME_FAULTS=$faults timeout 100 "$program" >"$program.out" 2>"$program.err" ||
            { fail "aborts at barrier $faults: $(head -c 200 "$program.out" "$program.err")"; break; }
        read -r _ software _ alone _ times _ < <(grep '^blocks: ' "$program.err")
        ((software > 0 && alone == 0)) || fail "$software blocks in software, $alone alone"
        undone=$((undone + times))
    done
done
echo "loops: $3 programs, $undone blocks undone"
((failed == 0 && undone > 0))
