#!/usr/bin/env bash
# How much longer clang works with the plugin: a program of 10,000 lines with 50 blocks, against the
# same program without the plugin and with its blocks left out. Medians of the CPU time of runs
# that alternate (which other programs disturb less than wall time), or, where the
# processor counts them for perf, of instructions.
#   compile_time.sh AME [RUNS]
# Two shapes: functions as in a library, half of them external, so that blocks in other files may
# call them; and all but main static.
set -eu
ame=$1
runs=${2:-9}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang=$("$ame" cc --show -c x.c | cut -d' ' -f1)

if perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'; then
    unit="million instructions"
    cost() {
        perf stat -x, -e instructions:u -o "$work/perf" "$@" 2>/dev/null
        awk -F, '/instructions/ { print $1 / 1e6 }' "$work/perf"
    }
else
    unit="seconds of CPU time"
    cost() { (TIMEFORMAT=%U && time "$@") 2>&1; }
fi

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

awk -v lines=10000 -v regions=50 -v seed=1 -f "$here/program.awk" >"$work/external.c"
awk -v lines=10000 -v regions=50 -v seed=1 -v all_static=1 -f "$here/program.awk" >"$work/static.c"
for shape in external static; do
    file=$work/$shape.c
    for ((run = 0; run < runs; run++)); do
        cost "$clang" -DPLAIN -O2 -g -c "$file" -o "$work/plain.o" >>"$work/$shape.plain"
        cost "$ame" cc -O2 -g -c "$file" -o "$work/ame.o" >>"$work/$shape.ame"
    done
    plain=$(median <"$work/$shape.plain")
    ours=$(median <"$work/$shape.ame")
    echo "$shape functions, $(wc -l <"$file") lines, $(grep -c 'atomic {' "$file") blocks:" \
        "clang $plain, with the plugin $ours $unit, $(awk "BEGIN { printf \"%.2f\", $ours / $plain }") times"
done
