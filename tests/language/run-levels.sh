#!/bin/sh
# run-levels.sh TEST LEVEL...: runs one test as it was compiled at each level of optimization.
test=$1
shift
for level; do
    "$test.$level" || { echo "failed at -$level" >&2; exit 1; }
done
