#!/usr/bin/env bash
# test_tables.sh WORKLOADS: what bench/workloads.sh makes of its programs, which are invented here.
set -u
workloads=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bench/workloads" "$work/bin"
PATH=$work/bin:$PATH
failed=0

# program NAME LINES: a shell script
program() {
    printf '#!/bin/sh\n[ "$1" = list ] && { echo short small; echo long long_one; exit; }\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

expect() {
    grep -qF -- "$2" "$work/said" || { echo "$1: no line with '$2' in:"; cat "$work/said"; failed=1; }
}

variants=$work/bench/workloads/workloads
program "$work/bin/gcc" 'echo "x.c:1: error: invented" >&2; exit 1'
# Three rounds: 40, 80, 10.
program "$variants.plain" 'echo . >>'"$work/rounds"'
case $1,$(wc -l <'"$work/rounds"') in
small,1) echo "small 1 mops=40 least=1 cpu=0.5" ;;
small,3) echo "small 1 mops=80 least=1 cpu=0.5" ;;
small,5) echo "small 1 mops=10 least=1 cpu=0.5" ;;
*) echo "long_one 2 alone=3 memory=0 updates=100" ;;
esac'
program "$variants.mutex" 'case $1 in
small) echo "small $2 mops=$((20 / $2)) least=1 cpu=1" ;;
*) echo "long_one 2 alone=3 memory=7 updates=50 beside=4 long_tries=1 updates_beside=25" ;;
esac'
program "$variants.rtm" 'exit 3'
program "$variants.ame" '[ $AME_MODE = stm ] || exit 3
[ $1 = small ] && { echo "small $2 mops=4 least=1 cpu=1"; exit; }
echo "long_one 2 alone=3 memory=7 updates=50 beside=endless long_tries=99"; exit 4'

bash "$workloads" "$work" 3 >"$work/said" 2>&1 || { echo "ended with $?"; failed=1; }
expect "gcc's failure" "gcc can't compile bank.c: x.c:1: error: invented"
expect "a busy machine" "had a processor for 50 %"
expect "medians" "| small | 40.0 | 20.0 → 10.0 | - | - | - | - | - | - | 4.00 → 4.00 |"
expect "ratios" "| small | 1.00 | 0.500 → 0.250 | - | - | - | - | - | - | 0.100 → 0.100 |"
expect "means" "| geometric mean | 1.00 | 0.500 → 0.250 | - | - | - | - | - | - | 0.100 → 0.100 |"
expect "long blocks" "| long_one: beside, ms | - | 4.00 | - | - | - | - | - | - | endless |"
expect "updates kept" "| long_one: updates kept | - | 0.500 | - | - | - | - | - | - | - |"

program "$variants.mutex" 'echo "bank.c:1: wrong result" >&2; exit 1'
bash "$workloads" "$work" 1 small >"$work/said" 2>&1 && { echo "a wrong result was not reported"; failed=1; }
expect "wrong result" "mutex, small, 2 threads: ended with status 1 bank.c:1: wrong result"
exit $failed
