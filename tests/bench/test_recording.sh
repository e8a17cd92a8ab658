#!/usr/bin/env bash
# test_recording.sh SCRIPT BUILD: bench/recording.sh measures a case, and says what is missing.
set -u
script=$1 build=$2

table=$(bash "$script" "$build" 1 one_counter) || exit 1
grep -qE '^\| one_counter \|( +[+-][0-9.]+ \([^|]*\) \|){6}$' <<<"$table" ||
    { echo "not a line of figures: $table"; exit 1; }
! bash "$script" /nowhere 1 one_counter 2>/dev/null || { echo "measures what is not there"; exit 1; }
