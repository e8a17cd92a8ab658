#!/usr/bin/env bash
# test_recording.sh SCRIPT BUILD: bench/recording.sh measures a case, and says what is missing; so does
# recording_share.sh beside it, where there is perf.
set -u
script=$1 build=$2

table=$(bash "$script" "$build" 1 one_counter) || exit 1
grep -qE '^\| one_counter \|( +[+-][0-9.]+ \([^|]*\) \|){8}$' <<<"$table" ||
    { echo "not a line of figures: $table"; exit 1; }
! bash "$script" /nowhere 1 one_counter 2>/dev/null || { echo "measures what is not there"; exit 1; }

share=$(dirname "$script")/recording_share.sh
! bash "$share" /nowhere 1 one_counter 2>/dev/null || { echo "counts what is not there"; exit 1; }
perf record -q -e cpu-clock -o /dev/null true >/dev/null 2>&1 || { echo "no perf here"; exit 0; }
table=$(bash "$share" "$build" 1 one_counter) || exit 1
grep -qE '^\| one_counter \|( [0-9.]+ \|){4}$' <<<"$table" || { echo "not a line of shares: $table"; exit 1; }
