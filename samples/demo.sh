#!/usr/bin/env bash
# demo.sh BUILD - what the project is for, in about a minute: one atomic block for each package
# of Debian, right in every mode, and how the profiler leads from a slow program to a fast one.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: demo.sh BUILD (the build directory; \`make demo\` makes it and runs this)" >&2
    exit 2
fi
build=$(realpath "$1")
ame=$build/tools/ame
pkggraph=$build/samples/pkggraph/pkggraph
work=$build/demo
threads=2
rounds=5
unset AME_MODE AME_RECORD

for program in "$ame" "$pkggraph"; do
    if [ ! -x "$program" ]; then
        echo "demo.sh: $program is not there; build first: cmake --build $build" >&2
        exit 1
    fi
done
mkdir -p "$work"

heading() {
    printf '\n==== %s\n\n' "$*"
}

# The index of the whole archive where apt has one, else that of this system.
choose_index() {
    index=$work/index
    if ! apt-cache dumpavail >"$index" 2>/dev/null; then
        : >"$index"
    fi
    if [ "$(grep -c '^Package:' "$index" || true)" -gt 1000 ]; then
        return
    fi
    index=/var/lib/dpkg/status
    if [ ! -r "$index" ]; then
        echo "demo.sh: no package index: apt-cache knows no packages and $index is not" \
            "readable; run on Debian, after apt-get update" >&2
        exit 1
    fi
    echo "apt-cache knows fewer than 1000 packages (apt-get update would get them all), so this is" \
        "the index of the installed packages, $index. Times will be short."
}

show_tables() {
    heading "The package graph: one atomic block walks the closure of each package"
    "$pkggraph" --threads $threads "$index"
}

# Every mode, thread count and way to count against plain C in one thread.
compare_runs() {
    local mode number count runs=0
    heading "The same result in every mode, with 1 to 16 threads"
    "$pkggraph" --serial "$index" >"$work/serial.out"
    for mode in auto htm hybrid stm serial; do
        for number in 1 2 4 16; do
            for count in plain commutative; do
                if ! AME_MODE=$mode "$pkggraph" --threads $number --count $count "$index" \
                    >"$work/blocks.out" 2>"$work/messages"; then
                    cat "$work/messages" >&2
                    exit 1
                fi
                if ! cmp -s "$work/serial.out" "$work/blocks.out"; then
                    echo "demo.sh: AME_MODE=$mode, $number threads, --count $count: not the" \
                        "report of --serial; compare $work/serial.out and $work/blocks.out" >&2
                    exit 1
                fi
                runs=$((runs + 1))
            done
        done
    done
    echo "identical in $runs runs: 4 modes x 1, 2, 4, 16 threads x 2 ways to count, and plain C"
}

# Two texts in columns of 80, or one under the other where the terminal is narrow.
side_by_side() {
    local -a left right
    local i rows
    if [ -t 1 ] && [ "$(tput cols 2>/dev/null || echo 80)" -lt 163 ]; then
        cat "$1"
        echo
        cat "$2"
        return
    fi
    mapfile -t left <"$1"
    mapfile -t right <"$2"
    rows=$((${#left[@]} > ${#right[@]} ? ${#left[@]} : ${#right[@]}))
    for ((i = 0; i < rows; i++)); do
        printf '%s%*s | %s\n' "${left[i]-}" $((${#left[i]} < 80 ? 80 - ${#left[i]} : 0)) "" \
            "${right[i]-}"
    done
}

# The conflict profiler on the two ways to count.
show_profiles() {
    local count
    heading "Where the blocks conflict: a count in a long (plain), and in an ame_counter"
    for count in plain commutative; do
        "$ame" record -o "$work/$count.ame" -- \
            "$pkggraph" --threads $threads --count $count "$index" >/dev/null
        {
            echo "pkggraph --count $count"
            echo
            "$ame" report -i "$work/$count.ame"
        } >"$work/$count.report"
    done
    echo
    side_by_side "$work/plain.report" "$work/commutative.report"
}

# time_of OPTION...: seconds of the loop, the median of five walks.
time_of() {
    "$pkggraph" "$@" --repeat 5 --time "$index" 2>&1 >/dev/null | awk '/^loop:/ { print $2 }'
}

# speed_line TITLE FILE: the median of the times in FILE, and against that of plain C.
speed_line() {
    local median serial
    median=$(sort -n "$2" | sed -n "$((rounds / 2 + 1))p")
    serial=$(sort -n "$work/serial.times" | sed -n "$((rounds / 2 + 1))p")
    awk -v title="$1" -v median="$median" -v serial="$serial" 'BEGIN {
        printf "  %-44s %8.1f ms   %5.2f times as fast\n", title, median * 1000, serial / median }'
}

show_speed() {
    local round
    heading "How fast: medians of $rounds runs in turn, $threads threads against plain C in one"
    rm -f "$work"/*.times
    for ((round = 0; round < rounds; round++)); do
        time_of --serial >>"$work/serial.times"
        time_of --threads $threads --count plain >>"$work/plain.times"
        time_of --threads $threads --count commutative >>"$work/commutative.times"
    done
    speed_line "plain C, one thread, no blocks" "$work/serial.times"
    speed_line "blocks, count in a long (conflicts)" "$work/plain.times"
    speed_line "blocks, count in an ame_counter" "$work/commutative.times"
}

choose_index
show_tables
compare_runs
show_profiles
show_speed
