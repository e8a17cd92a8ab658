#!/usr/bin/env bash
# ame stat: counts of known recordings, and the program's own output and status.
. "$(dirname "$0")/check.sh"
places=$2

line() { grep -n "LINE-$1" "$here/places.c" | cut -d: -f1; }
narrow() { awk 'length > 80 { exit 1 }' "$1" || fail "wider than 80 columns: $(cat "$1")"; }

run 3 "$ame" stat -- "$places" conflicts 3
[ ! -s out ] || fail "something on standard output, which is the program's"
narrow err
tr -s ' \n' ' ' <err >joined
has joined "2 blocks committed" "1 in hardware 50.0 %" "1 in software 50.0 %" "0 alone" \
    "7 attempts aborted 77.8 % of attempts" "1 thread" "Threads, and the sum of the parts"
# worker: one commit, three aborts; pay: one commit in hardware, four aborts for three reasons.
has joined "worker (bank.c:40) committed 1 hardware 0, software 1, alone 0" \
    "aborted 3 75.0 % of attempts in software 3 what was read has changed" \
    "committed 1 hardware 1, software 0, alone 0" "in software 2 gave way to an older block" \
    "left hardware 1 conflict in hardware 1 too large for hardware"
[ -z "$(ls "${TMPDIR:-/tmp}"/ame-stat-* 2>/dev/null)" ] || fail "the recording is left behind"

run 0 "$ame" stat "$places" serial
tr -s ' \n' ' ' <err >joined
has joined "committed 4 hardware 0, software 0, alone 4" "in software 1 asked to run alone" \
    "alone for 1 printf, print_out (" "places.c:$(line print))" \
    "alone for 1 the compiler: it has no transactional version"

run 0 "$ame" record "$places"
run 0 "$ame" stat sh -c 'echo "mode $AME_MODE"; exec "$0" one' "$places"
has_not out "mode stm"
run 0 "$ame" stat --software sh -c 'echo "mode $AME_MODE"; exec "$0" one' "$places"
has out "mode stm"
run 2 "$ame" stat --software -i ame.data
one_message
run 0 "$ame" stat -i ame.data
has out "2  blocks committed"
run 0 "$ame" stat sh -c 'echo "$0"' -x
has out "-x"
one_message
has err "ran no atomic block"
run 137 "$ame" stat "$places" killed
has err "signal 9" "the recording has no end"
run 127 "$ame" stat ./not-there
one_message
TMPDIR=/nowhere run 1 "$ame" stat "$places"
one_message
has err "TMPDIR"
run 1 "$ame" stat -i nothing
one_message
run 2 "$ame" stat
one_message
run 2 "$ame" stat -i ame.data "$places"
one_message
run 2 "$ame" stat --what
one_message
finish
