#!/usr/bin/env bash
# What of a recording's cost is the recorder's own: the share of its functions in the processor time
# of cases of bench/workloads that are recorded, by samples of perf.
#   recording_share.sh [BUILD [ROUNDS [CASES]]]
# BUILD: where CMake has built (build/release). CASES: a pattern of bash.
# What the whole program loses: recording.sh.
set -u
shopt -s extglob
build=${1:-build/release}
rounds=${2:-4}
pattern=${3:-!(long_*|*_64)}
program=$build/bench/workloads/workloads.ame
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "recording_share.sh: $*" >&2
    exit 2
}

[ -x "$program" ] || fail "no $program; build first: cmake --build --preset release"
command -v perf >/dev/null || fail "no perf; install linux-perf"

# The functions whose name is the recorder's alone.
nm -l "$program" | awk '$2 ~ /^[tT]$/ { print $3, ($4 ~ /\/runtime\/(events\/|tx\/watched)/) }' | sort -u |
    awk '{ files[$1]++; own[$1] += $2 } END { for (name in own) if (own[name] && files[name] == 1) print name }' \
        >"$work/own"
[ -s "$work/own" ] || fail "$program has no debug information"

# share CASE THREADS MODE
share() {
    local round
    for ((round = 1; round <= rounds; round++)); do
        rm -f "$work"/data*
        AME_RECORD=$work/data AME_MODE=$3 timeout 100 perf record -q -F 5000 -e cpu-clock \
            -o "$work/samples" "$program" "$1" "$2" >/dev/null 2>&1
        perf script -i "$work/samples" -F ip,sym 2>/dev/null
    done | awk 'NR == FNR { own[$1]; next } NF { all++; recorder += $2 in own }
                END { if (all) printf "%.1f", 100 * recorder / all }' "$work/own" -
}

uptime
echo
echo "Percent of the processor time that the recorder's functions take"
echo
echo "| case | stm, one thread | auto, one thread | stm, two threads | auto, two threads |"
echo "| --- | --- | --- | --- | --- |"
while read -r kind name; do
    # shellcheck disable=SC2053
    [[ $kind = short && $name == $pattern ]] || continue
    printf '| %s |' "$name"
    for threads in 1 2; do
        for mode in stm auto; do
            printf ' %s |' "$(share "$name" $threads $mode)"
        done
    done
    echo
done < <("$program" list)
