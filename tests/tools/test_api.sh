#!/usr/bin/env bash
# Recordings that the program begins, ends and marks: <ame/record.h>.
. "$(dirname "$0")/check.sh"
json_check=$2
flags=${3-} # those that the runtime was built with (sanitizers)

# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -Wall -Werror "$here/parts.c" -o parts
run 0 ./parts
one_message
has err "/nowhere/at/all"
[ "$(ls -- *.data | tr '\n' ' ')" = "first.data second.data " ] || fail "other recordings: $(ls)"

# What ran while they were on, and no more.
run 0 "$ame" report -i first.data
has out "blocks    200002 committed" "2 threads with blocks" "begin of the first" "by-pthread" \
    "a name by ame_rec"
has_not out "note:"
has_not out "not recorded"
awk '/^Threads/ { on = 1; getline; next } /^$/ { on = 0 }
     on { threads++; for (i = 1; i < NF; i++) if ($(i + 1) == "%") sum = $i
          if (sum < 99.5 || sum > 100.5) exit 1 } END { exit threads != 2 }' out ||
    fail "time is not conserved: $(cat out)"
run 0 "$ame" report -i second.data
has out "blocks    200006 committed" "in the second" "by-pthread"
has_not out "note:"
has_not out "begin of the first"

run 0 "$ame" export -i second.data
"$json_check" out /marks/0/text "in the second" /marks/0/time_s "*" /marks/0/thread "*" ||
    fail "no mark in JSON"
run 0 "$ame" export -f chrome -i second.data
has out '"ph":"i","name":"in the second"' "by-pthread ("

run 0 "$ame" timeline -i second.data
has out "by-pthread" "marks " "1 in the second"

# One that `ame record` began is not ended by another.
run 0 "$ame" record ./parts busy
[ ! -e other.data ] || fail "a second recording at the same time"
run 0 "$ame" report
has out "in the first" "blocks    1 committed"
finish

# One path for several: none is overwritten.
run 0 ./parts again
has err "again.data exists already; the recording goes to again.data."
[ "$(ls -- again.data* | sed -E 's/[.][0-9]+/.PID/' | tr '\n' ' ')" = "again.data again.data.PID again.data.PID.2 " ] ||
    fail "three recordings to one path: $(ls)"
