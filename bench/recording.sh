#!/usr/bin/env bash
# What recording costs: runs cases of bench/workloads with and without it, in slices of a twentieth of
# a second in turn, in one process, and prints by how much more processor time an operation takes
# with it: the median of the rounds, and the middle half of them. Each round has a second slice
# without a recording, whose difference from the first is chance.
#   recording.sh [BUILD [ROUNDS [CASES]]]
# BUILD: where CMake has built (build/release). CASES: a pattern of bash.
# What it costs when nothing is recorded: recording_off.sh.
set -u
shopt -s extglob
build=${1:-build/release}
rounds=${2:-40}
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

# run CASE THREADS MODE: two columns.
run() {
    # shellcheck disable=SC2046
    env AME_MODE="$3" $([ "$2" = 1 ] && echo "$alone") timeout 200 "$program" --recording "$work/data" "$rounds" "$1" "$2" \
        2>"$work/messages" |
        sed -nE 's/.* recording=([^,]+),([^,]+),([^ ]+) again=([^,]+),([^,]+),([^ ]+)$/ \1 (\2 to \3) | \4 (\5 to \6) |/p'
    cat "$work/messages" >&2
    rm -f "$work"/*
}

uptime
echo
echo "Percent of processor time that an operation takes more with a recording: median of $rounds rounds (middle half)"
echo
echo "| case | stm, one thread | without, again | auto, one thread | without, again | stm, two threads | without, again | auto, two threads | without, again |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
while read -r kind name; do
    # shellcheck disable=SC2053
    [[ $kind = short && $name == $pattern ]] || continue
    printf '| %s |' "$name"
    for threads in 1 2; do
        for mode in stm auto; do
            printf '%s' "$(run "$name" $threads $mode)"
        done
    done
    echo
done < <("$program" list)
