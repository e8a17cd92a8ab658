#!/bin/sh
# Runs one test as it was compiled at each level of optimization.
for level in O0 O1 O2 O3 Os; do
    "$1.$level" || { echo "failed at -$level" >&2; exit 1; }
done
