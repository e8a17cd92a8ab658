#!/usr/bin/env bash
# What recording costs: runs cases of bench/workloads with and without it, in turn, and prints by how
# much longer an operation takes with it: the median of the pairs, and the middle half of them.
#   recording.sh [BUILD [ROUNDS [CASES]]]
# BUILD: where CMake has built (build/release). CASES: a pattern of bash. One thread is measured in its
# CPU time, two in wall time.
# What it costs when nothing is recorded: recording_off.sh.
set -u
shopt -s extglob
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-build/release}
rounds=${2:-9}
pattern=${3:-!(long_*|*_64)}
program=$build/bench/workloads/workloads.ame
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "recording.sh: $*" >&2
    exit 2
}

[ -x "$program" ] || fail "no $program; build first: cmake --build --preset release"

# Nobody else on this processor, if that is allowed.
alone=
chrt -f 10 true 2>/dev/null && alone="chrt -f 10"

# run CASE THREADS MODE RECORDING: million operations a second.
run() {
    rm -f "$work"/*
    # shellcheck disable=SC2046
    env AME_RECORD="$4" AME_MODE="$3" $([ "$2" = 1 ] && echo "$alone") timeout 100 "$program" "$1" "$2" 2>"$work/messages" | sed -nE 's/.* mops=([0-9.]+).*/\1/p'
}

# pairs CASE THREADS MODE: how much longer, in percent, one line for each pair.
pairs() {
    local round off on
    for ((round = 1; round <= rounds; round++)); do
        if ((round % 2)); then
            off=$(run "$@" "") on=$(run "$@" "$work/data")
        else
            on=$(run "$@" "$work/data") off=$(run "$@" "")
        fi
        awk -v off="$off" -v on="$on" 'BEGIN { if (off > 0 && on > 0) print 100 * (off / on - 1) }'
    done
}

middle() {
    sort -g | awk '{ value[NR] = $1 }
        END { if (NR) printf "%+6.1f (%+.1f to %+.1f)", value[int((NR + 1) / 2)],
              value[int((NR + 3) / 4)], value[NR + 1 - int((NR + 3) / 4)] }'
}

uptime
echo
echo "Percent that an operation takes longer with a recording: median of $rounds pairs (middle half)"
echo
echo "| case | stm, one thread | auto, one thread | stm, two threads | auto, two threads |"
echo "| --- | --- | --- | --- | --- |"
while read -r kind name; do
    # shellcheck disable=SC2053
    [[ $kind = short && $name == $pattern ]] || continue
    printf '| %s |' "$name"
    for threads in 1 2; do
        for mode in stm auto; do
            printf ' %s |' "$(pairs "$name" $threads $mode | middle)"
        done
    done
    echo
done < <("$program" list)
