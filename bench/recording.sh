#!/usr/bin/env bash
# What recording costs: runs cases of bench/workloads with and without it, in turn, and prints by how
# much more processor time an operation takes with it: the median of the pairs, and the middle half
# of them. With two threads, whose conflicts fall differently in each run, it prints the same of a
# second run without a recording, too: what is smaller than that is chance.
#   recording.sh [BUILD [ROUNDS [CASES]]]
# BUILD: where CMake has built (build/release). CASES: a pattern of bash.
# What it costs when nothing is recorded: recording_off.sh.
set -u
shopt -s extglob
build=${1:-build/release}
rounds=${2:-9}
pattern=${3:-!(long_*|*_64)}
program=$build/bench/workloads/workloads.ame
work=$(mktemp -d)
trap 'rm -rf "$work" "$work.rounds"' EXIT

fail() {
    echo "recording.sh: $*" >&2
    exit 2
}

[ -x "$program" ] || fail "no $program; build first: cmake --build --preset release"

# Nobody else on this processor, if that is allowed.
alone=
chrt -f 10 true 2>/dev/null && alone="chrt -f 10"

# run CASE THREADS MODE VARIABLE: microseconds of a processor for an operation. The variable is
# AME_RECORD, or else one as long: what the environment takes moves the stack.
run() {
    rm -f "$work"/*
    # shellcheck disable=SC2046
    env "$4=$work/data" AME_MODE="$3" $([ "$2" = 1 ] && echo "$alone") timeout 100 "$program" "$1" "$2" 2>"$work/messages" |
        sed -nE 's/^[^ ]+ ([0-9]+) mops=([0-9.]+) .* cpu=([0-9.]+).*/\1 \2 \3/p' |
        awk '$2 > 0 { print $1 == 1 ? 1 / $2 : $1 * $3 / $2 }' # of one thread it is that already
}

# rounds CASE THREADS MODE: how much more with a recording, and without one, in percent, one line for
# each round.
rounds() {
    local round off on again=
    for ((round = 1; round <= rounds; round++)); do
        ((round % 2)) && off=$(run "$@" AME_UNUSED)
        [ "$2" = 1 ] || again=$(run "$@" AME_UNUSED)
        on=$(run "$@" AME_RECORD)
        ((round % 2)) || off=$(run "$@" AME_UNUSED)
        awk -v off="$off" -v on="$on" -v again="$again" \
            'BEGIN { if (off > 0 && on > 0) print 100 * (on / off - 1), again ? 100 * (again / off - 1) : "" }'
    done
}

# middle COLUMN
middle() {
    awk -v column="$1" '{ print $column }' | sort -g | awk '{ value[NR] = $1 }
        END { if (NR) printf "%+.1f (%+.1f to %+.1f)", value[int((NR + 1) / 2)],
              value[int((NR + 3) / 4)], value[NR + 1 - int((NR + 3) / 4)] }'
}

uptime
echo
echo "Percent of processor time that an operation takes more with a recording: median of $rounds pairs (middle half)"
echo
echo "| case | stm, one thread | auto, one thread | stm, two threads | without, again | auto, two threads | without, again |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
while read -r kind name; do
    # shellcheck disable=SC2053
    [[ $kind = short && $name == $pattern ]] || continue
    printf '| %s |' "$name"
    for threads in 1 2; do
        for mode in stm auto; do
            rounds "$name" $threads $mode >"$work.rounds"
            printf ' %s |' "$(middle 1 <"$work.rounds")"
            [ $threads = 1 ] || printf ' %s |' "$(middle 2 <"$work.rounds")"
        done
    done
    echo
done < <("$program" list)
