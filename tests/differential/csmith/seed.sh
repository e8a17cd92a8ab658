#!/bin/bash
# seed.sh BUILD SEED: one program from csmith, plain and with its work in atomic blocks, must print
# the same in every mode and with aborts injected. The seed decides everything: program, options,
# level of optimization, what becomes a block. Prints one line that begins with ok, skipped or FAILED;
# a failed program stays in BUILD/tests/differential/failed.
set -u
build=$(cd "$1" && pwd) seed=$2
here=$(cd "$(dirname "$0")" && pwd)
compiler=$build/tools/ame
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
flags=$(cat "$build/tests/differential/flags") # -fsanitize=..., that the runtime was built with
barriers=$(cat "$build/tests/differential/barriers")

end() {
    echo "$1 $seed${2:+: $2}"
    [ "$1" != FAILED ] || {
        kept=$build/tests/differential/failed/$seed
        rm -rf "$kept" && mkdir -p "${kept%/*}" && cp -r "$directory" "$kept"
        echo "  csmith --seed $generated ${options[*]}; ${level[*]}, style $style; kept in $kept"
        echo "  repeat: $0 $build $seed"
        exit 1
    }
    exit 0
}

RANDOM=$((seed % 2147483647))
choose() { # one of the arguments; not in a subshell, which would not move the sequence on
    shift $((RANDOM % $#))
    chosen=$1
}
options=()
for option in --no-bitfields --no-packed-struct --no-unions --no-structs --no-volatiles \
    --no-longlong --no-arrays --no-argc --no-consts --float --builtins --inline-function \
    "--max-pointer-depth 4" "--max-funcs 4" "--max-funcs 20" "--max-block-depth 2" \
    "--max-expr-complexity 4" "--no-pointers" "--max-array-dim 1"; do
    # Rather few at a time: each takes something away.
    ((RANDOM % 6)) || options+=($option)
done
((RANDOM % 2)) || options+=(--no-jumps) # they make many a program endless
choose -O0 -O1 -O2 -O3 -Os
level=("$chosen")
for option in -fPIC -fno-inline -fno-builtin -fstack-protector-all -fno-vectorize -flto -fwrapv; do
    ((RANDOM % 8)) || level+=("$option")
done
[[ ${level[*]} != *-flto* ]] || level+=(-fuse-ld=lld)
choose whole functions pieces
style=$chosen

cd "$directory" || exit 1
# Programs of a few statements are too many and say little.
generated=$seed
while :; do
    timeout 20 csmith --seed "$generated" "${options[@]}" -o program.c >csmith.log 2>&1 ||
        end skipped "csmith found none"
    (($(sed -n 's/^XXX stmts: //p' program.c) < 10)) || break
    generated=$((generated + 1000000007))
done
awk -v style="$style" -f "$here/into-blocks.awk" program.c >blocks.c
# A loop without effects must stay endless: without blocks clang may assume that it ends.
common=(-w -fno-finite-loops "${level[@]}" $flags -mcrc32 -include "$here/builtins.h" -isystem /usr/include/csmith)
timeout 120 clang-19 "${common[@]}" program.c -o plain -lm 2>plain.log || end skipped "plain compile"
# Some have no end. Seconds of the processor, since others may use it too.
{ (ulimit -t 1 && exec timeout 60 ./plain >expected); } 2>/dev/null || end skipped "plain run"

timeout 300 "$compiler" cc "${common[@]}" -I"$here/in-blocks" -I"$here/.." blocks.c \
    "$build/tests/differential/faults.o" $barriers -o blocks -lm 2>blocks.log ||
    end FAILED "compile: $(head -c 300 blocks.log)"

# The two differ. A program that the levels of optimization change, too, has no one result.
judge() {
    for other in -O0 -O3; do
        timeout 120 clang-19 "${common[@]}" $other program.c -o plain -lm 2>plain.log &&
            timeout 60 ./plain >printed 2>/dev/null && ! cmp -s expected printed &&
            end skipped "plain prints otherwise at $other"
    done
    end FAILED "$1"
}

# run MODE FAULTS: sets software, alone, undone
run() {
    AME_MODE=$1 AME_FAULTS=$2 timeout 100 ./blocks >printed 2>said ||
        end FAILED "ended with $? in mode $1, faults at $2: $(head -c 300 said)"
    cmp -s expected printed || judge "printed otherwise in mode $1, faults at $2"
    read -r _ software _ alone _ undone _ < <(grep '^blocks: ' said)
}
for mode in auto htm hybrid serial stm; do
    run $mode 0
done
# Nothing that csmith writes needs to run alone.
((software > 0 && alone == 0)) || end FAILED "$software blocks in software, $alone alone"
# From the first barrier to beyond the last one, further apart each time: then nothing is undone.
total=0
for ((barrier = 1; barrier == 1 || undone > 0; barrier += barrier / 2 + 1 + RANDOM % barrier)); do
    run stm $barrier
    total=$((total + undone))
    ((alone == 0)) || end FAILED "$alone blocks alone, faults at $barrier"
done
((total > 0)) || end FAILED "no injected abort"
end ok "$software blocks, $total undone"
