#!/usr/bin/env bash
# Runs the workloads of bench/workloads in all variants, one after the other in each round, and prints
# the medians: see bench/README.md. Ends with status 1 when a result was wrong.
#   workloads.sh [BUILD [ROUNDS [CASES]]]
# BUILD: where CMake has built (build/release). CASES: a pattern of bash, such as 'long_*' or
# '!(long_*)'. Each measurement is also left in BUILD/bench/workloads/measurements.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-build/release}
rounds=${2:-5}
pattern=${3:-*}
programs=$build/bench/workloads
results=$programs/measurements
failed=0

[ -x "$programs/workloads.ame" ] ||
    { echo "workloads.sh: $programs has no workloads.ame; build first: cmake --build --preset release" >&2; exit 2; }

# gcc's part. GCC 12 crashes on some files: then they are compiled otherwise, or left out.
build_libitm() {
    local source object
    mkdir -p "$programs/libitm"
    rm -f "$programs"/libitm/*.o
    for source in "$here"/workloads/*.c; do
        object=$programs/libitm/$(basename "$source" .c).o
        with_gcc "$source" "$object" ||
            { with_gcc "$source" "$object" -fno-inline-functions &&
                echo "gcc -O2 fails on ${source##*/}, which is compiled with -fno-inline-functions"; } ||
            echo "gcc can't compile ${source##*/}: $(grep -m1 -E 'error|internal' "$object.messages")"
    done
    gcc -fgnu-tm -pthread "$programs"/libitm/*.o -o "$programs/workloads.libitm"
}

# with_gcc SOURCE OBJECT [OPTIONS]
with_gcc() {
    gcc -std=gnu11 -O2 -g -fgnu-tm -pthread -I"$here/../runtime" \
        '-DVARIANT="variants/libitm.h"' "${@:3}" -c "$1" -o "$2" 2>"$2.messages"
}

# run COLUMN PROGRAM CASE THREADS [ENVIRONMENT...]
run() {
    local column=$1 program=$programs/workloads.$2 name=$3 threads=$4 line status
    shift 4
    [ -x "$program" ] || return
    line=$(env "$@" timeout 300 "$program" "$name" "$threads" 2>"$programs/messages")
    status=$?
    case $status in
    0 | 4) echo "$column $line" >>"$results" ;; # 4: a long block did not end
    2 | 3) ;; # gcc could not compile it; no RTM
    *)
        echo "$column, $name, $threads threads: ended with status $status" \
            "$(head -1 "$programs/messages")" >&2
        failed=1
        ;;
    esac
}

# run_all CASE THREADS
run_all() {
    [ "$2" = 1 ] && run plain plain "$@"
    run mutex mutex "$@"
    run rtm rtm "$@"
    run libitm libitm "$@"
    run ml_wt libitm "$@" ITM_DEFAULT_METHOD=ml_wt
    for mode in auto htm hybrid stm; do
        run "$mode" ame "$@" AME_MODE=$mode
    done
}

if command -v gcc >/dev/null; then
    build_libitm
else
    echo "no gcc here: nothing of libitm"
    rm -f "$programs/workloads.libitm"
fi
: >"$results"
for ((round = 1; round <= rounds; round++)); do
    while read -r kind name; do
        # shellcheck disable=SC2053
        [[ $name == $pattern ]] || continue
        [ "$kind" = long ] && run plain plain "$name" 1
        [ "$kind" = short ] && run_all "$name" 1
        run_all "$name" 2
        [[ $name == mixed* ]] && run_all "$name" 64
    done < <("$programs/workloads.plain" list)
done
awk -f "$here/workloads.awk" "$results"
exit $failed
