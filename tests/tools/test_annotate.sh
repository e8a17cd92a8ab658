#!/usr/bin/env bash
# ame annotate and ame diff.
. "$(dirname "$0")/check.sh"
places=$2 stripped=$3

line() { grep -n "LINE-$1" "$here/places.c" | cut -d: -f1; }
narrow() { awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"; }

run 0 "$ame" record "$places"
run 0 "$ame" annotate
narrow
# sum_up's line lost 3 aborts and a wait, and was in the way of 2; transfer's and the block's own.
grep -qE "^ +[0-9.]+ % +[0-9.]+ % +$(line sum)  +const void \*place = barrier\(\);" out ||
    fail "no costs at the line of sum_up: $(cat out)"
grep -qE "^ +[0-9.]+ % +$(($(line pay) + 1))  static" out || fail "no committed time: $(cat out)"
grep -qE "^ +\.\.\.$" out || fail "nothing left out"
has out "places.c"
run 0 "$ame" annotate -c 0 places.c
[ "$(grep -cE '^.{23} *[0-9]+  ' out)" = 3 ] || fail "not three lines: $(cat out)"
run 1 "$ame" annotate other.c
one_message
run 0 "$ame" annotate bank.c
has out "bank.c" "(the file can't be read)"
run 0 "$ame" record "$stripped" conflicts
run 1 "$ame" annotate places.c
one_message
run 2 "$ame" annotate -c much
one_message

run 0 "$ame" record -o before.data "$places"
run 0 "$ame" record -o after.data "$places" one
run 0 "$ame" diff before.data after.data
narrow
tr -s ' \n' ' ' <out >joined
has joined "blocks committed 2 1 -50.0 %" "attempts aborted 7 0 -100.0 %" "commits 1 1" \
    "aborts and waits 6 0" "sum_up (" "take ("
grep -A2 '^Conflicts' out | grep -q gone || fail "the conflict is not gone: $(cat out)"
run 0 "$ame" diff after.data before.data
grep -A2 '^Conflicts' out | grep -q new || fail "the conflict is not new: $(cat out)"
run 0 "$ame" diff before.data before.data
grep '^  attempts aborted' out | grep -q '+0.0 %' || fail "a difference from itself: $(cat out)"
run 2 "$ame" diff before.data
one_message
run 1 "$ame" diff before.data nothing
one_message
run 2 "$ame" diff --what
one_message
finish
