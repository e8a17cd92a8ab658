#!/usr/bin/env bash
# run.sh [MINUTES] [BUILD]: all stress programs in every mode, with new seeds, for so long (default:
# 5 minutes, build/release). A line for each program and mode; for what fails, the seed and the
# command that runs it again. Fails if anything did.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
minutes=${1:-5}
build=$(cd "${2:-$root/build/release}" && pwd) || exit 2
[[ $minutes =~ ^[0-9]+$ ]] || { echo "usage: $0 [MINUTES] [BUILD]" >&2; exit 2; }
programs=()
for program in "$build"/tests/stress/stress.*; do
    [ -x "$program" ] && [ "$(basename "$program")" != stress.history ] && programs+=("$program")
done
[ ${#programs[@]} -gt 0 ] || { echo "$0: $build has no stress programs; build it first" >&2; exit 2; }

modes=(auto htm stm serial)
seconds=$((minutes * 60 / (${#programs[@]} * ${#modes[@]})))
first=$(($(date +%s) % 1000000 * 100000))
failures=0
for program in "${programs[@]}"; do
    for mode in "${modes[@]}"; do
        AME_MODE=$mode "$program" $first $((seconds > 0 ? seconds : 1))s || failures=$((failures + 1))
    done
done
((failures == 0))
