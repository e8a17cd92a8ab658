#!/usr/bin/env bash
# hive.sh [BUILD [SECONDS [PICTURE]]]: runs bench/hive, prints its table and draws PICTURE.png and
# PICTURE.svg (docs/hive if not given).
set -u
build=${1:-build/release}
seconds=${2:-1}
picture=${3:-docs/hive}
hive=$build/bench/hive/hive
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "hive.sh: $*" >&2
    exit 1
}

[ -x "$hive" ] || fail "$hive is not there; build it first: cmake --build --preset release"
command -v gnuplot >/dev/null || fail "gnuplot is not there; sh cmake/setup.sh installs it"
"$hive" "$seconds" >"$work/said" || fail "$hive ended with status $?"
grep -v '^plot' "$work/said"

# No change has no place on a logarithmic axis: it stands at 0.3.
for entries in 10 1000 1000000; do
    awk -v entries=$entries '$1 == "plot" && $2 == entries { print ($3 ? $3 : 0.3), $4, $5, $6 }' \
        "$work/said" >"$work/$entries"
    [ -s "$work/$entries" ] || fail "$hive printed no figures for $entries entries"
done

draw() { # TERMINAL FILE
    gnuplot <<END
set terminal $1
set output "$2"
set multiplot layout 1,3 title "A map goes to a worker, which changes some entries, and comes back"
set logscale xy
set format y "10^{%L}"
set xlabel "changed entries"
set ylabel "microseconds"
set yrange [0.1:1e8]
set grid ytics
set key top left
set style data linespoints
plots(file) = sprintf("%s/%s", "$work", file)
do for [n in "10 1000 1000000"] {
    set title sprintf("%s entries", n)
    set xtics ("0" 0.3, "1" 1, "10" 10, "100" 100, "10^3" 1000, "10^6" 1000000)
    set xrange [0.2:(n + 0) * 2]
    plot plots(n) using 1:3 title "MessagePack" pt 5 lc rgb "#c44e52", \
         plots(n) using 1:4 title "copy" pt 9 lc rgb "#8c8c8c", \
         plots(n) using 1:2 title "ame\\\\_map" pt 7 lw 2 lc rgb "#4c72b0"
}
END
}

draw "pngcairo size 1200,420 font 'sans,10'" "$picture.png" && draw "svg size 1200,420" "$picture.svg" ||
    fail "gnuplot could not draw $picture.png and $picture.svg"
echo "drawn: $picture.png, $picture.svg"
