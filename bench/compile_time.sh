#!/usr/bin/env bash
# How much longer clang works with the plugin: a program of 10,000 lines with 50 blocks, against the
# same program without the plugin and with its blocks left out. In instructions: of perf where the
# processor counts them, else of valgrind, which runs each once; without either in CPU time, medians of
# runs that alternate.
#   compile_time.sh AME [RUNS]
# Two shapes: functions as in a library, half of them external, so that blocks in other files may
# call them; and all but main static.
set -eu
ame=$1
runs=${2:-9}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang=$("$ame" cc --show -c x.c | cut -d" " -f1)

# The command that ame cc runs.
read -ra with_plugin < <("$ame" cc --show -O2 -g -c)

unit="million instructions"
if perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'; then
    cost() {
        perf stat -x, -e instructions:u -o "$work/perf" "$@" 2>/dev/null
        awk -F, '/instructions/ { print $1 / 1e6 }' "$work/perf"
    }
elif command -v valgrind >/dev/null; then
    runs=1
    # valgrind can't read the plugins' debug information.
    for ((i = 0; i < ${#with_plugin[@]}; i++)); do
        if [[ ${with_plugin[i]} == *.so ]]; then
            stripped=$work/${with_plugin[i]##*/}
            strip -g -o "$stripped" "${with_plugin[i]#*=}"
            with_plugin[i]=${with_plugin[i]%%=*}=$stripped
        fi
    done
    cost() {
        valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$@" 2>&1 |
            awk '/I *refs:/ { gsub(",", "", $NF); print $NF / 1e6 }'
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
        cost "${with_plugin[@]}" "$file" -o "$work/ame.o" >>"$work/$shape.ame"
    done
    plain=$(median <"$work/$shape.plain")
    ours=$(median <"$work/$shape.ame")
    echo "$shape functions, $(wc -l <"$file") lines, $(grep -c 'atomic {' "$file") blocks:" \
        "clang $plain, with the plugin $ours $unit, $(awk "BEGIN { printf \"%.2f\", $ours / $plain }") times"
done
