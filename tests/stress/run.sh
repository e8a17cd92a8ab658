#!/usr/bin/env bash
# run.sh [MINUTES] [BUILD]: all stress programs in every mode, with new seeds, for so long (default:
# 5 minutes, build/release). A line for each program and mode; for what fails, the seed and the
# command that runs it again. Fails if anything did.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
minutes=${1:-5}
build=$(cd "${2:-$root/build/release}" && pwd) || exit 2
[[ $minutes =~ ^[0-9]+$ ]] || { echo "usage: $0 [MINUTES] [BUILD]" >&2; exit 2; }

runs=() # program and mode
for program in "$build"/tests/stress/stress.* "$build"/tests/stress/threads/stress.threads.*; do
    modes=(auto htm hybrid simulated stm serial)
    case $program in
    */stress.history) continue ;;
    */stress.threads.*) modes=(stm serial) ;;
    esac
    [ -x "$program" ] || continue
    for mode in "${modes[@]}"; do runs+=("$mode $program"); done
done
[ ${#runs[@]} -gt 0 ] || { echo "$0: $build has no stress programs; build it first" >&2; exit 2; }

export TSAN_OPTIONS="halt_on_error=1 suppressions=$root/tests/stress/threads/by_design.supp"
seconds=$((minutes * 60 / ${#runs[@]}))
first=$(($(date +%s) % 1000000 * 100000))
failures=0
for run in "${runs[@]}"; do
    AME_MODE=${run%% *} "${run#* }" $first $((seconds > 0 ? seconds : 1))s || failures=$((failures + 1))
done
((failures == 0))
